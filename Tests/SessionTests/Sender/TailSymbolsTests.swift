import Ground
import Session
import Testing

@Suite struct TailSymbolsTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var chunkCount: Int
    var loss: Double
    var receiverCount: Int
    var blockCount: Int
    var testDescription: String {
      "\(blockCount) blocks of \(chunkCount), \(loss), \(receiverCount) receivers"
    }
  }

  /// Seeded draws: for all receivers and blocks together, a few in a hundred sessions wait for a round.
  @Test(arguments: [
    Row(chunkCount: 64, loss: 0.05, receiverCount: 10, blockCount: 16),
    Row(chunkCount: 64, loss: 0.01, receiverCount: 10, blockCount: 22),
    Row(chunkCount: 200, loss: 0.05, receiverCount: 100, blockCount: 16),
    Row(chunkCount: 200, loss: 0.1, receiverCount: 3, blockCount: 4),
    Row(chunkCount: 64, loss: 0.1, receiverCount: 3, blockCount: 100),
  ])
  func theSymbolsAreRarelyTooFew(row: Row) {
    let pairCount = row.receiverCount * row.blockCount
    let count = TailSymbols.count(
      chunkCount: row.chunkCount, loss: row.loss, trialCount: Double(pairCount))
    var generator = SplitMix64(seed: 5)
    var failures = 0
    for _ in 0..<100 * pairCount {
      var lost = 0
      for _ in 0..<row.chunkCount + count where generator.nextUnit() < row.loss { lost += 1 }
      if lost > count { failures += 1 }
    }
    // 10 are expected for the smallest enough number; two symbols fewer would make it a hundred.
    #expect(failures <= 25, "\(count) symbols")
    #expect(Double(count) > Double(row.chunkCount) * row.loss)
  }

  @Test(arguments: [(64, 0.05, 4), (20, 0.05, 1), (200, 0.001, 1), (64, 1, 64), (1, 0.25, 1), (60, 0.1, 6)])
  func aFixedShareIsRoundedUp(chunkCount: Int, share: Double, count: Int) {
    #expect(TailSymbols.fixedCount(chunkCount: chunkCount, share: share) == count)
  }

  /// By hand: 0.05 of single symbols get lost, and 0.05² of pairs. Of 19 at 0.05 more than 4 get lost in
  /// 0.2 %, of 18 more than 3 in 1 %.
  @Test func sparesCoverTheLossOfRepairs() {
    #expect(TailSymbols.spareCount(need: 1, loss: 0) == 0 && TailSymbols.spareCount(need: 0, loss: 0.1) == 0)
    #expect(TailSymbols.spareCount(need: 1, loss: 0.003) == 0)
    #expect(TailSymbols.spareCount(need: 1, loss: 0.05) == 1)
    #expect(TailSymbols.spareCount(need: 15, loss: 0.05) == 4)
    #expect(TailSymbols.spareCount(need: 1, loss: 1) == 2)
  }

  @Test(arguments: [(64, 0.0), (64, 0.004), (16, 0.01), (1, 0.25), (0, 0.2)])
  func withHardlyAnyLossThereAreNone(chunkCount: Int, loss: Double) {
    #expect(TailSymbols.count(chunkCount: chunkCount, loss: loss, trialCount: 1_000) == 0)
  }

  @Test(arguments: [0.3, 0.9, 1, 1e300, .infinity])
  func halfOfABlockAtMost(loss: Double) {
    #expect(TailSymbols.count(chunkCount: 16, loss: loss, trialCount: 1e9) == 8)
    #expect(TailSymbols.count(chunkCount: 1, loss: loss, trialCount: 1e9) <= 1)
  }
}
