import Ground
import Wire

/// One file of a set, as the manifest names it.
package struct ManifestEntry: Equatable, Sendable {
  /// The size, 0 ..< 2^63 bytes.
  package var byteCount: UInt64
  /// Last modification, nanoseconds since 1970 (UTC); may be negative.
  package var modificationTimeNanoseconds: Int64
  /// Permission bits, 0 ... 0o777.
  package var mode: UInt16
  /// The relative path, `SafeName`'s rules; UTF-8.
  package var name: String

  package init(byteCount: UInt64, modificationTimeNanoseconds: Int64, mode: UInt16, name: String) {
    self.byteCount = byteCount
    self.modificationTimeNanoseconds = modificationTimeNanoseconds
    self.mode = mode & 0o777
    self.name = name
  }

}

/// The contents of a set: its files in the order of the bytes of their names. The first chunks of every
/// session carry the manifest.
///
/// Bytes, big-endian: u32 "GMF1", u32 entry count, then the entries (Specs/chunked-udp.md §5). The manifest
/// of a signed set begins with "GMF2", and each entry ends with the digests of its file's segments (§3.6).
package struct Manifest: Equatable, Sendable {
  /// "GMF1".
  package static let magic: UInt32 = 0x474D_4631
  /// "GMF2".
  package static let signedMagic: UInt32 = 0x474D_4632

  /// Ascending by name bytes, no name twice.
  package let entries: [ManifestEntry]
  /// The sum of all files' sizes, < 2^63 bytes.
  package let fileByteCount: UInt64
  /// Of a signed set; nil in all others.
  package private(set) var segments: SegmentDigests?

  /// Makes a manifest of these files and sorts them.
  ///
  /// Throws `tooManyFiles`, `manifestTooLarge`, `unsafeName`, `namesCollide` (one name twice), or
  /// `invalidManifest` when the sizes add up to 2^63 bytes or more.
  package init(entries unsorted: [ManifestEntry]) throws(FileSetError) {
    let entries = unsorted.sorted { isAscending($0.name, $1.name) }
    guard entries.count <= ManifestSize.fileCountLimit else { throw .tooManyFiles(count: entries.count) }
    for (index, entry) in entries.enumerated() {
      if let problem = SafeName.problem(in: Array(entry.name.utf8).span) {
        throw .unsafeName(name: entry.name, reason: problem)
      }
      if index > 0, !isAscending(entries[index - 1].name, entry.name) {
        throw .namesCollide(first: entries[index - 1].name, second: entry.name)
      }
    }
    guard let total = Self.totalByteCount(entries) else {
      throw .invalidManifest(reason: "the sizes add up to 2^63 bytes or more")
    }
    self.entries = entries
    self.fileByteCount = total
    guard encodedByteCount <= ManifestSize.limit else {
      throw .manifestTooLarge(byteCount: encodedByteCount)
    }
  }

  /// For the decoder, which has checked the entries.
  init(checked entries: [ManifestEntry], fileByteCount: UInt64, segments: SegmentDigests?) {
    self.entries = entries
    self.fileByteCount = fileByteCount
    self.segments = segments
  }

  /// The same with the digests of its segments.
  func with(_ segments: SegmentDigests) -> Manifest {
    var manifest = self
    manifest.segments = segments
    return manifest
  }

  /// The length of `encoded()`, bytes.
  package var encodedByteCount: Int {
    entries.reduce(ManifestSize.headerByteCount + (segments?.bytes.count ?? 0)) {
      $0 + ManifestSize.entryHeaderByteCount + $1.name.utf8.count
    }
  }

  /// The manifest's bytes.
  package func encoded() -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(encodedByteCount)
    bytes.appendBigEndian(segments == nil ? Self.magic : Self.signedMagic)
    bytes.appendBigEndian(UInt32(entries.count))
    for (file, entry) in entries.enumerated() {
      bytes.appendBigEndian(entry.byteCount)
      bytes.appendBigEndian(entry.modificationTimeNanoseconds)
      bytes.appendBigEndian(entry.mode)
      bytes.appendBigEndian(UInt16(entry.name.utf8.count))
      bytes.append(contentsOf: entry.name.utf8)
      if let segments { bytes += segments.digests(ofFile: file) }
    }
    return bytes
  }

  private static func totalByteCount(_ entries: [ManifestEntry]) -> UInt64? {
    var total: UInt64 = 0
    for entry in entries {
      let (sum, overflow) = total.addingReportingOverflow(entry.byteCount)
      guard !overflow, sum <= UInt64(Int64.max) else { return nil }
      total = sum
    }
    return total
  }
}

/// Whether `first` comes before `second` by their UTF-8 bytes. (Swift's own order goes by Unicode form.)
private func isAscending(_ first: String, _ second: String) -> Bool {
  first.utf8.lexicographicallyPrecedes(second.utf8)
}
