package import Ground
import Impairment
import Wire

/// What a study sweeps. Written beside its results; shards of one study have the same.
package struct StudyPlan: Equatable, Codable, Sendable {
  /// Each in [0, 1), ascending.
  package var lossFractions: [Double]
  package var receiverCounts: [Int]
  package var controllers: [StudyController]
  /// None: unicast to one receiver, multicast to several.
  package var modes: [TransferMode]
  package var mtuByteCounts: [Int]
  /// How groups repair.
  package var parities: [StudyParity]
  package var ways: [StudyWay]
  package var trialCount: Int
  package var seed: UInt64
  /// Bytes of the file that each trial sends.
  package var fileByteCount: Int
  /// The path to each receiver besides the loss, as `--impair` takes it: rate, buffer, delay.
  package var path: String
  /// Impairments of single receivers or directions, as the sender's `--impair` takes them: `r2 out: 20%`,
  /// `in: delay:30ms`.
  package var impairments: [String]

  package init(
    lossFractions: [Double], receiverCounts: [Int], controllers: [StudyController] = [.model],
    modes: [TransferMode] = [], mtuByteCounts: [Int] = [StudyPlan.defaultMtuByteCount],
    parities: [StudyParity] = [.off], ways: [StudyWay] = [.simulated], trialCount: Int, seed: UInt64,
    fileByteCount: Int,
    path: String = StudyPlan.defaultPath, impairments: [String] = []
  ) {
    self.lossFractions = lossFractions
    self.receiverCounts = receiverCounts
    self.controllers = controllers
    self.modes = modes
    self.mtuByteCounts = mtuByteCounts
    self.parities = parities
    self.ways = ways
    self.trialCount = trialCount
    self.seed = seed
    self.fileByteCount = fileByteCount
    self.path = path
    self.impairments = impairments
  }

  /// A path that the simulator and real sockets on a small machine can both keep: the scheduler's delays are
  /// small beside the path's.
  package static let defaultPath = "rate:100Mbit;buffer:100ms;delay:10ms"
  package static let defaultMtuByteCount = 1_500
  /// From the smallest packet that every IPv4 host accepts (RFC 791) to the largest that a datagram fills on
  /// loopback.
  package static let mtuByteCounts = 576...PacketSize.largest

  /// The packet without the headers of IPv4, UDP and the chunk.
  package static func chunkByteCount(mtuByteCount: Int) -> Int {
    SetShape.chunkByteCount(inDatagramOf: mtuByteCount - PacketSize.ipv4 - PacketSize.udp)
  }

  package static let lossValues = 0.0..<1
  package static let receiverCountLimit = 100_000
  package static let trialCounts = 1...10_000
  package static let fileByteCounts = 1...1_000_000_000
  private static let jobCountLimit = 10_000_000

  /// Whether the command line could have made this plan, which was read from a file.
  package var isPossible: Bool {
    let sizes = [
      ways.count, mtuByteCounts.count, controllers.count, receiverCounts.count, max(1, modes.count),
      lossFractions.count, parities.count, trialCount,
    ]
    var jobCount = 1
    for size in sizes {
      guard size > 0, size <= Self.jobCountLimit / jobCount else { return false }
      jobCount *= size
    }
    return lossFractions.allSatisfy { Self.lossValues.contains($0) && ($0 == 0 || $0 >= 1e-8) }
      && receiverCounts.allSatisfy { (1...Self.receiverCountLimit).contains($0) }
      && mtuByteCounts.allSatisfy { Self.mtuByteCounts.contains($0) }
      && Self.trialCounts.contains(trialCount) && Self.fileByteCounts.contains(fileByteCount)
  }

  /// Every combination; TCP only where it can be run.
  package var points: [StudyPoint] {
    ways.flatMap { way in lines.flatMap { $0.points(way: way, lossFractions: lossFractions) } }
  }

  /// A line of a plot: all values of a point but the loss and the way.
  package struct Line: Equatable, Sendable {
    package var receiverCount: Int
    package var controller: StudyController
    package var mode: TransferMode
    package var mtuByteCount: Int
    package var parity: StudyParity

    func points(way: StudyWay, lossFractions: [Double]) -> [StudyPoint] {
      let losses = mode == .tcp ? lossFractions.filter { $0 == 0 && way == .real } : lossFractions
      return losses.map {
        StudyPoint(
          lossFraction: $0, receiverCount: receiverCount, controller: controller, mode: mode,
          mtuByteCount: mtuByteCount, parity: parity, way: way)
      }
    }

    func contains(_ point: StudyPoint) -> Bool {
      point.receiverCount == receiverCount && point.controller == controller && point.mode == mode
        && point.mtuByteCount == mtuByteCount && point.parity == parity
    }
  }

  package var lines: [Line] {
    var all: [Line] = []
    for mtu in mtuByteCounts {
      for controller in controllers {
        for receivers in receiverCounts {
          for mode in modes.isEmpty ? [receivers == 1 ? .unicast : .multicast] : modes {
            // TCP has neither our controllers nor our datagrams.
            if mode == .tcp, controller != controllers.first || mtu != mtuByteCounts.first { continue }
            for parity in mode.isGroup ? parities : [.off] {
              all.append(
                Line(
                  receiverCount: receivers, controller: controller, mode: mode, mtuByteCount: mtu,
                  parity: parity))
            }
          }
        }
      }
    }
    return all
  }

  /// All runs, in order.
  package var jobs: [StudyJob] {
    points.flatMap { point in (0..<trialCount).map { StudyJob(point: point, trial: $0) } }
  }

  package func jobs(of shard: Shard?) -> [StudyJob] {
    guard let shard else { return jobs }
    return jobs.enumerated().filter { $0.offset % shard.count == shard.number - 1 }.map(\.element)
  }

  /// The seed of one run: from the run's own values, so that a wider sweep repeats a narrower one; the same
  /// for every controller, mode, size, parity and way, so that they meet the same losses.
  package func seed(of job: StudyJob) -> UInt64 {
    let loss = UInt64((job.point.lossFraction * 1e8).rounded())
    return [loss, UInt64(job.point.receiverCount), UInt64(job.trial)].reduce(seed, SplitMix64.combine)
  }

  /// The path to each of these receivers (counted from 0) and back, with a loss each way. The way back has
  /// the delay and no bottleneck, because only data fills a bottleneck. `impairments` take the place of the
  /// path's and the sweep's values. Throws when a text is no impairment.
  func roundTrips(lossFraction: Double, receivers: Range<Int>) throws -> [ImpairedRoundTrip] {
    let named = Set(impairments.compactMap(Self.receiver))
    let others = try roundTrip(lossFraction: lossFraction, receiver: nil)
    return try receivers.map {
      named.contains($0) ? try roundTrip(lossFraction: lossFraction, receiver: $0) : others
    }
  }

  /// `receiver`: nil for a receiver that no text names.
  private func roundTrip(lossFraction: Double, receiver: Int?) throws -> ImpairedRoundTrip {
    var forward = try Impairment(parsing: path)
    forward.loss = lossFraction > 0 ? .random(lossFraction) : .none
    var backward = forward
    backward.bottleneck = nil
    var outgoing: [String] = []
    var incoming: [String] = []
    for text in impairments {
      let (scope, rest) = ImpairmentScope.split(text)
      guard scope.receiver == nil || Self.receiver(text) == receiver else { continue }
      if scope.way != .in { outgoing.append(rest) }
      if scope.way != .out { incoming.append(rest) }
    }
    return ImpairedRoundTrip(
      forward: try forward.refined(by: outgoing).validated(),
      backward: try backward.refined(by: incoming).validated())
  }

  /// Throws, with a line for people, when a text is no impairment or names a receiver that no point of the
  /// sweep has.
  package func validate() throws {
    let most = receiverCounts.max() ?? 0
    for text in impairments {
      guard let receiver = Self.receiver(text), receiver >= most else { continue }
      throw StudyError.noSuchReceiver(text: text, receiverCount: most)
    }
    _ = try roundTrip(lossFraction: 0, receiver: nil)
    for receiver in Set(impairments.compactMap(Self.receiver)) {
      _ = try roundTrip(lossFraction: 0, receiver: receiver)
    }
  }

  /// The place, from 0, of the receiver that a text names.
  private static func receiver(_ text: String) -> Int? {
    ImpairmentScope.split(text).scope.receiver.flatMap(ImpairmentScope.number).map { $0 - 1 }
  }
}
