package import Ground

/// How the receivers of a group spread their messages, so that a thousand of them do not answer at one
/// instant (Specs/chunked-udp.md §6.5). The sender uses the same numbers before it calls a receiver silent.
package enum GroupTiming {
  /// Larger group sizes, as a broken announce may state them, count as this.
  package static let largestGroupSize: UInt64 = 100_000

  /// The interval of reports in unicast when nothing arrives. They show that this side is there.
  package static func idleReportInterval(grtt: Nanoseconds) -> Nanoseconds {
    max(.milliseconds(100), 2 * ReportTiming.interval(grtt: grtt, isGroup: false, groupSize: 1))
  }

  /// The time within which the receivers of a group answer an announce, and those of a small group an end; 0
  /// in unicast. A large group sends 1,000 joins a second, a small one 4,000.
  package static func answerSpread(groupSize: UInt64) -> Nanoseconds {
    guard bounded(groupSize) > 1 else { return 0 }
    return bounded(groupSize)
      * (FeedbackShare.isLarge(groupSize) ? .milliseconds(1) : .microseconds(250))
  }

  /// A receiver joins no more often than this: 1,000 joins a second from the whole group.
  package static func joinInterval(groupSize: UInt64) -> Nanoseconds {
    bounded(groupSize) == 1 ? 0 : bounded(groupSize) * .milliseconds(1)
  }

  /// The interval of reports when nothing arrives in a group, whose sender's datagrams were `spacing` apart.
  package static func idleReportInterval(
    grtt: Nanoseconds, groupSize: UInt64, isRepresentative: Bool, stage: FeedbackShare.Stage,
    spacing: Nanoseconds
  ) -> Nanoseconds {
    max(
      .milliseconds(100), 2 * FeedbackShare.ownInterval(groupSize: groupSize, grtt: grtt),
      FeedbackShare.reportInterval(
        groupSize: groupSize, isRepresentative: isRepresentative, stage: stage, grtt: grtt, spacing: spacing))
  }

  /// A silence that can be the effect of spreading and of some lost reports, and so says nothing.
  package static func meaninglessSilence(
    grtt: Nanoseconds, groupSize: UInt64, stage: FeedbackShare.Stage, spacing: Nanoseconds
  ) -> Nanoseconds {
    6
      * idleReportInterval(
        grtt: grtt, groupSize: groupSize, isRepresentative: false, stage: stage, spacing: spacing)
  }

  package static func bounded(_ groupSize: UInt64) -> UInt64 { min(max(1, groupSize), largestGroupSize) }
}
