import Ground
import Impairment
import Session
import Simulation
import Testing

/// One-way sessions over lossy paths.
@Suite struct OneWayRunsTests {
  /// 9 MB at 20 Mb/s: a round takes 4.9 s.
  private static func scenario(_ loss: String, roundCount: UInt64, seed: UInt64) throws -> Scenario {
    var scenario = Scenario(
      receiverCount: 3, forward: [try Impairment(parsing: loss)], fileChunkCount: 6_000,
      controller: .fixed(bitsPerSecond: 20e6), rateLimitBitsPerSecond: 20e6, seed: seed)
    scenario.parity = Scenario.Parity(blockChunkCount: 64)
    scenario.oneWay = Scenario.OneWay(roundCount: roundCount)
    return scenario
  }

  private static func expectWhole(_ result: SimulationResult) {
    #expect(result.outcome == .ended && result.senderEnd == .finished, "\(result.summary)")
    for receiver in result.receivers {
      #expect(receiver.isWhole && receiver.chunksHeld == result.chunkCount, "\(result.summary)")
      #expect(receiver.keptTwiceCount == 0)
    }
    #expect(result.sentByReceivers.datagramCount == 0, "\(result.summary)")
    #expect(result.imbalances.isEmpty && result.overdueDeadlineCount == 0, "\(result.summary)")
  }

  /// Half-way is the middle of the first round.
  @Test(arguments: ["none", "10%", "burst:10%,8"], 1...10 as ClosedRange<UInt64>)
  func threeReceiversAreWholeOneOfWhichStartsHalfWay(loss: String, seed: UInt64) throws {
    var scenario = try Self.scenario(loss, roundCount: 2, seed: seed)
    scenario.startsNanoseconds = [0, 0, .milliseconds(2_500)]
    Self.expectWhole(scenario.run())
  }

  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func aReceiverThatStartsInTheSecondRoundNeedsNoThird(seed: UInt64) throws {
    var scenario = try Self.scenario("10%", roundCount: 3, seed: seed)
    scenario.startsNanoseconds = [0, .seconds(5), .seconds(7)]
    Self.expectWhole(scenario.run())
  }

  @Test func withoutLossThoseWhoAreThereNeedOneRound() throws {
    let result = try Self.scenario("none", roundCount: 1, seed: 1).run()
    Self.expectWhole(result)
    #expect(result.sender.repairDatagrams < 100)
    #expect(result.sendsPerChunk < 1.33, "\(result.sendsPerChunk)")
  }

  @Test func tooMuchLossForOneRoundIsSaidByTheReceivers() throws {
    let result = try Self.scenario("40%", roundCount: 1, seed: 1).run()
    #expect(result.outcome == .ended && result.senderEnd == .finished)
    #expect(result.receivers.allSatisfy { $0.end == .senderDone }, "\(result.summary)")
    Self.expectWhole(try Self.scenario("40%", roundCount: 3, seed: 1).run())
  }
}
