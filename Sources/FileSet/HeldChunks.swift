/// File chunks that arrived before the manifest was complete. They stay in memory until their places are
/// known.
struct HeldChunks: ~Copyable {
  /// Payload bytes held at most.
  static let byteCountLimit = 16 << 20

  /// Consecutive chunks with their payloads one behind the other. Only the last may be short.
  struct Piece {
    var first: UInt32
    var payload: [UInt8]
    var lastByteCount: Int
    var checksums: [UInt32]
  }

  private var pieces: [Piece] = []
  private var byteCount = 0

  /// Whether `more` bytes fit below the limit. The bookkeeping of a piece counts as 64 bytes.
  func canHold(byteCount more: Int) -> Bool { byteCount + more + 64 <= Self.byteCountLimit }

  /// Copies the payloads; the caller has asked `canHold`.
  mutating func hold(_ run: PayloadRun, chunkByteCount: Int) {
    var payload: [UInt8] = []
    payload.reserveCapacity((run.count - 1) * chunkByteCount + run.lastByteCount)
    for index in 0..<run.count {
      let length = index == run.count - 1 ? run.lastByteCount : chunkByteCount
      payload.append(contentsOf: UnsafeRawBufferPointer(start: run.payload(at: index), count: length))
    }
    byteCount += payload.count + 64
    pieces.append(
      Piece(
        first: run.first, payload: payload, lastByteCount: run.lastByteCount,
        checksums: Array(UnsafeBufferPointer(start: run.checksums, count: run.count))))
  }

  /// Gives all pieces up, in the order of their arrival.
  mutating func takeAll() -> [Piece] {
    defer { (pieces, byteCount) = ([], 0) }
    return pieces
  }
}

/// Consecutive chunks as they lie in a receive buffer.
struct PayloadRun {
  var first: UInt32
  /// Chunks, ≥ 1.
  var count: Int
  /// The first chunk's payload.
  var base: UnsafeRawPointer
  /// Bytes from one payload's start to the next.
  var stride: Int
  /// Payload bytes of the last chunk; all others are full.
  var lastByteCount: Int
  /// The payloads' CRC32s, one a chunk.
  var checksums: UnsafePointer<UInt32>

  func payload(at index: Int) -> UnsafeRawPointer { base + index * stride }
}
