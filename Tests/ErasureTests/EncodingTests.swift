import Erasure
import Ground
import Testing

@Suite struct EncodingTests {
  /// From the field's tables in any textbook: 1/1, 1/2, 1/3, 1/4 and 1/5.
  @Test func symbolsOfOneAndTwoChunksByHand() throws {
    let one = try BlockCode(chunkCount: 1, symbolByteCount: 4)
    #expect(try encoded(one, [[1, 2, 0x80, 0xFF]], symbol: 0) == [1, 2, 0x80, 0xFF])
    let two = try BlockCode(chunkCount: 2, symbolByteCount: 3)
    #expect(try encoded(two, [[1, 0, 1], [0, 1, 1]], symbol: 0) == [0x8E, 0xF4, 0x8E ^ 0xF4])
    #expect(try encoded(two, [[1, 0, 0], [0, 0, 1]], symbol: 2) == [0x47, 0, 0xA7])
  }

  @Test(
    arguments: [1, 2, 3, 7, 64, 199, 200],
    [1, 2, 15, 16, 17, 31, 32, 33, 47, 63, 64, 65, 96, 127, 128, 129, 1_436, 1_440])
  func agreesWithTheDefinition(chunkCount: Int, byteCount: Int) throws {
    let block = try TestBlock(chunkCount: chunkCount, byteCount: byteCount, seed: UInt64(byteCount))
    let last = block.code.parityCount - 1
    let indices = [0, 1, 2, 3, 11, 29, last - 1, last]
    let expected = indices.map { SlowField.symbol($0, of: block.chunks, byteCount: byteCount) }
    #expect(try block.parity(indices) == expected)
  }

  @Test(arguments: [8_960, 65_475, BlockCode.maxSymbolByteCount])
  func agreesForLongSymbols(byteCount: Int) throws {
    let block = try TestBlock(chunkCount: 3, byteCount: byteCount, seed: 4)
    #expect(
      try block.parity([0, 251])
        == [0, 251].map { SlowField.symbol($0, of: block.chunks, byteCount: byteCount) })
  }

  /// ISA-L works on one to six rows at a time.
  @Test(arguments: Array(1...20) + [55, 119])
  func symbolsDoNotDependOnWhichOthersAreMade(symbolCount: Int) throws {
    let block = try TestBlock(chunkCount: 9, byteCount: 77, seed: 1)
    let indices = (0..<symbolCount).map { 246 - 1 - 2 * $0 }
    let expected = indices.map { SlowField.symbol($0, of: block.chunks, byteCount: 77) }
    #expect(try block.parity(indices) == expected)
  }

  @Test(arguments: [[9: 1], [9: 0], [9: 76], [0: 5, 4: 64, 9: 33], [0: 0, 1: 0, 2: 0]])
  func shortChunksCountAsFilledUpWithZeros(shortByteCounts: [Int: Int]) throws {
    let block = try TestBlock(chunkCount: 10, byteCount: 77, shortByteCounts: shortByteCounts, seed: 2)
    let filled = block.chunks.map { $0 + [UInt8](repeating: 0, count: 77 - $0.count) }
    let expected = (0..<7).map { SlowField.symbol($0, of: filled, byteCount: 77) }
    #expect(try block.parity(Array(0..<7)) == expected)
  }

  @Test(arguments: 1...UInt64(5))
  func chunksCanBeAddedOneByOneInAnyOrder(seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    let block = try TestBlock(chunkCount: 33, byteCount: 131, shortByteCounts: [12: 40, 32: 3], seed: seed)
    let indices = [5, 0, 221]
    let symbols = indices.map { _ in GuardedBytes([UInt8](repeating: 0, count: 131)) }
    let targets = zip(indices, symbols).map { ParityTarget(index: $0, bytes: $1.memory) }
    for index in (0..<33).shuffled(using: &generator) {
      try block.chunks[index].withUnsafeBytes { try block.code.add($0, at: index, to: targets) }
    }
    let encoded = try block.parity(indices)
    #expect(symbols.map(\.bytes) == encoded)
    #expect(symbols.allSatisfy { $0.areGuardsWhole })
  }

  /// A chunk may be the end of a mapped file.
  @Test func nothingIsReadOrWrittenBeyondTheEnd() throws {
    let source = try #require(EndOfMemory(byteCount: 4_096))
    let symbol = try #require(EndOfMemory(byteCount: 4_096))
    for byteCount in Array(1...200) + [1_436, 1_440] {
      let code = try BlockCode(chunkCount: 1, symbolByteCount: byteCount)
      let chunk = (0..<byteCount).map { UInt8(truncatingIfNeeded: 7 * $0 + byteCount) }
      UnsafeMutableRawBufferPointer(rebasing: source.readable.suffix(byteCount)).copyBytes(from: chunk)
      let target = UnsafeMutableRawBufferPointer(rebasing: symbol.readable.suffix(byteCount))
      try code.encode(
        [UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(source.readable).suffix(byteCount))],
        into: [ParityTarget(index: 0, bytes: target)])
      #expect(Array(symbol.readable.suffix(byteCount)) == chunk)  // its coefficient is 1
    }
  }

  private func encoded(_ code: BlockCode, _ chunks: [[UInt8]], symbol index: Int) throws -> [UInt8] {
    let sources = chunks.map(GuardedBytes.init)
    let symbol = GuardedBytes(count: code.symbolByteCount)
    try code.encode(
      sources.map { UnsafeRawBufferPointer($0.memory) },
      into: [ParityTarget(index: index, bytes: symbol.memory)])
    #expect(sources.map(\.bytes) == chunks)
    return symbol.bytes
  }
}
