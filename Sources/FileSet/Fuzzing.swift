import Checksum
import Ground
import Wire

/// The room's entry for fuzzers.
package enum FileSetFuzzing {
  /// Decodes arbitrary bytes as a manifest. Returns whether they were valid. Pure.
  ///
  /// Traps when a manifest that was read is not written back as the same bytes, or does not pass its own
  /// checks. Both are defects of the program.
  package static func decode(_ bytes: Span<UInt8>) -> Bool {
    var isValid = false
    if let manifest = try? Manifest(decoding: bytes) {
      isValid = true
      precondition(isEqual(manifest.encoded(), bytes), "a manifest's bytes are not canonical")
      precondition(
        (try? Manifest(entries: manifest.entries)) == manifest, "a decoded manifest breaks the rules")
    }
    return isValid
  }

  /// Reads arbitrary records as those of the map of a set of two files, each with its right CRC32. Returns
  /// how many chunks they name. Traps when a record names a chunk that is none of the set's, or one twice.
  package static func readMap(_ records: Span<UInt8>) -> UInt64 {
    let entries = [(9_000, "a"), (2_999, "b")].map {
      ManifestEntry(byteCount: $0.0, modificationTimeNanoseconds: 0, mode: 0o600, name: $0.1)
    }
    guard let manifest = try? Manifest(entries: entries),
      let layout = try? SetLayout(
        manifestByteCount: manifest.encoded().count, fileByteCounts: entries.map(\.byteCount),
        chunkByteCount: 1_000)
    else { return 0 }
    let key = PartKey(shape: layout.shape, identity: SetIdentity(of: manifest.encoded().span))
    let header = PartMap.header(key)
    var bytes = header
    for index in records.indices { bytes.append(records[index]) }
    sign(&bytes, from: header.count)
    guard let contents = PartMap.read(bytes.span, key: key) else { return 0 }
    let selection = PartMapSelection(contents, manifest: manifest, layout: layout)
    let resumed = selection.resumed(bytes.span)
    var end = layout.manifestChunks.upperBound
    for chunks in resumed.chunks {
      precondition(
        chunks.lowerBound >= end && chunks.upperBound <= layout.totalChunkCount, "no chunk of a file")
      end = chunks.upperBound
    }
    let rewritten = selection.rewritten(bytes, header: header)
    precondition(PartMap.read(rewritten.span, key: key) != nil, "a map that was written anew is none")
    return resumed.chunks.reduce(0) { $0 + UInt64($1.count) }
  }

  /// Reads arbitrary records as those of an inbox's verified files, each with its right CRC32. Returns how
  /// many files they name. Traps when a record that was read is not written back as the same record.
  package static func readRecords(_ records: Span<UInt8>) -> Int {
    let header = FileRecord.header(inboxPath: "/inbox")
    var bytes = header
    for index in records.indices { bytes.append(records[index]) }
    for place in FileRecord.places(bytes.span, from: header.count) {
      let checksum = CRC32.checksum(bytes.span.extracting(place.lowerBound..<place.upperBound - 4))
      write(checksum, to: &bytes, at: place.upperBound - 4)
    }
    guard let contents = FileRecord.read(bytes.span, inboxPath: "/inbox") else { return 0 }
    precondition(contents.synced.isSubset(of: contents.records.keys), "a file on the disk that has no record")
    for record in contents.records.values {
      var again = header
      record.append(to: &again)
      let read = FileRecord.read(again.span, inboxPath: "/inbox")
      precondition(read?.records == [record.name: record], "a record is not read as it was written")
    }
    return contents.records.count
  }

  private static func write(_ number: UInt32, to bytes: inout [UInt8], at start: Int) {
    for place in 0..<4 { bytes[start + place] = UInt8(truncatingIfNeeded: number >> UInt32(24 - 8 * place)) }
  }

  /// Gives each record that is long enough its CRC32.
  private static func sign(_ bytes: inout [UInt8], from start: Int) {
    var start = start
    while bytes.count - start >= PartMap.fixedByteCount {
      let isChunks = bytes.span.bigEndianUInt32(at: start) == PartMap.chunksTag
      let count = isChunks ? Int(bytes.span.bigEndianUInt32(at: start + 8)) : 0
      let end = start + PartMap.fixedByteCount + 4 * count
      guard end <= bytes.count else { return }
      write(CRC32.checksum(bytes.span.extracting(start..<end - 4)), to: &bytes, at: end - 4)
      start = end
    }
  }

  private static func isEqual(_ array: [UInt8], _ span: Span<UInt8>) -> Bool {
    array.count == span.count && array.indices.allSatisfy { array[$0] == span[$0] }
  }
}
