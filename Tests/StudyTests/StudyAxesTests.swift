import Foundation
import Ground
import Study
import Testing
import Trace

/// Mode, size and way as axes of a sweep.
@Suite struct StudyAxesTests {
  private static func plan(
    receivers: [Int] = [3], modes: [TransferMode] = [], mtus: [Int] = [1_500],
    ways: [StudyWay] = [.simulated],
    losses: [Double] = [0, 0.1], controllers: [StudyController] = [.model], parities: [String] = ["off"]
  ) -> StudyPlan {
    StudyPlan(
      lossFractions: losses, receiverCounts: receivers, controllers: controllers, modes: modes,
      mtuByteCounts: mtus, parities: parities.compactMap(StudyParity.init), ways: ways, trialCount: 1,
      seed: 5,
      fileByteCount: 400_000)
  }

  private static func trials(_ plan: StudyPlan) throws -> [StudyTrial] {
    try plan.jobs.map { try StudyRunner(plan, workPath: "").trial($0) }
  }

  @Test func withoutModesGroupsAreMulticast() {
    #expect(Self.plan(receivers: [1, 3]).lines.map(\.mode) == [.unicast, .multicast])
  }

  /// TCP has no losses, no controller and no datagrams of ours: one point.
  @Test func tcpStandsOnceAndWithRealSocketsOnly() {
    let plan = Self.plan(
      modes: [.tcp, .unicast], mtus: [1_500, 9_000], ways: StudyWay.allCases, controllers: [.model, .aimd])
    let points = plan.points.filter { $0.mode == .tcp }
    #expect(points.count == 1 && points.allSatisfy { $0.way == .real && $0.lossFraction == 0 })
    #expect(Self.plan(modes: [.tcp]).points.isEmpty)
    #expect(plan.points.count == 1 + 2 * 2 * 2 * 2)
  }

  // MARK: Parity

  /// One receiver by unicast and TCP have no parity: one line each.
  @Test func parityIsOfGroups() {
    let plan = Self.plan(modes: [.unicast, .multicast, .tcp], parities: ["off", "64"])
    #expect(plan.lines.filter { $0.mode == .multicast }.map(\.parity.rawValue) == ["off", "64"])
    #expect(plan.lines.filter { $0.mode != .multicast }.map(\.parity) == [.off, .off])
  }

  /// Three receivers that lose other chunks: one symbol serves all of them.
  @Test(arguments: StudyWay.allCases)
  func paritySparesNacks(way: StudyWay) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let plan = Self.plan(ways: [way], losses: [0.1], parities: ["off", "64"])
    let trials = try plan.jobs.map { try StudyRunner(plan, workPath: folder).trial($0) }
    #expect(trials.count == 2 && trials.allSatisfy(\.isComplete))
    // By chunks each receiver asks again and again; symbols that are sent unasked spare most of it.
    #expect(trials[1].repairCount > 0 && trials[1].nackCount < trials[0].nackCount)
    #expect(StudyCSV.trial(Substring(StudyCSV.line(trials[1]))) == trials[1])
  }

  @Test func unicastToThreeIsThreeSessions() throws {
    let trials = try Self.trials(Self.plan(modes: [.unicast, .multicast], losses: [0]))
    let (unicast, multicast) = (trials[0], trials[1])
    #expect(trials.count == 2 && trials.allSatisfy(\.isComplete))
    #expect(unicast.firstCount == 3 * multicast.firstCount)
    #expect(unicast.wireRatio > 2.9 * multicast.wireRatio && unicast.seconds > 2 * multicast.seconds)
  }

  /// Said in the help and on the page: in the simulator the two are one network.
  @Test func broadcastIsMulticastInTheSimulator() throws {
    let trials = try Self.trials(Self.plan(modes: [.broadcast, .multicast], losses: [0.1]))
    #expect(trials[0].traceDigest == trials[1].traceDigest && trials[0].point.mode == .broadcast)
  }

  // MARK: Single receivers and directions

  private static func trials(impairments: [String], receivers: Int, mode: TransferMode) throws -> [StudyTrial]
  {
    var plan = plan(receivers: [receivers], modes: [mode], losses: [0])
    plan.impairments = impairments
    try plan.validate()
    return try trials(plan)
  }

  @Test(arguments: [TransferMode.unicast, .multicast])
  func oneReceiversLossIsItsOwn(mode: TransferMode) throws {
    let one = try #require(Self.trials(impairments: ["r2 out: 20%"], receivers: 3, mode: mode).first)
    let all = try #require(Self.trials(impairments: ["out: 20%"], receivers: 3, mode: mode).first)
    #expect(one.isComplete && one.repairCount > 50)
    #expect(Double(one.repairCount) < 0.6 * Double(all.repairCount))
  }

  /// Its losses are not the sweep's, so that the model's number would mislead.
  @Test func theModelIsSilentWhereImpairmentsSpeak() throws {
    var plan = Self.plan(losses: [0.1])
    #expect(StudySummary.all(plan, try Self.trials(plan)).allSatisfy { $0.expectedRepairsPerChunk != nil })
    plan.impairments = ["r1 out: 20%"]
    let summaries = StudySummary.all(plan, try Self.trials(plan))
    #expect(summaries.count == 1 && summaries.allSatisfy { $0.expectedRepairsPerChunk == nil })
  }

  @Test func directionsAreTheSenders() throws {
    let out = try #require(Self.trials(impairments: ["out: 20%"], receivers: 1, mode: .unicast).first)
    let back = try #require(Self.trials(impairments: ["in: 20%"], receivers: 1, mode: .unicast).first)
    #expect(out.repairCount > 50 && back.repairCount == 0 && back.isComplete)
  }

  @Test(arguments: [("r4 out: 5%", "r1 to r3"), ("r2 out: much", "much"), ("sideways", "sideways")])
  func anImpairmentThatNobodyHasIsNone(text: String, named: String) throws {
    var plan = Self.plan()
    plan.impairments = [text]
    let error = try #require(throws: (any Error).self) { try plan.validate() }
    #expect("\(error)".contains(named), "\(error)")
  }

  @Test func largerDatagramsAreFewer() throws {
    let trials = try Self.trials(Self.plan(receivers: [1], mtus: [1_500, 9_000], losses: [0]))
    #expect(Double(trials[0].firstCount) / Double(trials[1].firstCount) > 5)
    #expect(trials.allSatisfy { $0.fileByteCount == 400_000 })
  }

  /// The trace of a simulated session counts what the trial counts.
  @Test func aSimulatedTrialTracesItself() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/lab-timeline-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let plan = Self.plan(losses: [0.1])
    let job = try #require(plan.jobs.first)
    let path = folder + "/run.qlog"
    let trial = try StudyRunner(plan, workPath: "").trial(job, tracePath: path)
    #expect(trial == (try StudyRunner(plan, workPath: "").trial(job)), "watched or not, the same")
    var summary = TraceSummary()
    try TraceReader(path: path).forEach { summary.add($0) }
    #expect(summary.sent.first == trial.firstCount && summary.sent.repair == trial.repairCount)
    #expect(summary.sent.total == trial.datagramCount && summary.outcome == "finished")
    #expect(summary.chunksAskedFor > 0 && summary.metricsCount > 0)
  }

  // MARK: Real beside simulated

  private static func agreement(real: [UInt64], simulated: [UInt64]) -> [StudyAgreement] {
    var plan = plan(receivers: [1], ways: StudyWay.allCases, losses: [0.1])
    plan.trialCount = 3
    let trials = plan.jobs.map { job in
      let counts = job.point.way == .real ? real : simulated
      return StudyTrial(
        point: job.point, trial: job.trial, seed: 1, isComplete: true, seconds: 1, goodputBitsPerSecond: 1e6,
        firstCount: 100, repairCount: counts[job.trial], nackCount: 10, datagramCount: 1, wireByteCount: 1,
        fileByteCount: 1, traceDigest: 0)
    }
    return StudyAgreement.all(plan, trials)
  }

  @Test func agreementIsOfMedians() throws {
    let one = try #require(Self.agreement(real: [10, 999, 22], simulated: [10, 1, 20]).first)
    #expect(one.repairs.real == 22 && one.repairs.simulated == 10)
    #expect(one.repairs.ratio == 1.1 && !one.repairs.isWithin, "the middle one of 1, 1.1 and 999")
    #expect(one.nacks.ratio == 1 && one.nacks.isWithin && one.pairCount == 3)
    #expect(StudyAgreement.table([one]).contains("2 of 3 agree within 5 %"))
    let none = Self.agreement(real: [0, 0, 0], simulated: [0, 0, 0])
    #expect(none.allSatisfy { $0.repairs.isWithin }, "nothing was to be repaired")
    #expect(StudyAgreement.verdict(none).contains("all 3 agree"))
  }

  @Test(arguments: [([Double](), 0.0), ([4.0], 4.0), ([9.0, 1.0], 5.0), ([9.0, 1.0, 2.0], 2.0)])
  func medians(values: [Double], median: Double) { #expect(StudyAgreement.median(values) == median) }
}

/// Real sockets on loopback, for the modes of a study.
@Suite(.serialized, .timeLimit(.minutes(5))) struct StudyRealTests {
  private static func trial(
    _ mode: TransferMode, receivers: Int, loss: Double, way: StudyWay, impairments: [String] = []
  ) throws -> StudyTrial {
    let root = FileManager.default.temporaryDirectory.path + "/lab-real-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: root) }
    let plan = StudyPlan(
      lossFractions: [loss], receiverCounts: [receivers], modes: [mode], ways: [way], trialCount: 1, seed: 3,
      fileByteCount: 1_000_000, impairments: impairments)
    let job = try #require(plan.jobs.first)
    return try StudyRunner(plan, workPath: root).trial(job)
  }

  /// The same single receiver loses with real sockets: every first transmission it lost was repaired.
  @Test func oneReceiversLossIsItsOwnWithRealSockets() throws {
    let repairs = try StudyWay.allCases.map { way in
      let trial = try Self.trial(.multicast, receivers: 2, loss: 0, way: way, impairments: ["r2 out: 20%"])
      #expect(trial.isComplete)
      return Double(trial.repairCount)
    }
    #expect(repairs[0] > 50 && (0.7...1.4).contains(repairs[1] / repairs[0]), "\(repairs)")
  }

  @Test(arguments: [
    (TransferMode.unicast, 2, 0.1), (.broadcast, 2, 0.1), (.multicast, 2, 0.1), (.tcp, 2, 0),
  ])
  func everyModeBringsEverything(mode: TransferMode, receivers: Int, loss: Double) throws {
    let trial = try Self.trial(mode, receivers: receivers, loss: loss, way: .real)
    #expect(trial.isComplete && trial.seconds > 0 && trial.wireRatio > 1, "\(trial)")
    #expect((trial.repairCount > 0) == (loss > 0), "\(trial)")
  }

  /// The fate of a datagram is drawn from the same seed, receiver and packet number both ways.
  @Test func realAndSimulatedTrialsMeetTheSameLosses() throws {
    let simulated = try Self.trial(.unicast, receivers: 1, loss: 0.2, way: .simulated)
    // The first sending loses the same packets. What is lost of the repairs depends on when they are sent,
    // and on a busy machine some are sent twice: the fewest of some trials are compared.
    var fewest = Int.max
    for _ in 0..<5 where fewest >= Int(Double(simulated.repairCount) * 1.12) {
      let real = try Self.trial(.unicast, receivers: 1, loss: 0.2, way: .real)
      #expect(real.firstCount == simulated.firstCount && real.seed == simulated.seed)
      fewest = min(fewest, Int(real.repairCount))
    }
    let ratio = Double(fewest) / Double(simulated.repairCount)
    #expect(abs(ratio - 1) < 0.12, "\(fewest) and \(simulated.repairCount) repairs")
  }
}
