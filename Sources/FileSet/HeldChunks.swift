/// File chunks that arrived before the manifest was complete. They stay in memory until their places are
/// known.
struct HeldChunks: ~Copyable {
  /// Payload bytes held at most.
  static let byteCountLimit = 16 << 20
  /// Likewise for chunks that were rebuilt, beside the others. They may bring the manifest nearer, so they
  /// have room when there is none for what the network brings.
  static let rebuiltByteCountLimit = 16 << 20

  /// Consecutive chunks with their payloads one behind the other. Only the last may be short.
  struct Piece {
    var first: UInt32
    var payload: [UInt8]
    var lastByteCount: Int
    var checksums: [UInt32]
    /// One chunk that was rebuilt. It is as long as a full chunk; how many of its bytes are the file's is not
    /// known.
    var isRebuilt = false
  }

  private var pieces: [Piece] = []
  private var byteCount = 0
  private var rebuiltByteCount = 0

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

  func canHoldRebuilt(byteCount more: Int) -> Bool {
    rebuiltByteCount + more + 64 <= Self.rebuiltByteCountLimit
  }

  /// Copies a chunk that was rebuilt; the caller has asked `canHoldRebuilt`.
  mutating func holdRebuilt(_ chunk: UInt32, _ bytes: UnsafeRawBufferPointer) {
    rebuiltByteCount += bytes.count + 64
    pieces.append(
      Piece(
        first: chunk, payload: Array(bytes), lastByteCount: bytes.count, checksums: [0], isRebuilt: true))
  }

  /// Copies the payload of a held chunk. Returns its length; nil when it is not here.
  func copy(_ chunk: UInt32, chunkByteCount: Int, to buffer: UnsafeMutableRawBufferPointer) -> Int? {
    for piece in pieces where chunk >= piece.first && Int(chunk - piece.first) < piece.checksums.count {
      let start = Int(chunk - piece.first) * chunkByteCount
      let bytes = piece.payload[start..<min(start + chunkByteCount, piece.payload.count)]
      guard bytes.count <= buffer.count else { return nil }
      bytes.withUnsafeBytes { buffer.copyMemory(from: $0) }
      return bytes.count
    }
    return nil
  }

  /// Gives all pieces up, in the order of their arrival.
  mutating func takeAll() -> [Piece] {
    defer { (pieces, byteCount, rebuiltByteCount) = ([], 0, 0) }
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
