import Wire

/// Chunks on their way to the disk, and a disk that is full: what is stored stays, the rest waits until there
/// is room, Specs/chunked-udp.md §6.15.
extension ReceivedSet {
  /// Whether the disk takes no more bytes. No chunk of a file is kept then, and no file gets its name.
  package var isFull: Bool { shortage != nil }

  /// Bytes of files that are not here, at most.
  private var neededByteCount: UInt64 {
    let (bytes, overflow) = (shape.chunkCount - min(shape.chunkCount, acceptedChunkCount))
      .multipliedReportingOverflow(by: UInt64(shape.chunkByteCount))
    return overflow ? shape.fileByteCount : min(shape.fileByteCount, bytes)
  }

  /// What the full disk lacks for the rest of the set, at least 1; 0 when it is not full.
  package var missingByteCount: UInt64 {
    guard isFull else { return 0 }
    let needed = neededByteCount
    return max(1, needed - min(needed, store.availableByteCount ?? 0))
  }

  /// Looks whether the full disk has room again. The caller does so about once in a second.
  package func tryStorage() {
    guard isFull, store.hasRoomAgain(for: neededByteCount) else { return }
    shortage = nil
    for file in postponed { whole.append(file) }
    postponed = []
  }

  /// A whole file gets its name when there is room.
  func postpone(_ file: Int, _ error: FileSetError) {
    shortage = error
    whole.takeBack()
    postponed.append(file)
  }

  /// What became of a piece of a file.
  enum Storing {
    case stored
    /// It arrived before the manifest showed that the file is here from an earlier session: its chunks were
    /// counted then.
    case hereBefore
    case noRoom
  }

  /// Stores a piece of one file, unless the disk is full.
  func storeUnlessFull(_ run: PayloadRun, at place: ChunkRun, file: Int) throws(FileSetError) -> Storing {
    // First: it needs no room, and the set does not lack it.
    guard delivered.isEmpty || !delivered.contains(file) else { return .hereBefore }
    guard !isFull else { return .noRoom }
    do throws(FileSetError) { try store(run, at: place, file: file) } catch {
      guard error.isFullDisk else { throw error }
      shortage = error
    }
    return isFull ? .noRoom : .stored
  }

  private func store(_ run: PayloadRun, at place: ChunkRun, file: Int) throws(FileSetError) {
    let left = layout.map { $0.fileByteCounts[file] - min($0.fileByteCounts[file], place.offset) } ?? 0
    let dataByteCount = Int(min(UInt64(place.byteCount), left))
    if dataByteCount > 0 {
      try store.write(
        file: file, offset: place.offset, base: run.base, stride: run.stride,
        chunkByteCount: shape.chunkByteCount, byteCount: dataByteCount)
    }
    let digest =
      dataByteCount < place.byteCount ? takeDigest(run, place, file: file, from: dataByteCount) : 0
    store.map?.add(place, file: file, checksums: run.checksums, digest: digest)
    if digests?.add(place, file: file, checksums: run.checksums) == true { noteArrival(of: file) }
  }

  /// Takes the bytes behind the run's first `dataByteCount`. Returns them, each at its place in the digest.
  private func takeDigest(
    _ run: PayloadRun, _ place: ChunkRun, file: Int, from dataByteCount: Int
  ) -> UInt32 {
    guard let fileByteCount = layout?.fileByteCounts[file] else { return 0 }
    var digest: UInt32 = 0
    for position in dataByteCount..<place.byteCount {
      let (chunk, inner) = position.quotientAndRemainder(dividingBy: shape.chunkByteCount)
      let byte = run.payload(at: chunk).load(fromByteOffset: inner, as: UInt8.self)
      let index = Int(place.offset + UInt64(position) - fileByteCount)
      digests?.addDigestByte(byte, at: index, ofFile: file)
      digest |= UInt32(byte) << UInt32(8 * index)
    }
    return digest
  }
}
