package import Checksum
import Glibc

/// Reads the chunks of a scanned set, at the sender. One owner; not for several threads.
///
/// Memory does not grow with the files' sizes: nothing is mapped or read ahead, and at most `descriptorLimit` files
/// are open.
package final class SetSource {
  private static let descriptorLimit = 64

  private let scanned: ScannedSet
  package var manifest: Manifest { scanned.manifest }
  package private(set) var layout: SetLayout
  /// XXH3-128 of the manifest's bytes.
  package let identity: SetIdentity

  private let manifestBytes: [UInt8]
  private var trailerBytes: [UInt8]?
  private var digests: FileDigests
  /// The chunk that `note` expects next: repairs of earlier ones are not joined again.
  private var nextNoted: UInt64 = 0
  /// Bytes of files read once more for their digests, because `note` had not seen them all.
  package private(set) var rereadByteCount: UInt64 = 0
  private var descriptors = DescriptorCache(capacity: descriptorLimit)
  private let vectors = IOVectors()
  private var hint = 0

  /// Throws `tooManyChunks`, or `invalidAnnouncement` when `chunkByteCount` is not in 1 ... 65,475.
  package init(_ set: ScannedSet, chunkByteCount: Int) throws(FileSetError) {
    let bytes = set.manifest.encoded()
    let layout = try SetLayout(
      manifestByteCount: bytes.count,
      trailerByteCount: Trailer.encodedByteCount(fileCount: set.manifest.entries.count),
      fileByteCounts: set.manifest.entries.map(\.byteCount), chunkByteCount: chunkByteCount)
    scanned = set
    self.layout = layout
    self.identity = SetIdentity(of: bytes.span)
    self.manifestBytes = bytes
    self.digests = FileDigests(layout: layout)
  }

  /// What the announce says of the set.
  package var shape: SetShape {
    SetShape(identity: identity, layout: layout, fileByteCount: manifest.fileByteCount)
  }

  /// What the announce would say with chunks of another size. Throws `tooManyChunks`, and `invalidAnnouncement` when
  /// `chunkByteCount` is not in 1 ... 65,475.
  package func shape(chunkByteCount: Int) throws(FileSetError) -> SetShape {
    guard SetLayout.chunkByteCountRange.contains(chunkByteCount) else {
      throw .invalidAnnouncement(reason: "chunks of \(chunkByteCount) bytes")
    }
    let fileChunkCount = layout.fileByteCounts.reduce(UInt64(0)) {
      $0 + SetLayout.chunkCount($1, chunkByteCount)
    }
    return try SetShape(
      identity: identity, fileByteCount: manifest.fileByteCount, fileChunkCount: fileChunkCount,
      manifestByteCount: layout.manifestByteCount, trailerByteCount: layout.trailerByteCount,
      fileCount: layout.fileCount, chunkByteCount: chunkByteCount)
  }

  /// Cuts the set into chunks of another size, before any has been read. Throws as `shape(chunkByteCount:)` does.
  package func recut(chunkByteCount: Int) throws(FileSetError) {
    precondition(nextNoted == 0, "chunks of the former size were read")
    layout = try SetLayout(
      manifestByteCount: layout.manifestByteCount, trailerByteCount: layout.trailerByteCount,
      fileByteCounts: layout.fileByteCounts, chunkByteCount: chunkByteCount)
    digests = FileDigests(layout: layout)
    hint = 0
  }

  /// Reads the chunks `first` ..< `first` + `count`; chunk i's payload goes to i · `stride` + `payloadOffset` of
  /// `buffer`, one preadv for each file (up to 1,024 chunks).
  ///
  /// Reading a trailer chunk before all digests are complete reads the files that `note` did not see. Throws
  /// `fileChanged` when a file's size or modification time is not the manifest's any more, and `cannotRead`.
  package func read(
    first: UInt32, count: Int, into buffer: UnsafeMutableRawBufferPointer, stride: Int, payloadOffset: Int
  ) throws(FileSetError) {
    precondition(UInt64(first) + UInt64(count) <= layout.totalChunkCount, "chunks beyond the set")
    guard count > 0, let base = buffer.baseAddress else { return }
    precondition(stride >= layout.chunkByteCount || count == 1, "payloads would overlap")
    var done = 0
    while done < count {
      let run = layout.run(from: first + UInt32(done), limit: count - done, hint: &hint)
      let start = done * stride + payloadOffset
      precondition(start + (run.count - 1) * stride + run.lastByteCount <= buffer.count, "buffer too small")
      let slots = PayloadSlots(
        base: base + start, stride: stride, chunkByteCount: layout.chunkByteCount, byteCount: run.byteCount)
      switch run.kind {
      case .manifest: copy(manifestBytes, from: Int(run.offset), to: slots)
      case .trailer: copy(try completeTrailer(), from: Int(run.offset), to: slots)
      case .file(let file): try read(run, ofFile: file, to: slots)
      }
      done += run.count
    }
  }

  /// Joins the CRC32s of the payloads of chunks `first` ..< `first` + `count`, as they were read. Chunks noted before,
  /// and chunks behind a gap, are left out.
  package func note(first: UInt32, count: Int, payloadChecksums: UnsafeBufferPointer<UInt32>) {
    precondition(payloadChecksums.count >= count, "one checksum a chunk")
    guard let checksums = payloadChecksums.baseAddress, UInt64(first) <= nextNoted else { return }
    let end = min(UInt64(first) + UInt64(count), layout.totalChunkCount)
    while nextNoted < end {
      let run = layout.run(from: UInt32(nextNoted), limit: Int(end - nextNoted), hint: &hint)
      if case .file(let file) = run.kind {
        _ = digests.add(run, file: file, checksums: checksums + Int(UInt64(run.first) - UInt64(first)))
      }
      nextNoted += UInt64(run.count)
    }
  }

  /// Whether each file's CRC32 is known, so that reading the trailer reads no file.
  package var digestsComplete: Bool { digests.incompleteFileCount == 0 }

  /// The file's CRC32, nil while it is not known.
  package func knownChecksum(ofFile file: Int) -> UInt32? { digests.checksum(ofFile: file) }

  /// The file's CRC32, read from the file when it is not known. Throws as `read` does.
  package func checksum(ofFile file: Int) throws(FileSetError) -> UInt32 {
    if let known = digests.checksum(ofFile: file) { return known }
    let checksum = try readChecksum(ofFile: file)
    digests.set(checksum, ofFile: file)
    return checksum
  }

  /// A descriptor for sendfile or own reads, positioned at 0, and the file's size. The caller closes it. Throws as
  /// `read` does.
  package func openFile(_ file: Int) throws(FileSetError) -> (descriptor: Int32, byteCount: UInt64) {
    (try openChecked(file), manifest.entries[file].byteCount)
  }

  /// Throws `fileChanged` unless the file still has the manifest's size and modification time.
  package func checkUnchanged(_ file: Int) throws(FileSetError) {
    try checkUnchanged(file, descriptor: try descriptor(of: file))
  }
}

extension SetSource {
  private func copy(_ bytes: [UInt8], from offset: Int, to slots: PayloadSlots) {
    bytes.withUnsafeBytes { bytes in
      guard let source = bytes.baseAddress else { return }
      var done = 0
      var target = slots.base
      while done < slots.byteCount {
        let length = min(slots.chunkByteCount, slots.byteCount - done)
        target.copyMemory(from: source + offset + done, byteCount: length)
        done += length
        target += slots.stride
      }
    }
  }

  private func read(_ run: ChunkRun, ofFile file: Int, to slots: PayloadSlots) throws(FileSetError) {
    let descriptor = try descriptor(of: file)
    let moved = vectors.transfer(slots) { vectors, count, done in
      preadv(descriptor, vectors, count, off_t(run.offset) + off_t(done))
    }
    guard moved >= 0 else { throw .cannotRead(path: path(of: file), errno: errno) }
    guard moved == slots.byteCount else { throw .fileChanged(name: manifest.entries[file].name) }
    if UInt64(run.first) + UInt64(run.count) == layout.chunks(ofFile: file).upperBound {
      try checkUnchanged(file, descriptor: descriptor)
    }
  }

  private func descriptor(of file: Int) throws(FileSetError) -> Int32 {
    if let descriptor = descriptors.descriptor(of: file) { return descriptor }
    let descriptor = try openChecked(file)
    descriptors.insert(descriptor, for: file)
    return descriptor
  }

  /// Opens a file that must be what the manifest says. Not blocking: something else may have taken its name.
  private func openChecked(_ file: Int) throws(FileSetError) -> Int32 {
    let name = manifest.entries[file].name
    let descriptor = open(scanned.path(ofFile: file), O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw errno == ENOENT ? .fileChanged(name: name) : .cannotRead(path: path(of: file), errno: errno)
    }
    do throws(FileSetError) {
      try checkUnchanged(file, descriptor: descriptor)
    } catch {
      _ = Glibc.close(descriptor)
      throw error
    }
    return descriptor
  }

  private func checkUnchanged(_ file: Int, descriptor: Int32) throws(FileSetError) {
    let entry = manifest.entries[file]
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .cannotRead(path: path(of: file), errno: errno) }
    guard status.st_mode & S_IFMT == S_IFREG, UInt64(max(0, status.st_size)) == entry.byteCount,
      status.modificationTimeNanoseconds == entry.modificationTimeNanoseconds
    else { throw .fileChanged(name: entry.name) }
  }

  private func completeTrailer() throws(FileSetError) -> [UInt8] {
    if let trailerBytes { return trailerBytes }
    var checksums: [UInt32] = []
    checksums.reserveCapacity(layout.fileCount)
    for file in 0..<layout.fileCount { checksums.append(try checksum(ofFile: file)) }
    let bytes = Trailer(checksums: checksums).encoded()
    trailerBytes = bytes
    return bytes
  }

  private func readChecksum(ofFile file: Int) throws(FileSetError) -> UInt32 {
    let descriptor = try descriptor(of: file)
    let entry = manifest.entries[file]
    guard let checksum = fileChecksum(descriptor, byteCount: entry.byteCount) else {
      throw .fileChanged(name: entry.name)
    }
    rereadByteCount += entry.byteCount
    try checkUnchanged(file, descriptor: descriptor)
    return checksum
  }

  private func path(of file: Int) -> String { scanned.path(ofFile: file) }
}

/// The CRC32 of the first `byteCount` bytes of an open file; nil when it is shorter or cannot be read.
func fileChecksum(_ descriptor: Int32, byteCount: UInt64) -> UInt32? {
  withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 64) { buffer in
    var checksum: UInt32 = 0
    var done: UInt64 = 0
    while done < byteCount {
      let wanted = Int(min(UInt64(buffer.count), byteCount - done))
      let count = retryingInterrupts { pread(descriptor, buffer.baseAddress, wanted, off_t(done)) }
      guard count > 0 else { return nil }
      checksum = CRC32.checksum(UnsafeRawBufferPointer(rebasing: buffer[..<count]), continuing: checksum)
      done += UInt64(count)
    }
    return checksum
  }
}
