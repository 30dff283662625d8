import Checksum
import Wire

/// Chunks read back and chunks rebuilt, for the blocks that parity covers, Specs/chunked-udp.md §2.2.
extension ReceivedSet {
  /// Bytes of a chunk below the set's total; nil while that is not known.
  package func payloadByteCount(of chunk: UInt32) -> Int? {
    if let layout { return layout.payloadByteCount(of: chunk, hint: &hint) }
    return UInt64(chunk) < shape.manifestChunkCount ? manifestChunkByteCount(chunk) : nil
  }

  private func manifestChunkByteCount(_ chunk: UInt32) -> Int {
    min(shape.chunkByteCount, shape.manifestByteCount - Int(chunk) * shape.chunkByteCount)
  }

  /// Copies the bytes of a chunk that was accepted: from the file, or from where it waits for the manifest.
  /// `buffer` has room for a full chunk. Returns how many bytes these are; nil when they cannot be read any
  /// more, as when somebody changed a file that has its name already.
  package func readBack(_ chunk: UInt32, into buffer: UnsafeMutableRawBufferPointer) -> Int? {
    if UInt64(chunk) < shape.manifestChunkCount { return readBackManifest(chunk, into: buffer) }
    guard let layout else { return held.copy(chunk, chunkByteCount: shape.chunkByteCount, to: buffer) }
    let place = layout.run(from: chunk, limit: 1, hint: &hint)
    return readBack(place, into: buffer) ? place.byteCount : nil
  }

  /// The same for consecutive chunks, when the manifest is known: chunk i's bytes go to i times the length of
  /// a full chunk. `found` gets the place and the length of each that could be read.
  package func readBack(
    first: UInt32, count: Int, into buffer: UnsafeMutableRawBufferPointer, found: (Int, Int) -> Void
  ) {
    guard let layout else { return }
    var done = 0
    while done < count {
      let place = layout.run(from: first + UInt32(done), limit: count - done, hint: &hint)
      let target = UnsafeMutableRawBufferPointer(rebasing: buffer[(done * shape.chunkByteCount)...])
      if readBack(place, into: target) {
        for index in 0..<place.count {
          found(done + index, index + 1 == place.count ? place.lastByteCount : shape.chunkByteCount)
        }
      }
      done += place.count
    }
  }

  /// Chunks that lie side by side in one file. False when they cannot be read.
  private func readBack(_ place: ChunkRun, into buffer: UnsafeMutableRawBufferPointer) -> Bool {
    guard case .file(let file) = place.kind, let entry = manifest?.entries[file] else { return false }
    let left = entry.byteCount - min(entry.byteCount, place.offset)
    let dataByteCount = Int(min(UInt64(place.byteCount), left))
    let data = UnsafeMutableRawBufferPointer(rebasing: buffer[..<dataByteCount])
    guard store.readBack(file: file, entry: entry, offset: place.offset, into: data) else { return false }
    let digest = digests?.sentDigest(ofFile: file) ?? 0
    for position in dataByteCount..<place.byteCount {
      let byte = place.offset + UInt64(position) - entry.byteCount
      buffer[position] = UInt8(truncatingIfNeeded: digest >> UInt32(8 * byte))
    }
    return true
  }

  private func readBackManifest(_ chunk: UInt32, into buffer: UnsafeMutableRawBufferPointer) -> Int? {
    let start = Int(chunk) * shape.chunkByteCount
    let byteCount = manifestChunkByteCount(chunk)
    let target = UnsafeMutableRawBufferPointer(rebasing: buffer[..<byteCount])
    guard manifest != nil else { return manifestBytes.copy(from: start, to: target) ? byteCount : nil }
    guard start + byteCount <= encodedManifest.count else { return nil }
    encodedManifest.withUnsafeBytes {
      target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[start..<start + byteCount]))
    }
    return byteCount
  }

  /// Whether rebuilt chunks of files can be kept: so many of them, before the manifest is known.
  package func canKeepRebuilt(fileChunkCount: Int) -> Bool {
    layout != nil || held.canHoldRebuilt(byteCount: fileChunkCount * (shape.chunkByteCount + 64))
  }

  /// Takes a chunk that was rebuilt: as many bytes as a full chunk has, zeros behind its own. Like a chunk
  /// that arrives it may be given once. The caller has asked `canKeepRebuilt`. Throws like `accept`.
  package func acceptRebuilt(_ chunk: UInt32, _ bytes: UnsafeRawBufferPointer) throws(FileSetError) {
    guard let byteCount = payloadByteCount(of: chunk) else {
      held.holdRebuilt(chunk, bytes)
      acceptedChunkCount += 1
      return
    }
    let payload = UnsafeRawBufferPointer(rebasing: bytes[..<byteCount])
    guard let base = payload.baseAddress else { return }
    let checksum = CRC32.checksum(payload)
    _ = try withUnsafePointer(to: checksum) { (checksum) throws(FileSetError) in
      try accept(
        first: chunk, count: 1, base: base, stride: byteCount, payloadOffset: 0,
        lastPayloadByteCount: byteCount,
        payloadChecksums: UnsafeBufferPointer(start: checksum, count: 1))
    }
  }

  /// Stores a chunk that was rebuilt before the manifest was known.
  func placeRebuilt(_ piece: HeldChunks.Piece) throws(FileSetError) {
    acceptedChunkCount -= 1
    try piece.payload.span.withUnsafeBytes { (bytes) throws(FileSetError) in
      try acceptRebuilt(piece.first, bytes)
    }
  }
}
