import Checksum
import FileSet
import NIOCore
import Session
import Wire

/// Turns a train of chunks into bytes: payloads read straight to their places between the headers, checksums in the
/// same pass, ready for one GSO write.
struct TrainEncoder {
  private var buffer: ByteBuffer
  private var checksums: [UInt32] = []
  private var hint = 0
  private let stride: Int
  let sessionID: UInt64

  /// A part of the buffer in which all datagrams have `segmentByteCount` bytes but the last, which may be shorter.
  struct Piece {
    var bytes: ByteBuffer
    var segmentByteCount: Int
    var datagramCount: Int
  }

  init(sessionID: UInt64, chunkByteCount: Int, datagramCount: Int, allocator: ByteBufferAllocator) {
    self.sessionID = sessionID
    stride = chunkByteCount + DataHeader.byteCount
    buffer = allocator.buffer(capacity: stride * datagramCount)
  }

  /// Encodes a train; the pieces in order. Throws what the source throws.
  mutating func encode(_ train: Train, from source: SetSource, now: Instant) throws(FileSetError) -> [Piece] {
    let count = train.chunkCount
    // Taken out, so that it is written to without a copy while this struct is in use.
    var buffer = ByteBuffer()
    swap(&buffer, &self.buffer)
    buffer.clear(minimumCapacity: stride * count)
    var failure: FileSetError?
    var lengths: [Int] = []
    lengths.reserveCapacity(count)
    buffer.withVeryUnsafeMutableBytes { raw in
      do throws(FileSetError) {
        try fill(UnsafeMutableRawBufferPointer(rebasing: raw[..<(stride * count)]), train, source, now, &lengths)
      } catch { failure = error }
    }
    swap(&buffer, &self.buffer)
    if let failure { throw failure }
    self.buffer.moveWriterIndex(to: stride * count)
    return pieces(lengths)
  }

  private mutating func fill(
    _ raw: UnsafeMutableRawBufferPointer, _ train: Train, _ source: SetSource, _ now: Instant,
    _ lengths: inout [Int]
  ) throws(FileSetError) {
    var slot = 0
    for run in train.runs {
      let count = Int(run.count)
      let slots = UnsafeMutableRawBufferPointer(rebasing: raw[(slot * stride)..<((slot + count) * stride)])
      try source.read(first: run.first, count: count, into: slots, stride: stride, payloadOffset: DataHeader.byteCount)
      checksums.removeAll(keepingCapacity: true)
      for i in 0..<count {
        let chunk = run.first + UInt32(i)
        let payloadByteCount = source.layout.payloadByteCount(of: chunk, hint: &hint)
        let start = i * stride + DataHeader.byteCount
        let checksum = CRC32.checksum(UnsafeRawBufferPointer(rebasing: slots[start..<start + payloadByteCount]))
        checksums.append(checksum)
        DataHeader.write(
          into: UnsafeMutableRawBufferPointer(rebasing: slots[(i * stride)..<start]), sessionID: sessionID,
          packetNumber: UInt32(truncatingIfNeeded: train.firstPacketNumber + UInt64(slot + i)),
          flags: train.isRepair ? .repair : [], chunkIndex: chunk, timestamp: now.timestamp,
          grttCode: train.grttCode, payloadChecksum: checksum)
        lengths.append(DataHeader.byteCount + payloadByteCount)
      }
      if !train.isRepair { checksums.withUnsafeBufferPointer { source.note(first: run.first, count: count, payloadChecksums: $0) } }
      slot += count
    }
  }

  /// Cuts after each datagram that is not full: GSO wants equal segments, the last one excepted.
  private func pieces(_ lengths: [Int]) -> [Piece] {
    var pieces: [Piece] = []
    var start = 0
    for i in lengths.indices where lengths[i] < stride || i == lengths.count - 1 {
      let byteCount = (i - start) * stride + lengths[i]
      if let bytes = buffer.getSlice(at: start * stride, length: byteCount) {
        let count = i - start + 1
        pieces.append(Piece(bytes: bytes, segmentByteCount: count == 1 ? byteCount : stride, datagramCount: count))
      }
      start = i + 1
    }
    return pieces
  }
}
