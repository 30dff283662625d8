import Ground
import Wire

extension Manifest {
  /// Reads a manifest's bytes, which may be hostile. Pure, so that the fuzzer can call it. `isSigned`: that
  /// of a signed set is expected, and no other; without it no signed one.
  ///
  /// Throws `invalidManifest`, or `unsafeName` for a name that could leave the inbox.
  package init(decoding bytes: Span<UInt8>, isSigned: Bool = false) throws(FileSetError) {
    guard bytes.count >= ManifestSize.headerByteCount else {
      throw .invalidManifest(reason: "\(bytes.count) bytes")
    }
    guard bytes.count <= ManifestSize.limit else { throw .invalidManifest(reason: "\(bytes.count) bytes") }
    guard bytes.bigEndianUInt32(at: 0) == (isSigned ? Self.signedMagic : Self.magic) else {
      throw .invalidManifest(reason: "no \(isSigned ? "GMF2" : "GMF1") at its start")
    }
    let count = Int(bytes.bigEndianUInt32(at: 4))
    // This check comes before memory is reserved: the announced number of entries must fit into the bytes at
    // hand.
    guard
      isSigned
        ? count <= bytes.count / ManifestSize.entryHeaderByteCount
        : ManifestSize.isPossible(byteCount: bytes.count, fileCount: count)
    else {
      throw .invalidManifest(reason: "\(count) entries in \(bytes.count) bytes")
    }
    var entries: [ManifestEntry] = []
    entries.reserveCapacity(count)
    var total: UInt64 = 0
    var position = ManifestSize.headerByteCount
    var previousName = 0..<0
    var digests: [UInt8] = []
    for index in 0..<count {
      let name = try Self.nameRange(in: bytes, entryAt: position, index: index)
      if index > 0, !precedes(bytes.extracting(previousName), bytes.extracting(name)) {
        throw .invalidManifest(reason: "entry \(index) is not in the order of names")
      }
      let entry = try Self.entry(in: bytes, at: position, name: name, index: index)
      total = try Self.adding(entry.byteCount, to: total)
      entries.append(entry)
      previousName = name
      position = name.upperBound
      guard isSigned else { continue }
      let places = try Self.digestRange(in: bytes, from: position, entry, index: index)
      bytes.extracting(places).withUnsafeBufferPointer { digests += $0 }
      position = places.upperBound
    }
    guard position == bytes.count else {
      throw .invalidManifest(reason: "\(bytes.count - position) bytes too many")
    }
    let segments = isSigned ? SegmentDigests(digests, fileByteCounts: entries.map(\.byteCount)) : nil
    self.init(checked: entries, fileByteCount: total, segments: segments)
  }

  /// The range of the digests behind an entry's name, checked against the end of the bytes. The sizes of all
  /// entries so far add up to less than 2^63.
  private static func digestRange(
    in bytes: Span<UInt8>, from start: Int, _ entry: ManifestEntry, index: Int
  ) throws(FileSetError) -> Range<Int> {
    let byteCount = Int(ManifestSize.segmentCount(entry.byteCount)) * ManifestSize.segmentDigestByteCount
    guard byteCount <= bytes.count - start else {
      throw .invalidManifest(reason: "the digests of entry \(index) are cut off")
    }
    return start..<start + byteCount
  }

  /// The range of the name of the entry at `position`, checked against the end of the bytes.
  private static func nameRange(
    in bytes: Span<UInt8>, entryAt position: Int, index: Int
  ) throws(FileSetError) -> Range<Int> {
    let start = position + ManifestSize.entryHeaderByteCount
    guard start <= bytes.count else { throw .invalidManifest(reason: "entry \(index) is cut off") }
    let end = start + Int(bytes.bigEndianUInt16(at: position + 18))
    guard end <= bytes.count else { throw .invalidManifest(reason: "entry \(index) is cut off") }
    return start..<end
  }

  private static func entry(
    in bytes: Span<UInt8>, at position: Int, name range: Range<Int>, index: Int
  ) throws(FileSetError) -> ManifestEntry {
    let nameBytes = bytes.extracting(range)
    let decoded = nameBytes.withUnsafeBufferPointer { String(validating: $0, as: UTF8.self) }
    if let problem = SafeName.problem(in: nameBytes) {
      throw .unsafeName(name: decoded ?? "entry \(index)", reason: problem)
    }
    guard let name = decoded else {
      throw .invalidManifest(reason: "the name of entry \(index) is not UTF-8")
    }
    let mode = bytes.bigEndianUInt16(at: position + 16)
    guard mode <= 0o777 else { throw .invalidManifest(reason: "entry \(index) has mode \(mode)") }
    return ManifestEntry(
      byteCount: bytes.bigEndianUInt64(at: position),
      modificationTimeNanoseconds: Int64(bitPattern: bytes.bigEndianUInt64(at: position + 8)), mode: mode,
      name: name)
  }

  private static func adding(_ byteCount: UInt64, to total: UInt64) throws(FileSetError) -> UInt64 {
    let (sum, overflow) = total.addingReportingOverflow(byteCount)
    guard !overflow, sum <= UInt64(Int64.max) else {
      throw .invalidManifest(reason: "the sizes add up to 2^63 bytes or more")
    }
    return sum
  }
}

/// Whether `first` comes before `second`, byte by byte; a proper prefix comes first.
private func precedes(_ first: Span<UInt8>, _ second: Span<UInt8>) -> Bool {
  for index in 0..<min(first.count, second.count) where first[index] != second[index] {
    return first[index] < second[index]
  }
  return first.count < second.count
}
