import Checksum
import FileSet

/// The file that arrives, at the receiver: cuts its bytes, and its digest behind them, into the chunks of a
/// `ReceivedSet`. Whole chunks go from the socket's buffer to the file; only a chunk whose bytes arrive in
/// several pieces is copied.
struct StreamRow {
  /// Payload bytes of a full chunk. Such a chunk's bytes begin a page of the file.
  static let chunkByteCount = 1 << 15
  private static let digestByteCount = 4

  let file: Int
  /// The file's own bytes that have been taken, those of an earlier session too.
  private(set) var fileDone: UInt64
  /// Of these, the ones that an earlier session has left.
  let heldByteCount: UInt64
  private let fileByteCount: UInt64
  /// The chunk that `staged` begins, or that comes next.
  private var chunk: UInt64
  /// Where this chunk begins among the file's bytes and its digest's.
  private var chunkOffset: UInt64
  /// Of a chunk that is not whole yet, or for which the disk has no room.
  private var staged: [UInt8]
  /// Bytes behind it that the full disk did not take.
  private var waiting: [UInt8] = []
  private var checksums: [UInt32] = []

  /// A file of which the first `heldChunkCount` of its `chunks` are here. `staged`: memory of an earlier row.
  init(
    file: Int, byteCount: UInt64, chunks: Range<UInt64>, heldChunkCount: UInt64, staged: consuming [UInt8]
  ) {
    self.file = file
    fileByteCount = byteCount
    chunk = chunks.lowerBound + heldChunkCount
    chunkOffset = heldChunkCount * UInt64(Self.chunkByteCount)
    heldByteCount = min(byteCount, chunkOffset)
    fileDone = heldByteCount
    staged.removeAll(keepingCapacity: true)
    self.staged = staged
  }

  /// Memory for the next row.
  consuming func takeStaged() -> [UInt8] { staged }

  /// Whether all bytes of the file, and its digest, are stored.
  var isStored: Bool { chunkOffset >= fileByteCount + UInt64(Self.digestByteCount) }

  /// Takes the file's next bytes. Bytes that the full disk does not take are kept for `retry`. Throws
  /// `cannotStore`.
  mutating func take(_ bytes: UnsafeRawBufferPointer, into set: ReceivedSet) throws(FileSetError) {
    fileDone += UInt64(bytes.count)
    try put(bytes, into: set)
  }

  /// Takes the file's digest, when all of its bytes are here. Throws like `take`.
  mutating func take(digest: UInt32, into set: ReceivedSet) throws(FileSetError) {
    var bytes = (0..<Self.digestByteCount).map { UInt8(truncatingIfNeeded: digest >> UInt32(8 * $0)) }
    // An earlier session may have brought the first bytes of the digest.
    if chunkOffset > fileByteCount { bytes.removeFirst(Int(chunkOffset - fileByteCount)) }
    try bytes.span.withUnsafeBytes { (bytes) throws(FileSetError) in try put(bytes, into: set) }
  }

  /// The disk has room again. Throws like `take`.
  mutating func retry(into set: ReceivedSet) throws(FileSetError) {
    let bytes = waiting
    waiting = []
    try bytes.span.withUnsafeBytes { (bytes) throws(FileSetError) in try put(bytes, into: set) }
  }

  private mutating func put(_ bytes: UnsafeRawBufferPointer, into set: ReceivedSet) throws(FileSetError) {
    var done = 0
    while waiting.isEmpty, try storeStaged(into: set), done < bytes.count {
      let left = UnsafeRawBufferPointer(rebasing: bytes[done...])
      let wholeCount = staged.isEmpty ? left.count / Self.chunkByteCount : 0
      if wholeCount > 0 {
        let stored = try store(left, count: wholeCount, lastByteCount: Self.chunkByteCount, into: set)
        done += stored * Self.chunkByteCount
        if stored < wholeCount { break }
      } else {
        let part = left.prefix(chunkEnd - staged.count)
        staged.append(contentsOf: part)
        done += part.count
      }
    }
    if done < bytes.count { waiting.append(contentsOf: bytes[done...]) }
  }

  /// Bytes that the chunk has when it is whole.
  private var chunkEnd: Int {
    Int(min(UInt64(Self.chunkByteCount), fileByteCount + UInt64(Self.digestByteCount) - chunkOffset))
  }

  /// Stores the staged chunk, if it is whole. False when the disk is full.
  private mutating func storeStaged(into set: ReceivedSet) throws(FileSetError) -> Bool {
    guard !staged.isEmpty, staged.count == chunkEnd else { return true }
    // Moved, so that the array is not copied.
    var bytes: [UInt8] = []
    swap(&bytes, &staged)
    let isStored = try bytes.span.withUnsafeBytes { (bytes) throws(FileSetError) in
      try store(bytes, count: 1, lastByteCount: bytes.count, into: set) == 1
    }
    if isStored { bytes.removeAll(keepingCapacity: true) }
    staged = bytes
    return isStored
  }

  /// Stores whole chunks. Returns how many; fewer when the disk is full.
  private mutating func store(
    _ bytes: UnsafeRawBufferPointer, count: Int, lastByteCount: Int, into set: ReceivedSet
  ) throws(FileSetError) -> Int {
    guard let base = bytes.baseAddress, !set.isFull else { return 0 }
    checksums.removeAll(keepingCapacity: true)
    for index in 0..<count {
      let length = index + 1 == count ? lastByteCount : Self.chunkByteCount
      checksums.append(
        CRC32.checksum(
          UnsafeRawBufferPointer(start: base + index * Self.chunkByteCount, count: length)))
    }
    let first = UInt32(truncatingIfNeeded: chunk)
    _ = try checksums.span.withUnsafeBufferPointer { (checksums) throws(FileSetError) in
      try set.accept(
        first: first, count: count, base: base, stride: Self.chunkByteCount, payloadOffset: 0,
        lastPayloadByteCount: lastByteCount, payloadChecksums: checksums)
    }
    // A full disk keeps the first of them only.
    let lacking = set.takeForgotten().reduce(0) { $0 + $1.count }
    let stored = count - min(count, lacking)
    chunk += UInt64(stored)
    chunkOffset +=
      stored == count
      ? UInt64(count - 1) * UInt64(Self.chunkByteCount) + UInt64(lastByteCount)
      : UInt64(stored) * UInt64(Self.chunkByteCount)
    return stored
  }
}
