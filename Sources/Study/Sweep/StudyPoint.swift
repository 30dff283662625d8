package import Ground
import Session

/// Which rate controller a study runs.
package enum StudyController: String, CaseIterable, Codable, Sendable {
  case model, aimd

  var kind: RateControllerKind { self == .aimd ? .aimd : .model }
}

/// What carries a trial's datagrams.
package enum StudyWay: String, CaseIterable, Codable, Sendable {
  /// The protocol's own machines in virtual time.
  case simulated
  /// Real sockets on loopback.
  case real
}

/// One place of a sweep.
package struct StudyPoint: Hashable, Codable, Sendable {
  /// Part of the datagrams lost at each receiver, each on its own, in each direction; in [0, 1).
  package var lossFraction: Double
  package var receiverCount: Int
  package var controller: StudyController
  package var mode: TransferMode
  /// Bytes of a whole IP packet: the size of a chunk, and so what one loss costs, follows from it.
  package var mtuByteCount: Int
  package var parity: StudyParity
  package var way: StudyWay

  package init(
    lossFraction: Double, receiverCount: Int, controller: StudyController = .model,
    mode: TransferMode = .unicast,
    mtuByteCount: Int = StudyPlan.defaultMtuByteCount, parity: StudyParity = .off,
    way: StudyWay = .simulated
  ) {
    self.lossFraction = lossFraction
    self.receiverCount = receiverCount
    self.controller = controller
    self.mode = mode
    self.mtuByteCount = mtuByteCount
    self.parity = parity
    self.way = way
  }

  /// Payload bytes of a chunk: the packet without IPv4, UDP and chunk headers.
  package var chunkByteCount: Int { StudyPlan.chunkByteCount(mtuByteCount: mtuByteCount) }
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
