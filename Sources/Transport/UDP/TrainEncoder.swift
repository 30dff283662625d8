package import FileSet
import Glibc
package import Ground
package import NIOCore
package import Session
import Wire

/// Turns a train of chunks into bytes: payloads read straight to their places between the headers, ready for
/// one GSO write.
package struct TrainEncoder {
  private var buffer: ByteBuffer
  private var checksums: [UInt32] = []
  /// Bytes of each datagram of the train at hand.
  private var lengths: [Int] = []
  private var hint = 0
  /// Bytes of the train encoded last, the datagrams that induced loss took included.
  private(set) var encodedByteCount: UInt64 = 0
  /// From one slot to the next: bytes of a full datagram as it is sent.
  private let stride: Int
  let sessionID: UInt64
  /// Of a session with a key, whose datagrams are longer by their tags.
  private let seal: SenderSeal?
  private let tagByteCount: Int
  /// `UDP_MAX_SEGMENTS` of Linux (64, later 128): what one GSO write may hold.
  private static let maximumSegmentCount = 64

  /// Bytes in which all datagrams have `segmentByteCount` bytes but the last, which may be shorter.
  package struct Piece {
    package var bytes: ByteBuffer
    package var segmentByteCount: Int
    package var datagramCount: Int
  }

  package init(sessionID: UInt64, chunkByteCount: Int, datagramCount: Int, seal: SenderSeal? = nil) {
    self.sessionID = sessionID
    self.seal = seal
    tagByteCount = seal == nil ? 0 : SealedDatagram.tagByteCount
    stride = chunkByteCount + DataHeader.byteCount + tagByteCount
    buffer = ByteBufferAllocator().buffer(capacity: stride * datagramCount)
  }

  /// Encodes a train; the pieces in order. `isLost` is asked once for each datagram, with its packet number
  /// and size in bytes: induced loss takes it out of its train, so that what is left still goes as one.
  package mutating func encode(
    _ train: Train, from source: SetSource, now: Instant, isLost: ((UInt64, Int) -> Bool)? = nil
  ) -> [Piece] {
    let count = train.chunkCount
    // Taken out, so that it is written to without a copy while this struct is in use.
    var buffer = ByteBuffer()
    swap(&buffer, &self.buffer)
    buffer.clear(minimumCapacity: stride * count)
    lengths.removeAll(keepingCapacity: true)
    encodedByteCount = 0
    var end = 0
    buffer.withVeryUnsafeMutableBytes { raw in
      let slots = UnsafeMutableRawBufferPointer(rebasing: raw[..<(stride * count)])
      fill(slots, train, source, now)
      end = closeGaps(slots, firstPacket: train.firstPacketNumber, isLost: isLost)
      seal?.seal(slots, lengths)
    }
    buffer.moveWriterIndex(to: end)
    swap(&buffer, &self.buffer)
    return Self.pieces(of: self.buffer, lengths)
  }

  /// Moves the datagrams together: behind short ones, and where lost ones were. Returns the bytes that are
  /// left.
  private mutating func closeGaps(
    _ slots: UnsafeMutableRawBufferPointer, firstPacket: UInt64, isLost: ((UInt64, Int) -> Bool)?
  ) -> Int {
    guard let base = slots.baseAddress else { return 0 }
    var end = 0
    var kept = 0
    for i in lengths.indices {
      let length = lengths[i]
      if let isLost, isLost(firstPacket + UInt64(i), length) { continue }
      if end != i * stride { memmove(base + end, base + i * stride, length) }
      end += length
      lengths[kept] = length
      kept += 1
    }
    lengths.removeLast(lengths.count - kept)
    return end
  }

  private mutating func fill(
    _ raw: UnsafeMutableRawBufferPointer, _ train: Train, _ source: SetSource, _ now: Instant
  ) {
    // Made once: an empty literal makes an array each time, and a layout is several arrays.
    let flags: DatagramFlags = train.isRepair ? .repair : []
    let layout = source.layout
    var slot = 0
    for run in train.runs {
      fill(raw, train, run, slot: slot, flags: flags, source, layout, now)
      slot += Int(run.count)
    }
  }

  /// Reads and encodes consecutive chunks into the slots from `slot` on.
  private mutating func fill(
    _ raw: UnsafeMutableRawBufferPointer, _ train: Train, _ run: ChunkRange, slot: Int, flags: DatagramFlags,
    _ source: SetSource, _ layout: SetLayout, _ now: Instant
  ) {
    let count = Int(run.count)
    let slots = UnsafeMutableRawBufferPointer(rebasing: raw[(slot * stride)..<((slot + count) * stride)])
    checksums.removeAll(keepingCapacity: true)
    source.read(
      first: run.first, count: count, into: slots, stride: stride, payloadOffset: DataHeader.byteCount,
      checksums: &checksums)
    var chunks = layout.run(from: run.first, limit: count, hint: &hint)
    for i in 0..<count {
      let chunk = run.first + UInt32(i)
      if chunk - chunks.first == chunks.count {
        chunks = layout.run(from: chunk, limit: count - i, hint: &hint)
      }
      let isLast = Int(chunk - chunks.first) == chunks.count - 1
      let payloadByteCount = isLast ? chunks.lastByteCount : layout.chunkByteCount
      DataHeader.write(
        into: UnsafeMutableRawBufferPointer(rebasing: slots[(i * stride)...]), sessionID: sessionID,
        packetNumber: UInt32(truncatingIfNeeded: train.firstPacketNumber + UInt64(slot + i)),
        flags: flags, chunkIndex: chunk, timestamp: now.timestamp,
        grttCode: train.grttCode, payloadChecksum: checksums[i])
      let byteCount = DataHeader.byteCount + payloadByteCount + tagByteCount
      lengths.append(byteCount)
      encodedByteCount += UInt64(byteCount)
    }
  }

  /// Cuts where the length changes: GSO wants equal segments, the last one of a write excepted, which may be
  /// shorter.
  static func pieces(of buffer: ByteBuffer, _ lengths: [Int]) -> [Piece] {
    var pieces: [Piece] = []
    var start = 0
    var offset = 0
    while start < lengths.count {
      let segment = lengths[start]
      var next = start + 1
      while next < lengths.count, next - start < maximumSegmentCount, lengths[next] == segment {
        next += 1
      }
      var byteCount = (next - start) * segment
      if next < lengths.count, next - start < maximumSegmentCount, lengths[next] < segment {
        byteCount += lengths[next]
        next += 1
      }
      if let bytes = buffer.getSlice(at: offset, length: byteCount) {
        pieces.append(Piece(bytes: bytes, segmentByteCount: segment, datagramCount: next - start))
      }
      offset += byteCount
      start = next
    }
    return pieces
  }
}
