import Ground
import Impairment
import Session
import Simulation
import Testing
import Wire

/// What one bad member costs the others of its group, in virtual time: with `drop` at most 5 %.
@Suite struct StragglerRunsTests {
  struct Bad: CustomTestStringConvertible, Sendable {
    let name: String
    let (forward, backward): (String, String)
    /// What it costs the others when they wait for it, as a factor of their time.
    let costWhenWaitedFor: ClosedRange<Double>
    var testDescription: String { name }
  }

  static let bad: [Bad] = [
    // It is killed after 400 ms.
    Bad(
      name: "killed", forward: "outage:400ms,1000s", backward: "outage:400ms,1000s",
      costWhenWaitedFor: 1...1.2),
    Bad(name: "40 % lost", forward: "40%", backward: "40%", costWhenWaitedFor: 1.01...1.4),
  ]
  private static let path = "rate:40Mbit;buffer:20ms"

  /// Members with a good path, and perhaps one more.
  private static func scenario(
    _ goodCount: Int, _ bad: Bad?, drops: Bool, chunks: UInt64 = 6_000, seed: UInt64
  )
    throws -> Scenario
  {
    let good = try Impairment(parsing: path)
    var (forward, backward) = (
      Array(repeating: good, count: goodCount), Array(repeating: Impairment.none, count: goodCount)
    )
    if let bad {
      forward.append(try Impairment(parsing: "\(path);\(bad.forward)"))
      backward.append(try Impairment(parsing: bad.backward))
    }
    var scenario = Scenario(
      receiverCount: forward.count, isGroup: true, forward: forward, backward: backward,
      fileChunkCount: chunks, seed: seed)
    scenario.parity = Scenario.Parity(blockChunkCount: goodCount < 30 ? 64 : 200)
    scenario.stragglerNanoseconds = drops ? .seconds(10) : nil
    return scenario
  }

  /// From the first chunk to the last one of the last good member. How soon a session begins is another
  /// matter.
  private static func time(_ scenario: Scenario, good goodCount: Int) throws -> (
    seconds: Double, SimulationResult
  ) {
    var began: Instant?
    let result = scenario.run(
      observer: SenderObserver(
        sent: { sent, now in if began == nil, case .data = sent { began = now } }, received: { _, _, _, _ in }
      ))
    #expect(result.overdueDeadlineCount == 0 && result.imbalances.isEmpty, "\(result.summary)")
    let ends = try result.receivers.prefix(goodCount).map { receiver in
      #expect(receiver.isConfirmed)
      return try #require(receiver.heldAllNanoseconds)
    }
    let end = Instant(nanoseconds: try #require(ends.max()))
    return (Double(end - (try #require(began))) / 1e9, result)
  }

  @Test(arguments: [2, 9, 99], bad)
  func aBadMemberCostsTheOthersLittle(goodCount: Int, bad: Bad) throws {
    guard goodCount < 30 else { return try itCostsALargeGroupLittle(goodCount, bad) }
    let alone = try Self.time(try Self.scenario(goodCount, nil, drops: true, seed: 2), good: goodCount)
    let beside = try Self.time(try Self.scenario(goodCount, bad, drops: true, seed: 2), good: goodCount)
    #expect(beside.seconds <= 1.05 * alone.seconds, "\(beside.seconds) s beside it, \(alone.seconds) without")
    let waiting = try Self.time(try Self.scenario(goodCount, bad, drops: false, seed: 2), good: goodCount)
    #expect(
      bad.costWhenWaitedFor.contains(waiting.seconds / alone.seconds), "\(waiting.seconds) when waited for")
  }

  /// In a large group few members report often, and the draw decides whether the bad one is among them. So
  /// the mean of four seeds counts.
  private func itCostsALargeGroupLittle(_ goodCount: Int, _ bad: Bad) throws {
    var ratios: [Double] = []
    for seed in 1...4 as ClosedRange<UInt64> {
      let alone = try Self.time(try Self.scenario(goodCount, nil, drops: true, seed: seed), good: goodCount)
      let beside = try Self.time(try Self.scenario(goodCount, bad, drops: true, seed: seed), good: goodCount)
      ratios.append(beside.seconds / alone.seconds)
    }
    #expect(ratios.reduce(0, +) / 4 <= 1.05, "\(ratios)")
  }

  /// It is served when the others are whole, and has everything before it is 10 s behind.
  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func aStragglerIsWholeAfterTheOthers(seed: UInt64) throws {
    let result = try Self.scenario(2, Self.bad[1], drops: true, chunks: 2_000, seed: seed).run()
    #expect(result.allComplete, "\(result.summary)")
    let times = result.receivers.map { $0.heldAllNanoseconds ?? 0 }
    #expect(times[2] > max(times[0], times[1]))
  }

  /// 60 % are lost, and half a second is allowed: it is left behind, and knows why. It hears so at most every
  /// half second until its sender has ended, about four times. So with one seed of about eight every abort is
  /// lost, and it finds its sender silent.
  @Test func aStragglerThatIsTooLateIsLeft() throws {
    let hopeless = Bad(name: "60 %", forward: "60%", backward: "20%", costWhenWaitedFor: 1...1)
    var toldCount = 0
    for seed in 1...8 as ClosedRange<UInt64> {
      var scenario = try Self.scenario(2, hopeless, drops: true, chunks: 3_000, seed: seed)
      scenario.stragglerNanoseconds = .milliseconds(500)
      let result = scenario.run()
      #expect(result.receivers.prefix(2).allSatisfy { $0.isConfirmed }, "seed \(seed): \(result.summary)")
      let leftCount = result.peerOutcomes.count {
        if case .leftBehind(.farBehind) = $0 { true } else { false }
      }
      #expect(leftCount == 1, "seed \(seed): \(result.summary)")
      switch result.receivers[2].end {
      case .aborted(.tooSlow, let text):
        toldCount += 1
        #expect(text.hasSuffix("s behind the other receivers"))
        #expect(result.endNanoseconds < 6_000_000_000, "seed \(seed): \(result.summary)")
      case .senderSilent: break
      default: Issue.record("seed \(seed): \(result.summary)")
      }
    }
    #expect(toldCount >= 6)
  }

  struct Absence: Sendable {
    let (start, length, chunks): (Nanoseconds, Nanoseconds, UInt64)
    let drops: Bool
    let wholeBy: Nanoseconds
  }

  /// A member hears nothing and says nothing for longer than a second, as on a busy host, and then hears
  /// everything. It is not taken for one that no chunk reaches: what it misses, 2,500 and 6,000 chunks, is
  /// repaired at the rate of its path. By eight repairs at a time it would take 5 s more, and more than 10.
  @Test(arguments: [
    Absence(
      start: .milliseconds(200), length: .seconds(3), chunks: 3_000, drops: false,
      wholeBy: .milliseconds(4_400)),
    Absence(
      start: .milliseconds(200), length: .seconds(3), chunks: 3_000, drops: true,
      wholeBy: .milliseconds(4_600)),
    Absence(
      start: .milliseconds(500), length: .milliseconds(1_900), chunks: 8_000, drops: true,
      wholeBy: .seconds(5)),
  ])
  func aMemberThatWasAbsentIsServedAtOnce(_ absence: Absence) throws {
    let outage = "outage:\(absence.start / .milliseconds(1))ms,\(absence.length / .milliseconds(1))ms"
    let bad = Bad(name: "absent", forward: outage, backward: outage, costWhenWaitedFor: 1...1)
    let result = try Self.scenario(2, bad, drops: absence.drops, chunks: absence.chunks, seed: 1).run()
    #expect(result.allComplete, "\(result.summary)")
    #expect(result.receivers[2].heldAllNanoseconds ?? .max < absence.wholeBy, "\(result.receivers[2])")
  }

  /// A member that starts when the others have half is served when they have all.
  @Test func aMemberThatComesLaterIsWhole() throws {
    var scenario = try Self.scenario(3, nil, drops: true, seed: 1)
    scenario.startsNanoseconds = [0, 0, .milliseconds(1_200)]
    let result = scenario.run()
    #expect(
      result.senderEnd == .finished && result.receivers.allSatisfy { $0.isConfirmed }, "\(result.summary)")
  }
}
