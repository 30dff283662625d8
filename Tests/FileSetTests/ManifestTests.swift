import FileSet
import Ground
import Testing

private func entry(_ name: String, _ byteCount: UInt64 = 1, time: Int64 = 0, mode: UInt16 = 0o644)
  -> ManifestEntry
{
  ManifestEntry(byteCount: byteCount, modificationTimeNanoseconds: time, mode: mode, name: name)
}

@Suite struct ManifestTests {
  /// Byte for byte what Specs/chunked-udp.md lays out.
  @Test func vector() throws {
    let manifest = try Manifest(entries: [
      entry("b/é.jpg", 0x0102, time: -1, mode: 0o600), entry("a", 3, time: 4),
    ])
    let bytes: [UInt8] =
      [0x47, 0x4D, 0x46, 0x31, 0, 0, 0, 2]
      + [0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 4, 0x01, 0xA4, 0, 1, 0x61]
      + [0, 0, 0, 0, 0, 0, 1, 2, 255, 255, 255, 255, 255, 255, 255, 255, 0x01, 0x80, 0, 8]
      + [0x62, 0x2F, 0xC3, 0xA9, 0x2E, 0x6A, 0x70, 0x67]
    #expect(manifest.encoded() == bytes)
    #expect(manifest.encodedByteCount == bytes.count)
    #expect(manifest.fileByteCount == 0x0105)
    #expect(try Manifest(decoding: bytes.span) == manifest)
  }

  @Test func roundTripOfManyNames() throws {
    let manifest = try Manifest(
      entries: (0..<1_000).map { entry("folder \($0 % 7)/ñ-\($0).jpg", UInt64($0) << 20) })
    #expect(try Manifest(decoding: manifest.encoded().span) == manifest)
  }

  @Test func noFiles() throws {
    let manifest = try Manifest(entries: [])
    #expect(try Manifest(decoding: manifest.encoded().span).entries.isEmpty)
  }

  @Test func everyPrefixIsRefused() throws {
    let bytes = try Manifest(entries: [entry("a"), entry("b"), entry("c/d")]).encoded()
    for count in 0..<bytes.count {
      #expect(throws: FileSetError.self) { try Manifest(decoding: bytes.span.extracting(first: count)) }
    }
    #expect(throws: FileSetError.invalidManifest(reason: "1 bytes too many")) {
      try Manifest(decoding: (bytes + [0]).span)
    }
  }

  @Test func ordersByBytesNotByUnicode() throws {
    // By Unicode form "é" (e + accent) would come before "f"; by bytes U+00E9 comes after.
    let names = ["Z", "a", "a.jpg", "a/b", "f", "\u{E9}"]
    #expect(try Manifest(entries: names.reversed().map { entry($0) }).entries.map(\.name) == names)
  }

  @Test func oneNameTwiceIsRefused() {
    #expect(throws: FileSetError.namesCollide(first: "a", second: "a")) {
      try Manifest(entries: [entry("a"), entry("b"), entry("a")])
    }
  }

  @Test func sizesBeyond63BitsAreRefused() throws {
    #expect(throws: FileSetError.invalidManifest(reason: "the sizes add up to 2^63 bytes or more")) {
      try Manifest(entries: [entry("a", 1 << 62), entry("b", 1 << 62)])
    }
    let overflowing = rawManifest([
      RawEntry(name: [0x61], byteCount: .max), RawEntry(name: [0x62], byteCount: 2),
    ])
    #expect(throws: FileSetError.invalidManifest(reason: "the sizes add up to 2^63 bytes or more")) {
      try Manifest(decoding: overflowing.span)
    }
  }

  @Test func anAnnouncedCountReservesNothing() {
    var bytes: [UInt8] = [0x47, 0x4D, 0x46, 0x31, 0xFF, 0xFF, 0xFF, 0xFF]
    bytes += [UInt8](repeating: 0, count: 100)
    #expect(throws: FileSetError.invalidManifest(reason: "4294967295 entries in 108 bytes")) {
      try Manifest(decoding: bytes.span)
    }
  }

  @Test(arguments: [
    ("../evil.jpg", "it would leave the folder by \"..\""), ("/etc/passwd", "it has an empty component"),
    ("a/../../evil", "it would leave the folder by \"..\""), ("a\0.jpg", "it holds a NUL"),
    ("", "the name is empty"),
    (String(repeating: "x", count: 256), "a component is longer than 255 bytes"),
  ])
  func hostileNamesAreRefused(name: String, problem: String) {
    // One more entry, so that even an empty name passes the check of the count.
    let bytes = rawManifest([RawEntry(name: Array(name.utf8)), RawEntry(name: [0xF0, 0x9F, 0x98, 0x80])])
    #expect(throws: FileSetError.unsafeName(name: name, reason: problem)) {
      try Manifest(decoding: bytes.span)
    }
  }

  @Test(arguments: [
    ([RawEntry(name: [0x62]), RawEntry(name: [0x61])], "entry 1 is not in the order of names"),
    ([RawEntry(name: [0x61]), RawEntry(name: [0x61])], "entry 1 is not in the order of names"),
    ([RawEntry(name: [0x61, 0xFF])], "the name of entry 0 is not UTF-8"),
    ([RawEntry(name: [0xC0, 0xAE])], "the name of entry 0 is not UTF-8"),
    ([RawEntry(name: [0x61], mode: 0o4755)], "entry 0 has mode 2541"),
  ])
  func brokenRulesAreRefused(entries: [RawEntry], reason: String) {
    #expect(throws: FileSetError.invalidManifest(reason: reason)) {
      try Manifest(decoding: rawManifest(entries).span)
    }
  }

  /// Damage anywhere is refused or read as another valid manifest; it never traps.
  @Test(arguments: 1...UInt64(20))
  func damagedManifestsNeverTrap(seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    let whole = try Manifest(entries: (0..<20).map { entry("folder/ü \($0).jpg") }).encoded()
    var refused = 0
    for _ in 0..<500 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(
          in: 0...255, using: &generator)
      }
      if Bool.random(using: &generator) {
        bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator))
      }
      if !FileSetFuzzing.decode(bytes.span) { refused += 1 }
    }
    #expect(refused > 0)
    #expect(FileSetFuzzing.decode(whole.span) == true)
  }
}

/// An entry with no rule kept.
struct RawEntry: Sendable {
  var name: [UInt8]
  var byteCount: UInt64 = 1
  var mode: UInt16 = 0o644
}

func rawManifest(_ entries: [RawEntry]) -> [UInt8] {
  func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
  }
  return entries.reduce([0x47, 0x4D, 0x46, 0x31] + bigEndian(UInt32(entries.count))) {
    $0 + bigEndian($1.byteCount) + bigEndian(Int64(0)) + bigEndian($1.mode) + bigEndian(UInt16($1.name.count))
      + $1.name
  }
}
