import Capture
import Figures
import FileSet
import FoundationEssentials
import Ground
import Impairment
import Runs
import Session
import Simulation
import Trace
import Transport

/// Runs the trials of a study, one at a time: in virtual time, or with real sockets on loopback.
///
/// Both ways have the same losses, because the fate of a datagram is drawn from the trial's seed, the
/// receiver and the packet number. Only the times differ.
package struct StudyRunner: Sendable {
  package let plan: StudyPlan
  /// For real runs: the folder of the sent file and of the received files.
  package let workPath: String

  package init(_ plan: StudyPlan, workPath: String) {
    self.plan = plan
    self.workPath = workPath
  }

  /// The same job gives the same result when simulated. `tracePath`: where the sender's qlog goes, when one
  /// is wanted; in unicast to several receivers, that of the first session.
  package func trial(_ job: StudyJob, tracePath: String? = nil) throws -> StudyTrial {
    let sessions: [Tally]
    let all = 0..<job.point.receiverCount
    switch (job.point.way, job.point.mode) {
    case (_, .unicast):
      sessions = try all.map {
        try session(job, receivers: $0..<$0 + 1, tracePath: $0 == 0 ? tracePath : nil)
      }
    case (.real, .tcp): sessions = [try stream(job)]
    case (.simulated, .tcp): throw StudyError.notSimulated(mode: job.point.mode.rawValue)
    case (_, .broadcast), (_, .multicast):
      sessions = [try session(job, receivers: all, tracePath: tracePath)]
    }
    return trial(job, sessions)
  }

  /// The numbers of one session. A trial is the sum of its sessions, which run one after the other.
  private struct Tally {
    var isComplete = false
    var seconds = 0.0
    var firstCount: UInt64 = 0
    var repairCount: UInt64 = 0
    var nackCount: UInt64 = 0
    var datagramCount: UInt64 = 0
    /// IPv4 and UDP headers included.
    var wireByteCount: UInt64 = 0
    var traceDigest: UInt64 = 0
  }

  private func trial(_ job: StudyJob, _ sessions: [Tally]) -> StudyTrial {
    func sum(_ value: (Tally) -> UInt64) -> UInt64 { sessions.reduce(0) { $0 + value($1) } }
    let isComplete = sessions.allSatisfy(\.isComplete)
    let seconds = isComplete ? sessions.reduce(0) { $0 + $1.seconds } : 0
    return StudyTrial(
      point: job.point, trial: job.trial, seed: plan.seed(of: job), isComplete: isComplete, seconds: seconds,
      goodputBitsPerSecond: seconds > 0 ? Double(plan.fileByteCount) * 8 / seconds : 0,
      firstCount: sum(\.firstCount), repairCount: sum(\.repairCount), nackCount: sum(\.nackCount),
      datagramCount: sum(\.datagramCount), wireByteCount: sum(\.wireByteCount),
      fileByteCount: UInt64(plan.fileByteCount),
      traceDigest: sessions.reduce(0) { $0 == 0 ? $1.traceDigest : SplitMix64.combine($0, $1.traceDigest) })
  }

  /// The seed of one session: in unicast each receiver has its own, as each session counts its packets from
  /// 0.
  private func seed(_ job: StudyJob, receivers: Range<Int>) -> UInt64 {
    let seed = plan.seed(of: job)
    return receivers.lowerBound == 0 ? seed : SplitMix64.combine(seed, UInt64(receivers.lowerBound))
  }

  private func session(_ job: StudyJob, receivers: Range<Int>, tracePath: String?) throws -> Tally {
    job.point.way == .simulated
      ? try simulated(job, receivers: receivers, tracePath: tracePath)
      : try real(job, receivers: receivers, tracePath: tracePath)
  }

  // MARK: In virtual time

  /// The simulator counts Ethernet's header too; loopback has none, so the comparison is on the layer below
  /// UDP.
  private static let linkHeaderByteCount = UInt64(PacketSize.ethernet)

  private func simulated(_ job: StudyJob, receivers: Range<Int>, tracePath: String?) throws -> Tally {
    let point = job.point
    let paths = try plan.roundTrips(lossFraction: point.lossFraction, receivers: receivers)
    let chunks = (plan.fileByteCount + point.chunkByteCount - 1) / point.chunkByteCount
    var scenario = Scenario(
      receiverCount: receivers.count, isGroup: point.mode.isGroup, forward: paths.map(\.forward),
      backward: paths.map(\.backward), rttNanoseconds: 0, fileChunkCount: UInt64(max(1, chunks)),
      chunkByteCount: point.chunkByteCount,
      controller: point.controller.kind, seed: seed(job, receivers: receivers))
    scenario.parity = point.parity.simulated
    let tracer = try tracePath.map { [scenario] in
      try SimulationTracer(
        path: $0, scenario: scenario,
        session: TracedSession(
          sessionID: scenario.sessionID, mode: point.mode.rawValue, local: "simulated",
          remote: point.mode.isGroup ? HumanText.grouped(receivers.count, "receiver") : "receiver 1",
          fileCount: 1,
          fileByteCount: UInt64(plan.fileByteCount), chunkCount: scenario.fileChunkCount + 2,
          chunkByteCount: UInt64(point.chunkByteCount), seed: scenario.seed))
    }
    let result = scenario.run(observer: tracer?.observer)
    try tracer?.close(result)
    return Tally(
      isComplete: result.allComplete, seconds: Double(result.completionNanoseconds ?? 0) / 1e9,
      firstCount: result.sender.firstDatagrams,
      repairCount: result.repairCount + result.sender.parityDatagrams,
      nackCount: result.nackCount,
      datagramCount: result.sentBySender.datagramCount,
      wireByteCount: result.sentBySender.wireByteCount - Self.linkHeaderByteCount
        * result.sentBySender.datagramCount,
      traceDigest: result.traceDigest)
  }

  // MARK: With real sockets

  private func real(_ job: StudyJob, receivers: Range<Int>, tracePath: String?) throws -> Tally {
    let point = job.point
    let set = try sourceSet()
    let folders = receivers.map { "\(workPath)/receiver-\($0)" }
    defer { folders.forEach { try? FileManager.default.removeItem(atPath: $0) } }
    let seed = seed(job, receivers: receivers)
    var loopback = LoopbackChunked(
      set: set, folders: folders, mode: point.mode,
      paths: try plan.roundTrips(lossFraction: point.lossFraction, receivers: receivers),
      fates: folders.indices.map { LoopbackChunked.Fate(seed: seed, receiver: UInt64($0)) })
    loopback.controller = point.controller.kind
    loopback.mtuByteCount = point.mtuByteCount
    loopback.parity = point.parity.real
    loopback.fixedParityShare = point.parity.fixedShare
    loopback.trace.qlogPath = tracePath
    let outcome = try loopback.run()
    let sent = outcome.sent
    return Tally(
      isComplete: (sent?.isWhole ?? false) && outcome.receivers.allSatisfy { $0.report?.isWhole ?? false },
      seconds: outcome.receivers.map(\.lastFileSeconds).max() ?? 0,
      firstCount: sent?.firstDatagrams ?? 0,
      repairCount: sent.map { $0.repairDatagrams + $0.parityDatagrams } ?? 0,
      nackCount: outcome.receivers.reduce(0) { $0 + ($1.report?.nacksSent ?? 0) },
      datagramCount: sent?.datagramsSent ?? 0,
      wireByteCount: sent.map { $0.bytesSent + UInt64(PacketSize.ipv4 + PacketSize.udp) * $0.datagramsSent }
        ?? 0)
  }

  /// Chunked over TCP: loopback as it is. Its packets are the account's prediction for a 1,500-byte link.
  private func stream(_ job: StudyJob) throws -> Tally {
    let set = try sourceSet()
    let folders = (0..<job.point.receiverCount).map { "\(workPath)/receiver-\($0)" }
    defer { folders.forEach { try? FileManager.default.removeItem(atPath: $0) } }
    let outcome = try LoopbackStream(set: set, folders: folders).run()
    let total = Predictor(
      set: AccountedSet(set), receiverCount: job.point.receiverCount,
      sizes: HeaderSizes(mtuByteCount: StudyPlan.defaultMtuByteCount)
    ).predict(.chunked, .tcp).total
    return Tally(
      isComplete: outcome.sent.receivers.allSatisfy { $0.outcome == .whole },
      seconds: outcome.receivers.map(\.seconds).max() ?? 0, datagramCount: total.network.packets,
      wireByteCount: total.network.bytes)
  }

  /// A file of seeded bytes, as long as the simulated one; written once.
  private func sourceSet() throws -> ScannedSet {
    let folder = workPath + "/source"
    let path = folder + "/study.jpg"
    if !FileManager.default.fileExists(atPath: path) {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      var generator = SplitMix64(seed: plan.seed)
      var bytes = Data(capacity: plan.fileByteCount + 8)
      while bytes.count < plan.fileByteCount {
        withUnsafeBytes(of: generator.next()) { bytes.append(contentsOf: $0) }
      }
      try bytes.prefix(plan.fileByteCount).write(to: URL(fileURLWithPath: path))
    }
    return try FileScanner.scan(folder)
  }
}
