package import Ground

/// The part of a sender's rate that the messages of a large group take, Specs/chunked-udp.md §6.4. It is
/// counted in datagrams of the sender: all receivers together send one message for so many of them. So the
/// part is the same for any number of receivers and at any rate, and each receiver knows it without a clock.
package enum FeedbackShare {
  /// In groups of up to this many receivers all report as `ReportTiming` says.
  package static let everyoneCount: UInt64 = 10
  /// In larger groups five receivers, which the announce names, report often. The rate follows them.
  package static let representativeCount = 5
  /// Of the sender's datagrams, for each report of one of the representatives. A report has 130 bytes on the
  /// wire, a datagram 1,514: 0.9 %.
  private static let datagramsPerRepresentativesReport: UInt64 = 10
  /// For each report of one of the others: 0.4 %.
  private static let datagramsPerReport: UInt64 = 20
  /// For each complete, of 88 bytes: 0.7 %.
  private static let datagramsPerComplete: UInt64 = 8
  /// Between two datagrams of the sender, while fewer than `meaningfulCount` are known.
  private static let assumedSpacing: Nanoseconds = .microseconds(100)
  private static let meaningfulCount: UInt64 = 64

  package static func isLarge(_ groupSize: UInt64) -> Bool { groupSize > everyoneCount }

  /// The sender's datagrams between two reports of one receiver of a large group, as a mean.
  package static func reportDatagramCount(groupSize: UInt64, isRepresentative: Bool) -> UInt64 {
    isRepresentative
      ? UInt64(representativeCount) * datagramsPerRepresentativesReport
      : GroupTiming.bounded(groupSize) * datagramsPerReport
  }

  /// The time between two reports of one receiver, when the sender's datagrams are `spacing` apart.
  package static func reportInterval(
    groupSize: UInt64, isRepresentative: Bool, grtt: Nanoseconds, spacing: Nanoseconds
  ) -> Nanoseconds {
    let count = reportDatagramCount(groupSize: groupSize, isRepresentative: isRepresentative)
    return max(ownInterval(grtt: grtt), min(spacing, .seconds(1)) * count)
  }

  /// As often as a receiver alone would report.
  package static func ownInterval(grtt: Nanoseconds) -> Nanoseconds {
    ReportTiming.interval(grtt: grtt, isGroup: false, groupSize: 1)
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
