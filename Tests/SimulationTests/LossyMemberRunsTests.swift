import Ground
import Impairment
import Simulation
import Testing

/// What one member costs the others that loses much more than they do. The sender waits for all of them.
@Suite struct LossyMemberRunsTests {
  private static func scenario(
    good: String, goodCount: Int = 9, bad: String?, drops: Bool = false, seed: UInt64
  ) throws -> Scenario {
    let path = try Impairment(parsing: good)
    var forward = Array(repeating: path, count: goodCount)
    if let bad { forward.append(try Impairment(parsing: bad)) }
    var scenario = Scenario(
      receiverCount: forward.count, forward: forward,
      shared: .init(rateBitsPerSecond: 100_000_000, bufferByteCount: 500_000),
      rttNanoseconds: .milliseconds(20), fileChunkCount: 8_000, seed: seed)
    scenario.parity = Scenario.Parity(blockChunkCount: 64)
    scenario.stragglerNanoseconds = drops ? .seconds(10) : nil
    return scenario
  }

  /// Seconds until the last good member holds everything, for some seeds.
  private static func times(
    good: String, goodCount: Int = 9, bad: String?, drops: Bool = false, seeds: ClosedRange<UInt64> = 1...3
  ) throws -> [Double] {
    try seeds.map { seed in
      let result = try scenario(good: good, goodCount: goodCount, bad: bad, drops: drops, seed: seed).run()
      #expect(result.allComplete, "\(result.summary)")
      return Double(
        try result.receivers.prefix(goodCount).map { try #require($0.heldAllNanoseconds) }.max() ?? 0)
        / 1e9
    }
  }

  private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  /// Without a limit of its share a member that loses 15 % takes 14 % more of the others' time.
  @Test func itsRepairsWaitForTheOthers() throws {
    let (good, bad) = ("1%", "15%")
    let alone = Self.mean(try Self.times(good: good, bad: nil))
    let beside = Self.mean(try Self.times(good: good, bad: bad))
    #expect(beside <= 1.07 * alone, "\(beside) s beside it, \(alone) without")
  }

  /// Of two members the one that loses less is the usual one. Without that the other takes 30 % more of its
  /// time.
  @Test func twoMembersAreEnoughToTell() throws {
    let alone = Self.mean(try Self.times(good: "0.5%", goodCount: 2, bad: nil))
    let beside = Self.mean(try Self.times(good: "0.5%", goodCount: 1, bad: "25%"))
    #expect(beside <= 1.15 * alone, "\(beside) s beside it, \(alone) without")
  }

  /// The search for the rate does not end because the slowest member has become one that loses much: in one
  /// seed of ten the others took one and a half to three times as long.
  @Test func theSearchDoesNotFollowItsLoss() throws {
    let alone = Self.mean(try Self.times(good: "1%", bad: nil))
    let (thirty, thirtyFive) = ("30%", "35%")
    let beside =
      try Self.times(good: "1%", bad: thirty, seeds: 1...4)
      + Self.times(good: "1%", bad: thirtyFive, seeds: 4...6)
    #expect(beside.allSatisfy { $0 <= 1.2 * alone }, "\(beside) s beside it, \(alone) without")
  }

  /// A sender that leaves stragglers does not wait for it at all.
  @Test func itCostsNextToNothingWhereStragglersAreLeft() throws {
    let alone = Self.mean(try Self.times(good: "1%", bad: nil))
    let beside = try Self.times(good: "1%", bad: "30%", drops: true, seeds: 1...4)
    #expect(Self.mean(beside) <= 1.05 * alone && beside.allSatisfy { $0 <= 1.1 * alone }, "\(beside)")
  }
}
