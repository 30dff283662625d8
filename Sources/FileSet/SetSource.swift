package import Checksum
import Glibc
import Keys
package import Wire

/// Reads the chunks of a scanned set, at the sender. One owner; not for several threads.
///
/// Memory does not grow with the files' sizes: nothing is mapped or read ahead, and at most `descriptorLimit`
/// files are open.
package final class SetSource {
  private static let descriptorLimit = 64

  private let scanned: ScannedSet
  package var manifest: Manifest { scanned.manifest }
  package private(set) var layout: SetLayout
  /// XXH3-128 of the manifest's bytes.
  package let identity: SetIdentity

  private let manifestBytes: [UInt8]
  /// SHA-256 of the manifest's bytes, for a signature. `KeyLibrary.load` must have succeeded.
  package var manifestDigest: [UInt8] { manifestBytes.withUnsafeBytes { SHA256.digest($0) } }
  private var digests: SentDigests
  /// Bytes of files that were read once more for a digest, because their chunks had not been read in order.
  package private(set) var rereadByteCount: UInt64 = 0
  /// Files that no longer were what the manifest says when they were read. Each is listed once: `fileChanged`
  /// or `cannotRead`.
  package private(set) var failures: [FileFailure] = []
  private var failedFiles: Set<Int> = []
  private var descriptors = DescriptorCache(capacity: descriptorLimit)
  private let vectors = IOVectors()
  private var hint = 0

  /// Throws `tooManyChunks`, or `invalidAnnouncement` when `chunkByteCount` is not in 1 ... 65,475.
  package init(_ set: ScannedSet, chunkByteCount: Int) throws(FileSetError) {
    let bytes = set.manifest.encoded()
    let layout = try SetLayout(
      manifestByteCount: bytes.count,
      fileByteCounts: set.manifest.entries.map(\.byteCount), chunkByteCount: chunkByteCount)
    scanned = set
    self.layout = layout
    self.identity = SetIdentity(of: bytes.span)
    self.manifestBytes = bytes
    self.digests = SentDigests(layout: layout)
  }

  /// What the announce says of the set.
  package var shape: SetShape { layout.shape }

  /// The numbers for an announce when chunks have another size. Throws `tooManyChunks`, and
  /// `invalidAnnouncement` when `chunkByteCount` is not in 1 ... 65,475.
  package func shape(chunkByteCount: Int) throws(FileSetError) -> SetShape {
    try SetLayout.shape(
      manifestByteCount: shape.manifestByteCount, fileByteCounts: layout.fileByteCounts,
      chunkByteCount: chunkByteCount)
  }

  /// Cuts the set into chunks of another size, before any has been read. Throws like
  /// `shape(chunkByteCount:)`.
  package func recut(chunkByteCount: Int) throws(FileSetError) {
    precondition(digests.nextChunk == 0, "chunks of the former size were read")
    layout = try SetLayout(
      manifestByteCount: shape.manifestByteCount, fileByteCounts: layout.fileByteCounts,
      chunkByteCount: chunkByteCount)
    digests = SentDigests(layout: layout)
    hint = 0
  }

  /// Reads the chunks `first` ..< `first` + `count`. Chunk i's payload goes to i · `stride` + `payloadOffset`
  /// of `buffer`, by one preadv for each file (up to 1,024 chunks), and its CRC32 to the end of `checksums`.
  ///
  /// A file's digest is known from its chunks when these are read in order. Otherwise the file is read once
  /// more for it. A file whose size or modification time is no longer the manifest's, or that cannot be read,
  /// gets zeros for bytes, a digest that is wrong on purpose, and an entry in `failures`. The set's other
  /// files arrive all the same.
  package func read(
    first: UInt32, count: Int, into buffer: UnsafeMutableRawBufferPointer, stride: Int, payloadOffset: Int,
    checksums: inout [UInt32]
  ) {
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
      case .manifest:
        copy(manifestBytes, from: Int(run.offset), to: slots)
        slots.eachPayload { checksums.append(CRC32.checksum(UnsafeRawBufferPointer($0))) }
        digests.skip(run)
      case .file(let file): read(run, ofFile: file, to: slots, checksums: &checksums)
      }
      done += run.count
    }
  }

  /// Reads bytes of one file, without its digest: `offset` + `buffer.count` ≤ its size. Gives zeros for a
  /// file that failed.
  package func read(file: Int, offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) {
    guard let base = buffer.baseAddress, buffer.count > 0 else { return }
    readOrClear(
      file: file, offset: offset,
      PayloadSlots(
        base: base, stride: buffer.count, chunkByteCount: buffer.count, byteCount: buffer.count))
  }

  /// Whether a file is still what the manifest says; a file that is not is among the `failures` then.
  package func isUnchanged(_ file: Int) -> Bool {
    guard !hasFailed(file) else { return false }
    do throws(FileSetError) {
      try checkUnchanged(file, descriptor: try descriptor(of: file))
      return true
    } catch {
      fail(file, error)
      return false
    }
  }

  /// Whether the file is among the `failures`.
  package func hasFailed(_ file: Int) -> Bool { failedFiles.contains(file) }
}

extension SetSource {
  private func copy(_ bytes: [UInt8], from offset: Int, to slots: PayloadSlots) {
    bytes.withUnsafeBytes { bytes in
      var done = offset
      slots.eachPayload { payload in
        payload.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[done..<done + payload.count]))
        done += payload.count
      }
    }
  }

  /// The file's bytes among the run's, then its digest's.
  private func read(
    _ run: ChunkRun, ofFile file: Int, to slots: PayloadSlots, checksums: inout [UInt32]
  ) {
    let left = layout.fileByteCounts[file] - min(layout.fileByteCounts[file], run.offset)
    var data = slots
    data.byteCount = Int(min(UInt64(run.byteCount), left))
    if data.byteCount > 0 { readOrClear(file: file, offset: run.offset, data) }
    let first = checksums.count
    data.eachPayload { checksums.append(CRC32.checksum(UnsafeRawBufferPointer($0))) }
    digests.add(
      run, file: file, dataByteCount: data.byteCount, checksums: checksums[first...],
      isSpoilt: hasFailed(file))
    guard data.byteCount < run.byteCount else { return }
    appendDigest(of: file, run, to: slots, from: data.byteCount, checksums: &checksums, first: first)
  }

  /// Writes the digest's bytes behind the run's first `dataByteCount`, and continues the CRC32s of the chunks
  /// that contain some of them.
  private func appendDigest(
    of file: Int, _ run: ChunkRun, to slots: PayloadSlots, from dataByteCount: Int, checksums: inout [UInt32],
    first: Int
  ) {
    let digest = digest(ofFile: file).littleEndian
    // The run may begin within the digest.
    let skipped = Int(run.offset + UInt64(dataByteCount) - layout.fileByteCounts[file])
    withUnsafeBytes(of: digest) { bytes in
      for position in dataByteCount..<run.byteCount {
        let (chunk, inner) = position.quotientAndRemainder(dividingBy: slots.chunkByteCount)
        let byte = UnsafeRawBufferPointer(rebasing: bytes[(skipped + position - dataByteCount)...].prefix(1))
        slots.base.storeBytes(
          of: byte[0], toByteOffset: chunk * slots.stride + inner, as: UInt8.self)
        if first + chunk == checksums.count { checksums.append(0) }
        checksums[first + chunk] = CRC32.checksum(byte, continuing: checksums[first + chunk])
      }
    }
  }

  private func readOrClear(file: Int, offset: UInt64, _ slots: PayloadSlots) {
    if !hasFailed(file) {
      do throws(FileSetError) {
        return try readBytes(ofFile: file, offset: offset, to: slots)
      } catch { fail(file, error) }
    }
    slots.eachPayload { $0.initializeMemory(as: UInt8.self, repeating: 0) }
  }

  private func fail(_ file: Int, _ error: FileSetError) {
    failedFiles.insert(file)
    failures.append(FileFailure(file: file, error: error))
  }

  private func readBytes(ofFile file: Int, offset: UInt64, to slots: PayloadSlots) throws(FileSetError) {
    let descriptor = try descriptor(of: file)
    let moved = vectors.transfer(slots) { vectors, count, done in
      preadv(descriptor, vectors, count, off_t(offset) + off_t(done))
    }
    guard moved >= 0 else { throw .cannotRead(path: path(of: file), errno: errno) }
    guard moved == slots.byteCount else { throw .fileChanged(name: manifest.entries[file].name) }
    if offset + UInt64(slots.byteCount) == layout.fileByteCounts[file] {
      try checkUnchanged(file, descriptor: descriptor)
    }
  }

  private func digest(ofFile file: Int) -> UInt32 {
    if let known = digests.checksum(ofFile: file) { return known }
    do throws(FileSetError) { return try readChecksum(ofFile: file) } catch {
      if !hasFailed(file) { fail(file, error) }
      return 0
    }
  }

  private func descriptor(of file: Int) throws(FileSetError) -> Int32 {
    if let descriptor = descriptors.descriptor(of: file) { return descriptor }
    let descriptor = try openChecked(file)
    descriptors.insert(descriptor, for: file)
    return descriptor
  }

  /// Opens a file, which must be what the manifest says. Opening does not block, because a pipe may have the
  /// file's name now.
  private func openChecked(_ file: Int) throws(FileSetError) -> Int32 {
    let name = manifest.entries[file].name
    let descriptor = openat(scanned.start, scanned.path(ofFile: file), O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw errno == ENOENT ? .fileChanged(name: name) : .cannotRead(path: path(of: file), errno: errno)
    }
    do throws(FileSetError) {
      try checkUnchanged(file, descriptor: descriptor)
    } catch {
      closeDescriptor(descriptor)
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
package func fileChecksum(_ descriptor: Int32, byteCount: UInt64) -> UInt32? {
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
