/// Where a parity symbol is written.
package struct ParityTarget {
  /// Which symbol of the block: 0 ..< 255 − k.
  package let index: Int
  /// Has exactly as many bytes as a symbol.
  package let bytes: UnsafeMutableRawBufferPointer

  package init(index: Int, bytes: UnsafeMutableRawBufferPointer) {
    self.index = index
    self.bytes = bytes
  }
}

extension BlockCode {
  /// Writes any parity symbols of a block, in any order. `chunks` are all k chunks in order. No chunk may lie
  /// in the memory of a symbol.
  ///
  /// Throws an `ErasureError` when a count, an index or a length does not fit this code.
  package func encode(
    _ chunks: [UnsafeRawBufferPointer], into symbols: [ParityTarget]
  ) throws(ErasureError) {
    guard chunks.count == chunkCount else {
      throw .chunkCountDiffers(expected: chunkCount, given: chunks.count)
    }
    for (index, chunk) in chunks.enumerated() { try check(chunkIndex: index, byteCount: chunk.count) }
    for symbol in symbols { try check(symbolIndex: symbol.index, byteCount: symbol.bytes.count) }
    for symbol in symbols { symbol.bytes.initializeMemory(as: UInt8.self, repeating: 0) }
    let rows = symbols.map { row(ofSymbol: $0.index) }
    let sums = ProductSums(of: symbols.lazy.map(\.bytes))
    for (column, chunk) in chunks.enumerated() {
      sums.add(chunk) { Self.coefficient(row: rows[$0], column: column) }
    }
  }

  /// Adds one chunk to parity symbols that began as zeros. When each chunk of the block has been added once,
  /// in any order, the symbols are the same as those of `encode`. So a block need not be in memory as a
  /// whole, and is not read again.
  ///
  /// Throws an `ErasureError` when an index or a length does not fit this code.
  package func add(
    _ chunk: UnsafeRawBufferPointer, at index: Int, to symbols: [ParityTarget]
  ) throws(ErasureError) {
    guard 0..<chunkCount ~= index else { throw .chunkIndexOutOfRange(index) }
    try check(chunkIndex: index, byteCount: chunk.count)
    for symbol in symbols { try check(symbolIndex: symbol.index, byteCount: symbol.bytes.count) }
    let sums = ProductSums(of: symbols.lazy.map(\.bytes))
    sums.add(chunk) { Self.coefficient(row: row(ofSymbol: symbols[$0].index), column: index) }
  }
}
