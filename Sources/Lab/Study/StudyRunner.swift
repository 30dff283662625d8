import FileSet
import Foundation
import Impairment
import Session
import Simulation
import Transport

/// Runs the trials of a study, one at a time: in virtual time, or with real sockets on loopback.
package struct StudyRunner: Sendable {
  package let plan: StudyPlan
  /// Real runs: where the file is and arrives.
  package let workPath: String

  package init(_ plan: StudyPlan, workPath: String) {
    self.plan = plan
    self.workPath = workPath
  }

  /// The same job gives the same result when simulated.
  package func trial(_ job: StudyJob) throws -> StudyTrial {
    plan.isSimulated ? try simulated(job) : try real(job)
  }

  /// The simulator counts Ethernet's header too; loopback has none, so the comparison is on the layer below UDP.
  private static let linkHeaderByteCount: UInt64 = 14

  private func simulated(_ job: StudyJob) throws -> StudyTrial {
    let seed = plan.seed(of: job)
    let (forward, backward) = try plan.impairments(lossFraction: job.point.lossFraction)
    let chunks = (plan.fileByteCount + StudyPlan.chunkByteCount - 1) / StudyPlan.chunkByteCount
    let result = Scenario(
      receiverCount: job.point.receiverCount, forward: [forward], backward: [backward], rttNanoseconds: 0,
      fileChunkCount: UInt64(max(1, chunks)), chunkByteCount: StudyPlan.chunkByteCount,
      controller: job.point.controller.kind, seed: seed
    ).run()
    return StudyTrial(
      point: job.point, trial: job.trial, seed: seed, isSimulated: true, isComplete: result.allComplete,
      seconds: Double(result.completionNanoseconds ?? 0) / 1e9,
      goodputBitsPerSecond: result.goodputBitsPerSecond,
      firstCount: result.sender.firstDatagrams, repairCount: result.repairCount, nackCount: result.nackCount,
      datagramCount: result.sentBySender.datagramCount,
      wireByteCount: result.sentBySender.wireByteCount - Self.linkHeaderByteCount
        * result.sentBySender.datagramCount,
      fileByteCount: result.fileByteCount, traceDigest: result.traceDigest)
  }

  private func real(_ job: StudyJob) throws -> StudyTrial {
    let seed = plan.seed(of: job)
    let (forward, backward) = try plan.impairments(lossFraction: job.point.lossFraction)
    let set = try sourceSet()
    let folders = (0..<job.point.receiverCount).map { "\(workPath)/receiver-\($0)" }
    defer { folders.forEach { try? FileManager.default.removeItem(atPath: $0) } }
    let outcome = try LoopbackChunked(
      set: set, folders: folders, forward: forward, backward: backward,
      seeds: folders.indices.map { SplitMix64.combine(seed, UInt64($0)) },
      controller: job.point.controller.kind
    ).run()
    let isComplete =
      (outcome.sent?.isWhole ?? false) && outcome.receivers.allSatisfy { $0.report?.isWhole ?? false }
    let seconds = isComplete ? outcome.receivers.map(\.lastFileSeconds).max() ?? 0 : 0
    let fileByteCount = set.manifest.fileByteCount
    let sent = outcome.sent
    return StudyTrial(
      point: job.point, trial: job.trial, seed: seed, isSimulated: false, isComplete: isComplete,
      seconds: seconds,
      goodputBitsPerSecond: seconds > 0 ? Double(fileByteCount) * 8 / seconds : 0,
      firstCount: sent?.firstDatagrams ?? 0, repairCount: sent?.repairDatagrams ?? 0,
      nackCount: outcome.receivers.reduce(0) { $0 + ($1.report?.nacksSent ?? 0) },
      datagramCount: sent?.datagramsSent ?? 0,
      wireByteCount: sent.map { $0.bytesSent + 28 * $0.datagramsSent } ?? 0,  // IPv4 and UDP headers
      fileByteCount: fileByteCount, traceDigest: 0)
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
