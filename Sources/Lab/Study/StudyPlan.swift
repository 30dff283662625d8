import Impairment
import Session

/// Which rate controller a study runs.
package enum StudyController: String, CaseIterable, Codable, Sendable {
  case model, aimd

  var kind: RateControllerKind { self == .aimd ? .aimd : .model }
}

/// One place of a sweep.
package struct StudyPoint: Hashable, Codable, Sendable {
  /// Part of the datagrams lost at each receiver, each on its own, in each direction; in [0, 1).
  package var lossFraction: Double
  package var receiverCount: Int
  package var controller: StudyController

  package init(lossFraction: Double, receiverCount: Int, controller: StudyController) {
    self.lossFraction = lossFraction
    self.receiverCount = receiverCount
    self.controller = controller
  }
}

/// One run of a sweep.
package struct StudyJob: Hashable, Sendable {
  package var point: StudyPoint
  /// From 0.
  package var trial: Int

  package init(point: StudyPoint, trial: Int) {
    self.point = point
    self.trial = trial
  }
}

/// A part of a sweep, for machines that share it: job k goes to shard k modulo `count`.
package struct Shard: Equatable, Sendable {
  /// 1...count.
  package let number: Int
  package let count: Int

  /// `3/16`; nil when the text is no such thing.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let number = parts[0], let count = parts[1], (1...100_000).contains(count),
      (1...count).contains(number)
    else { return nil }
    self.number = number
    self.count = count
  }
}

/// What a study sweeps. Written beside its results; shards of one study have the same.
package struct StudyPlan: Equatable, Codable, Sendable {
  /// Each in [0, 1), ascending.
  package var lossFractions: [Double]
  package var receiverCounts: [Int]
  package var controllers: [StudyController]
  package var trialCount: Int
  /// In virtual time; otherwise with real sockets on loopback.
  package var isSimulated: Bool
  package var seed: UInt64
  /// Bytes of the file that each trial sends.
  package var fileByteCount: Int
  /// The path to each receiver besides the loss, as `--impair` takes it: rate, buffer, delay.
  package var path: String

  package init(
    lossFractions: [Double], receiverCounts: [Int], controllers: [StudyController] = [.model],
    trialCount: Int,
    isSimulated: Bool, seed: UInt64, fileByteCount: Int, path: String = StudyPlan.defaultPath
  ) {
    self.lossFractions = lossFractions
    self.receiverCounts = receiverCounts
    self.controllers = controllers
    self.trialCount = trialCount
    self.isSimulated = isSimulated
    self.seed = seed
    self.fileByteCount = fileByteCount
    self.path = path
  }

  /// A path that both the simulator and real sockets on a small machine can keep.
  package static let defaultPath = "rate:100Mbit;buffer:50ms;delay:1ms"
  /// Payload bytes of a chunk in an IP packet of 1,500 bytes.
  package static let chunkByteCount = 1_440

  package var points: [StudyPoint] {
    controllers.flatMap { controller in
      receiverCounts.flatMap { receivers in
        lossFractions.map { StudyPoint(lossFraction: $0, receiverCount: receivers, controller: controller) }
      }
    }
  }

  /// All runs, in order.
  package var jobs: [StudyJob] {
    points.flatMap { point in (0..<trialCount).map { StudyJob(point: point, trial: $0) } }
  }

  package func jobs(of shard: Shard?) -> [StudyJob] {
    guard let shard else { return jobs }
    return jobs.enumerated().filter { $0.offset % shard.count == shard.number - 1 }.map(\.element)
  }

  /// The seed of one run: from the run's own values, so that a wider sweep repeats a narrower one; the same for every
  /// controller, so that they meet the same losses.
  package func seed(of job: StudyJob) -> UInt64 {
    let loss = UInt64((job.point.lossFraction * 1e8).rounded())
    return [loss, UInt64(job.point.receiverCount), UInt64(job.trial)].reduce(seed, SplitMix64.combine)
  }

  /// The path with a loss, towards a receiver and back. The way back has the delay, not the bottleneck, which only the
  /// data fills. Throws when the path's text is none.
  func impairments(lossFraction: Double) throws -> (forward: Impairment, backward: Impairment) {
    var forward = try Impairment(parsing: path)
    forward.loss = lossFraction > 0 ? .random(lossFraction) : .none
    forward = try forward.validated()
    var backward = forward
    backward.bottleneck = nil
    return (forward, backward)
  }

  /// Throws, with a line for people, when the path's text is none.
  package func validate() throws { _ = try impairments(lossFraction: 0) }
}
