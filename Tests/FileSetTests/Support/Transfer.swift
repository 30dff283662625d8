import Checksum
import FileSet

/// One chunk as a datagram would carry it.
struct SentChunk {
  var index: UInt32
  var payload: [UInt8]
  var checksum: UInt32
}

/// Reads every chunk of a source one by one, in order.
func readAllChunks(_ source: SetSource) -> [SentChunk] {
  var hint = 0
  var chunks: [SentChunk] = []
  for index in 0..<UInt32(source.layout.totalChunkCount) {
    let count = source.layout.payloadByteCount(of: index, hint: &hint)
    var payload = [UInt8](repeating: 0, count: count)
    var checksums: [UInt32] = []
    payload.withUnsafeMutableBytes { buffer in
      source.read(
        first: index, count: 1, into: buffer, stride: count, payloadOffset: 0, checksums: &checksums)
    }
    precondition(checksums == [CRC32.checksum(payload.span)], "the source's CRC32 of chunk \(index)")
    chunks.append(SentChunk(index: index, payload: payload, checksum: checksums[0]))
  }
  return chunks
}

/// Bytes as a file's chunks carry them: with their CRC32 behind them, little-endian.
func withDigest(_ bytes: [UInt8]) -> [UInt8] {
  let digest = CRC32.checksum(bytes.span)
  return bytes.isEmpty ? [] : bytes + (0..<4).map { UInt8(truncatingIfNeeded: digest >> (8 * $0)) }
}

extension ReceivedSet {
  /// Gives one chunk over.
  func accept(_ chunk: SentChunk) throws(FileSetError) -> AcceptOutcome { try accept([chunk]) }

  /// Gives consecutive chunks over at once. All but the last are full.
  func accept(_ chunks: [SentChunk]) throws(FileSetError) -> AcceptOutcome {
    let stride = chunks[0].payload.count
    let last = chunks[chunks.count - 1].payload.count
    let (payload, checksums) = (chunks.flatMap(\.payload), chunks.map(\.checksum))
    return try payload.span.withUnsafeBytes { payload throws(FileSetError) -> AcceptOutcome in
      try checksums.span.withUnsafeBufferPointer { checksums throws(FileSetError) -> AcceptOutcome in
        guard let base = payload.baseAddress else { return .wrongChunkSize }
        return try accept(
          first: chunks[0].index, count: chunks.count, base: base, stride: stride, payloadOffset: 0,
          lastPayloadByteCount: last, payloadChecksums: checksums)
      }
    }
  }

  /// All events that are still to be told.
  func drainEvents() -> [ReceivedEvent] {
    var events: [ReceivedEvent] = []
    while let event = nextEvent() { events.append(event) }
    return events
  }
}
