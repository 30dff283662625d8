import Erasure
import Ground
import Testing

@Suite struct RebuildingTests {
  /// Each pattern of up to three losses in blocks of up to five chunks, by each choice among three symbols.
  @Test(arguments: 1...5) func everyPatternOfASmallBlock(chunkCount: Int) throws {
    let block = try TestBlock(chunkCount: chunkCount, byteCount: 70, seed: UInt64(chunkCount))
    for lossCount in 0...min(3, chunkCount) {
      for missing in subsets(of: Array(0..<chunkCount), count: lossCount) {
        for indices in subsets(of: [0, 1, 2], count: lossCount) {
          #expect(
            try block.repairs(missing: Set(missing), by: indices), "chunks \(missing) by symbols \(indices)")
        }
      }
    }
  }

  /// Any two symbols are independent: all 31,626 pairs for all pairs of chunks.
  @Test func anyTwoSymbolsOfThreeChunks() throws {
    let block = try TestBlock(chunkCount: 3, byteCount: 1, seed: 7)
    let symbols = try #require(try block.parity(Array(0..<252)))
    for pair in subsets(of: Array(0..<252), count: 2) {
      for missing in subsets(of: [0, 1, 2], count: 2) {
        let rebuilt = try block.rebuilt(
          missing: Set(missing), indices: pair, symbols: pair.map { symbols[$0] })
        guard rebuilt == block.chunks else {
          Issue.record("chunks \(missing) by symbols \(pair)")
          return
        }
      }
    }
  }

  /// Chunks, symbols and their order by chance: k to 200, e to 55, k + parity to 255.
  @Test(arguments: 1...UInt64(150)) func randomLosses(seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    let chunkCount = Int.random(in: 1...200, using: &generator)
    let lossCount = Int.random(in: 1...min(55, chunkCount), using: &generator)
    let byteCount = Int.random(in: 1...200, using: &generator)
    let last = Int.random(in: 0...byteCount, using: &generator)
    let block = try TestBlock(
      chunkCount: chunkCount, byteCount: byteCount, shortByteCounts: [chunkCount - 1: last], seed: seed)
    let missing = Set((0..<chunkCount).shuffled(using: &generator).prefix(lossCount))
    let indices = Array((0..<block.code.parityCount).shuffled(using: &generator).prefix(lossCount))
    #expect(try block.repairs(missing: missing, by: indices), "replay with seed \(seed)")
  }

  /// k + parity = 255, and all the parity is needed.
  @Test(arguments: [200, 199, 128, 127, 64, 1])
  func asManyLossesAsThereAreSymbolsOrChunks(chunkCount: Int) throws {
    let block = try TestBlock(chunkCount: chunkCount, byteCount: 97, seed: 3)
    let lossCount = min(chunkCount, block.code.parityCount)
    let indices = (0..<lossCount).map { block.code.parityCount - 1 - $0 }
    #expect(try block.repairs(missing: Set(0..<lossCount), by: indices))
    #expect(try block.repairs(missing: Set(chunkCount - lossCount..<chunkCount), by: indices))
  }

  @Test func whichSymbolsAreUsedDoesNotMatter() throws {
    let block = try TestBlock(chunkCount: 40, byteCount: 150, seed: 11)
    let missing: Set = [0, 7, 8, 21, 39]
    for first in stride(from: 0, through: block.code.parityCount - 5, by: 5) {
      let indices = (first..<first + 5).reversed()
      #expect(try block.repairs(missing: missing, by: Array(indices)), "symbols from \(first)")
    }
  }

  @Test(arguments: [true, false])
  func shortChunksComeBackWithAndWithoutTheirLength(knowsLengths: Bool) throws {
    let lengths = [2: 31, 3: 0, 5: 100, 9: 1]
    let block = try TestBlock(chunkCount: 10, byteCount: 130, shortByteCounts: lengths, seed: 12)
    let indices = [9, 1, 30, 4]
    let symbols = try #require(try block.parity(indices))
    let rebuilt = try block.rebuilt(
      missing: [2, 3, 7, 9], indices: indices, symbols: symbols, knowsLengths: knowsLengths)
    let expected = block.chunks.enumerated().map { index, chunk in
      let isFilledUp = !knowsLengths && [2, 3, 9].contains(index)
      return chunk + [UInt8](repeating: 0, count: isFilledUp ? 130 - chunk.count : 0)
    }
    #expect(rebuilt == expected)
  }

  @Test func symbolsBeyondTheLossesAreNotRead() throws {
    let block = try TestBlock(chunkCount: 6, byteCount: 64, seed: 13)
    let symbols = try #require(try block.parity([3, 4]))
    let noise = [UInt8](repeating: 0xEE, count: 5)
    #expect(
      try block.rebuilt(missing: [1, 5], indices: [3, 4, 900], symbols: symbols + [noise]) == block.chunks)
    #expect(try block.rebuilt(missing: [], indices: [900], symbols: [noise]) == block.chunks)
  }

  /// The code corrects losses, not errors: that is why each chunk has a checksum.
  @Test func aWrongSymbolGivesWrongChunks() throws {
    let block = try TestBlock(chunkCount: 6, byteCount: 64, seed: 14)
    var symbols = try #require(try block.parity([0]))
    symbols[0][17] ^= 1
    let rebuilt = try block.rebuilt(missing: [2], indices: [0], symbols: symbols)
    #expect(rebuilt != nil && rebuilt != block.chunks)
  }
}
