import Ground
import Impairment
import Session
import Simulation
import Testing

@Suite struct ScenarioTests {
  private static func scenario(_ loss: String, receiverCount: Int = 1, chunks: UInt64 = 200, seed: UInt64)
    throws -> Scenario
  {
    let path = [try Impairment(parsing: loss)]
    return Scenario(
      receiverCount: receiverCount, forward: path, backward: path, fileChunkCount: chunks, seed: seed)
  }

  @Test(arguments: [1, 3])
  func withoutImpairmentNothingIsRepaired(receiverCount: Int) throws {
    let result = try Self.scenario("none", receiverCount: receiverCount, seed: 1).run()
    #expect(result.allComplete, "\(result.summary)")
    #expect(result.repairCount == 0 && result.nackCount == 0)
    #expect(result.sender.firstDatagrams == 201)
    #expect(result.receivers.allSatisfy { $0.isConfirmed })
    #expect(result.forward.droppedCount == 0)
  }

  /// sent = first + repair + control, and what the links saw is what the machines say they sent.
  @Test(arguments: ["none", "5%", "burst:10%,6;dup:2%", "reorder:5%,3ms;corrupt:1%"], [1, 3])
  func theAccountsAgree(loss: String, receiverCount: Int) throws {
    let result = try Self.scenario(loss, receiverCount: receiverCount, seed: 8).run()
    #expect(result.allComplete, "\(result.summary)")
    #expect(result.sentBySender.datagramCount == result.sender.datagrams)
    #expect(result.forward.offeredCount == result.sender.datagrams * UInt64(receiverCount))
    let asked = result.receivers.reduce(0) { $0 + $1.counters.nacksSent }
    #expect(result.nackCount == asked)
    #expect(result.sender.nacksReceived <= asked + result.backward.duplicatedCount)
    let arrived = result.receivers.reduce(0) { $0 + $1.counters.datagrams + $1.counters.duplicateDatagrams }
    #expect(arrived <= result.forward.deliveredCount - result.forward.corruptedCount)
  }

  @Test(arguments: ["5%", "burst:10%,6;dup:2%;reorder:5%"], [1, 3])
  func aRunRepeatsToTheDigestAndASeedChangesIt(loss: String, receiverCount: Int) throws {
    let first = try Self.scenario(loss, receiverCount: receiverCount, seed: 3).run()
    let again = try Self.scenario(loss, receiverCount: receiverCount, seed: 3).run()
    let other = try Self.scenario(loss, receiverCount: receiverCount, seed: 4).run()
    #expect(first.traceDigest == again.traceDigest)
    #expect(first.eventCount == again.eventCount && first.endNanoseconds == again.endNanoseconds)
    #expect(first.traceDigest != other.traceDigest)
  }

  /// Receivers are shared out among the processors in parts. Neither their number nor the processors change
  /// the result, whether all paths are alike or each has its own delays.
  @Test(arguments: ["5%", "2%;reorder:5%;jitter:1ms;dup:1%"])
  func thePartsOfTheReceiversChangeNothing(loss: String) throws {
    var scenario = try Self.scenario(loss, receiverCount: 70, seed: 5)
    scenario.parity = Scenario.Parity(blockChunkCount: 64)
    scenario.startsNanoseconds = (0..<70).map { .milliseconds(UInt64($0)) }
    let results = [1, 3, 70].map { parts in
      scenario.partCount = parts
      return scenario.run()
    }
    #expect(results[0].allComplete, "\(results[0].summary)")
    for result in results.dropFirst() {
      #expect(result.traceDigest == results[0].traceDigest && result.eventCount == results[0].eventCount)
      #expect(result.summary == results[0].summary)
      #expect(result.receivers.map(\.counters) == results[0].receivers.map(\.counters))
    }
  }

  @Test func aReceiverThatHearsNothingIsTold() throws {
    let result = Scenario(forward: [try Impairment(parsing: "100%")], seed: 1).run()
    #expect(!result.allComplete)
    #expect(result.senderEnd == .nobodyListening)
    #expect(result.completionNanoseconds == nil)
  }

  /// After seconds without a path the session goes on where it was, and soon: not at a rate that fell with
  /// the silence.
  @Test(arguments: ["100ms", "1s", "3s", "5s"], [1, 3])
  func anOutageCostsLittleMoreThanItself(duration: String, receiverCount: Int) throws {
    let path = try Impairment(parsing: "rate:100Mbit;buffer:20ms")
    let cut = try Impairment(parsing: "rate:100Mbit;buffer:20ms;outage:300ms,\(duration)")
    var scenario = Scenario(receiverCount: receiverCount, forward: [path], fileChunkCount: 8_000, seed: 1)
    let undisturbed = try #require(scenario.run().completionNanoseconds)
    scenario.forward = [cut] + Array(repeating: path, count: receiverCount - 1)
    scenario.backward =
      [try Impairment(parsing: "outage:300ms,\(duration)")]
      + Array(repeating: .none, count: receiverCount - 1)
    let result = scenario.run()
    #expect(result.allComplete, "\(result.summary)")
    let outage = try #require(cut.outage).durationNanoseconds
    let completion = try #require(result.completionNanoseconds)
    #expect(completion <= undisturbed + outage + 1_500_000_000, "\(completion) beside \(undisturbed)")
  }

  @Test func limitsStopARun() throws {
    #expect(try Self.scenario("5%", seed: 1).run(limit: 20_000_000).outcome == .timeLimit)
    #expect(try Self.scenario("5%", seed: 1).run(eventLimit: 10).outcome == .eventLimit)
  }

  @Test func verificationTakesItsTime() throws {
    var scenario = try Self.scenario("none", seed: 1)
    let fast = scenario.run()
    scenario.verificationNanoseconds = .seconds(3)
    let slow = scenario.run()
    #expect(slow.allComplete, "\(slow.summary)")
    #expect(slow.endNanoseconds >= fast.endNanoseconds + 2_900_000_000, "\(fast.summary) \(slow.summary)")
  }
}
