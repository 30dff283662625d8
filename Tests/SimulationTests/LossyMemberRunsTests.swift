import Ground
import Impairment
import Simulation
import Testing

/// What one member costs the others that loses much more than they do. The sender waits for all of them.
@Suite struct LossyMemberRunsTests {
  private static func scenario(good: String, bad: String?, seed: UInt64) throws -> Scenario {
    let path = try Impairment(parsing: good)
    var forward = Array(repeating: path, count: 9)
    if let bad { forward.append(try Impairment(parsing: bad)) }
    var scenario = Scenario(
      receiverCount: forward.count, forward: forward,
      shared: .init(rateBitsPerSecond: 100_000_000, bufferByteCount: 500_000),
      rttNanoseconds: .milliseconds(20), fileChunkCount: 8_000, seed: seed)
    scenario.parity = Scenario.Parity(blockChunkCount: 64)
    return scenario
  }

  /// Seconds until the last good member holds everything; the mean of three seeds.
  private static func seconds(good: String, bad: String?) throws -> Double {
    let times = try (1...3 as ClosedRange<UInt64>).map { seed in
      let result = try scenario(good: good, bad: bad, seed: seed).run()
      #expect(result.allComplete, "\(result.summary)")
      return Double(try result.receivers.prefix(9).map { try #require($0.heldAllNanoseconds) }.max() ?? 0)
    }
    return times.reduce(0, +) / 3e9
  }

  /// Without a limit of its share a member that loses 15 % takes 14 % more of the others' time.
  @Test func itsRepairsWaitForTheOthers() throws {
    let (good, bad) = ("1%", "15%")
    let alone = try Self.seconds(good: good, bad: nil)
    let beside = try Self.seconds(good: good, bad: bad)
    #expect(beside <= 1.07 * alone, "\(beside) s beside it, \(alone) without")
  }
}
