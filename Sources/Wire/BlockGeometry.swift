/// How the chunks of a set are cut into the blocks that parity covers, Specs/chunked-udp.md §2.1. Arithmetic
/// only: nothing is stored for a block.
///
/// The row of chunks is cut into spans of k · D chunks. In a full span a block takes each D-th chunk. In the
/// last, shorter span there are as many blocks as its chunks need, at a smaller distance.
package struct BlockGeometry: Equatable, Sendable {
  /// One block: `chunkCount` chunks from `firstChunk` on, `stride` apart.
  package struct Block: Equatable, Sendable {
    package var firstChunk: UInt64
    /// k′: 1...200.
    package var chunkCount: Int
    /// d: 1...255.
    package var stride: Int

    package init(firstChunk: UInt64, chunkCount: Int, stride: Int) {
      self.firstChunk = firstChunk
      self.chunkCount = chunkCount
      self.stride = stride
    }

    package var lastChunk: UInt64 { firstChunk + UInt64((chunkCount - 1) * stride) }
    /// From the first to the last.
    package var chunks: StrideThrough<UInt64> {
      Swift.stride(from: firstChunk, through: lastChunk, by: stride)
    }
  }

  /// Chunks of the set: 1...2^32.
  package let chunkCount: UInt64
  /// Symbols of one block, at most: 0...254.
  package let maxSymbolCount: Int
  private let k: UInt64
  private let stride: UInt64

  /// Nil when a number is not in its range: total 1...2^32, k 1...200, stride 1...255, k + parity ≤ 255.
  package init?(chunkCount: UInt64, blockChunkCount: Int, maxSymbolCount: Int, stride: Int) {
    guard (1...ChunkRange.sequenceSpace).contains(chunkCount),
      (1...ParityHeader.maxBlockChunkCount).contains(blockChunkCount), (1...255).contains(stride),
      (0...ParityHeader.maxSymbolCount - blockChunkCount).contains(maxSymbolCount)
    else { return nil }
    self.chunkCount = chunkCount
    self.maxSymbolCount = maxSymbolCount
    k = UInt64(blockChunkCount)
    self.stride = UInt64(stride)
  }

  /// The blocks of an announced set; nil when the session has no parity.
  package init?(_ announce: Announce) {
    guard announce.options.contains(.parity) else { return nil }
    self.init(
      chunkCount: announce.shape.chunkCount, blockChunkCount: Int(announce.blockChunkCount),
      maxSymbolCount: Int(announce.maxParityCount), stride: Int(announce.blockStride))
  }

  private var spanChunkCount: UInt64 { k * stride }

  package var blockCount: UInt64 { (chunkCount + k - 1) / k }

  /// The span of a chunk: where it begins, how many chunks it has, and its stride.
  private func span(of chunk: UInt64) -> (start: UInt64, chunkCount: UInt64, stride: UInt64) {
    let start = chunk / spanChunkCount * spanChunkCount
    let count = min(spanChunkCount, chunkCount - start)
    return (start, count, count == spanChunkCount ? stride : (count + k - 1) / k)
  }

  /// The number of the block that covers a chunk. `chunk` < `chunkCount`.
  package func block(of chunk: UInt64) -> UInt64 {
    let span = span(of: chunk)
    return span.start / k + (chunk - span.start) % span.stride
  }

  /// Which chunk of its block this is, from 0. `chunk` < `chunkCount`.
  package func row(of chunk: UInt64) -> Int {
    let span = span(of: chunk)
    return Int((chunk - span.start) / span.stride)
  }

  /// The beginning of the span that has a chunk. `chunk` < `chunkCount`.
  package func spanStart(of chunk: UInt64) -> UInt64 { span(of: chunk).start }

  /// The end of the span that has a chunk: its blocks are complete there. `chunk` < `chunkCount`.
  package func spanEnd(of chunk: UInt64) -> UInt64 {
    let span = span(of: chunk)
    return span.start + span.chunkCount
  }

  /// The span of a block of this set: its first chunk, and the end of its chunks.
  package func span(of block: Block) -> (first: UInt64, end: UInt64) {
    let span = span(of: block.firstChunk)
    return (span.start, span.start + span.chunkCount)
  }

  /// `index` < `blockCount`.
  package subscript(index: UInt64) -> Block {
    let column = index % stride
    let span = span(of: index / stride * spanChunkCount)
    return Block(
      firstChunk: span.start + column,
      chunkCount: Int((span.chunkCount - column + span.stride - 1) / span.stride), stride: Int(span.stride))
  }

  /// The number of the block that begins at a chunk; nil when none does.
  package func block(beginningAt chunk: UInt64) -> UInt64? {
    guard chunk < chunkCount else { return nil }
    let span = span(of: chunk)
    return chunk - span.start < span.stride ? span.start / k + (chunk - span.start) : nil
  }

  /// How many symbols a block has.
  package func symbolCount(of block: Block) -> Int {
    min(maxSymbolCount, ParityHeader.maxSymbolCount - block.chunkCount)
  }

  /// The number of the block that a parity datagram names; nil when the set has no such block or symbol.
  package func block(of header: ParityHeader) -> UInt64? {
    guard let index = block(beginningAt: UInt64(header.firstChunk)) else { return nil }
    let block = self[index]
    guard block.chunkCount == Int(header.blockChunkCount), block.stride == Int(header.blockStride),
      Int(header.symbolIndex) < symbolCount(of: block)
    else { return nil }
    return index
  }
}
