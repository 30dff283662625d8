import Wire

/// How many bytes each chunk of a set must have. Remembers the last row of full chunks: most datagrams need
/// no more than this.
struct ChunkLengths {
  private let shape: SetShape
  private var fullChunks: Range<UInt64> = 0..<0
  private var hint = 0

  init(_ shape: SetShape) { self.shape = shape }

  /// Whether a chunk's payload has the right length. `layout`: nil while the manifest is not known. Then a
  /// file's chunk may have any length up to that of a full chunk.
  mutating func isRight(
    _ chunk: UInt32, payloadByteCount: Int, layout: @autoclosure () -> SetLayout?
  ) -> Bool {
    if payloadByteCount == shape.chunkByteCount, fullChunks.contains(UInt64(chunk)) { return true }
    guard UInt64(chunk) < shape.chunkCount else { return false }
    if let layout = layout() {
      let run = layout.run(from: chunk, limit: .max, hint: &hint)
      let isLastFull = run.lastByteCount == shape.chunkByteCount
      fullChunks = UInt64(chunk)..<UInt64(chunk) + UInt64(isLastFull ? run.count : run.count - 1)
      return payloadByteCount == (run.count == 1 ? run.lastByteCount : shape.chunkByteCount)
    }
    guard UInt64(chunk) < shape.manifestChunkCount else {
      return (1...shape.chunkByteCount).contains(payloadByteCount)
    }
    let offset = Int(chunk) * shape.chunkByteCount
    return payloadByteCount == min(shape.chunkByteCount, shape.manifestByteCount - offset)
  }
}
