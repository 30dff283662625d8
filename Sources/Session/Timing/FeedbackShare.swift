package import Ground

/// The part of a sender's rate that the messages of a group take, Specs/chunked-udp.md §6.4. It is counted in
/// datagrams of the sender: all receivers together send one message for so many of them. So the part is the
/// same for any number of receivers and at any rate, and each receiver knows it without a clock.
package enum FeedbackShare {
  /// How far a session is.
  package enum Stage: Sendable {
    /// The sender looks for its rate. Each report lets it grow.
    case beginning
    case flowing
    /// Every chunk was sent once. Few datagrams follow, and reports say how many symbols they need.
    case ending
  }

  /// In groups of up to this many receivers all report as often.
  package static let everyoneCount: UInt64 = 10
  /// In larger groups five receivers, which the announce names, report often. The rate follows them.
  package static let representativeCount = 5
  /// Packets of a session with which its sender finds a rate.
  private static let firstPacketCount: UInt64 = 1_000
  /// Of the sender's datagrams, for each report of a small group's member, while chunks flow. A report has
  /// 130 bytes on the wire, a datagram 1,514: 1.2 %.
  private static let datagramsPerMembersReport: UInt64 = 7
  /// For each report of one of the representatives in the beginning and at the end: 0.9 %.
  private static let datagramsPerRepresentativesReport: UInt64 = 10
  /// While chunks flow: 0.4 %. The more receivers, the more joins and completes. So one more datagram for
  /// each hundred receivers, up to 30 datagrams: 0.3 %.
  private static let flowingPerRepresentativesReport: (least: UInt64, most: UInt64) = (20, 30)
  private static let receiversPerRepresentativesDatagram: UInt64 = 100
  /// For each report of one of the others: 0.4 %. Before the end one more datagram for each 25 receivers, up
  /// to 60 datagrams: 0.15 %.
  private static let datagramsPerReport: (least: UInt64, most: UInt64) = (20, 60)
  private static let receiversPerDatagram: UInt64 = 25
  /// For each complete, of 88 bytes: 0.7 %.
  private static let datagramsPerComplete: UInt64 = 8
  /// Between two datagrams of the sender, while fewer than `meaningfulCount` are known.
  private static let assumedSpacing: Nanoseconds = .microseconds(100)
  private static let meaningfulCount: UInt64 = 64

  package static func isLarge(_ groupSize: UInt64) -> Bool { groupSize > everyoneCount }

  /// The stage when this is the newest packet.
  package static func stage(packet: UInt64, isEnding: Bool) -> Stage {
    isEnding ? .ending : packet < firstPacketCount ? .beginning : .flowing
  }

  /// The sender's datagrams between two reports of one receiver of a group, as a mean; 0 where only time
  /// counts. All members of a small group report alike.
  package static func reportDatagramCount(
    groupSize: UInt64, isRepresentative: Bool, stage: Stage
  ) -> UInt64 {
    let isFlowing = stage == .flowing
    guard isLarge(groupSize) else { return isFlowing ? max(1, groupSize) * datagramsPerMembersReport : 0 }
    let size = GroupTiming.bounded(groupSize)
    if isRepresentative {
      let (least, most) = flowingPerRepresentativesReport
      let flowing = min(least + size / receiversPerRepresentativesDatagram, most)
      return UInt64(representativeCount) * (isFlowing ? flowing : datagramsPerRepresentativesReport)
    }
    let (least, most) = datagramsPerReport
    return size * (stage == .ending ? least : min(least + size / receiversPerDatagram, most))
  }

  /// The time between two reports of one receiver, when the sender's datagrams are `spacing` apart.
  package static func reportInterval(
    groupSize: UInt64, isRepresentative: Bool, stage: Stage, grtt: Nanoseconds, spacing: Nanoseconds
  ) -> Nanoseconds {
    let count = reportDatagramCount(groupSize: groupSize, isRepresentative: isRepresentative, stage: stage)
    return max(ownInterval(groupSize: groupSize, grtt: grtt), min(spacing, .seconds(1)) * count)
  }

  /// No receiver reports more often, whatever arrives.
  package static func ownInterval(groupSize: UInt64, grtt: Nanoseconds) -> Nanoseconds {
    isLarge(groupSize)
      ? ReportTiming.interval(grtt: grtt, isGroup: false, groupSize: 1)
      : ReportTiming.interval(grtt: grtt, isGroup: true, groupSize: UInt32(groupSize))
  }

  /// The time within which all receivers of a large group state that they are complete.
  package static func completeSpread(groupSize: UInt64, spacing: Nanoseconds) -> Nanoseconds {
    min(spacing, .seconds(1)) * GroupTiming.bounded(groupSize) * datagramsPerComplete
  }

  /// The mean time between `count` datagrams of the sender within `elapsed`.
  package static func spacing(of count: UInt64, in elapsed: Nanoseconds) -> Nanoseconds {
    count < meaningfulCount ? assumedSpacing : max(1, elapsed / count)
  }
}
