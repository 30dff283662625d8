package import Ground

/// How the receivers of a group spread what they say, so that a thousand of them do not answer at one instant
/// (Specs/chunked-udp.md §6.5). The sender reckons with the same numbers before it calls a receiver silent.
package enum GroupTiming {
  /// Group sizes beyond this, as a broken announce may state them, count as this.
  package static let largestGroupSize: UInt64 = 100_000

  /// When nothing arrives: a report goes on being sent, to say that this side lives.
  package static func idleReportInterval(
    grtt: Nanoseconds, isGroup: Bool, groupSize: UInt64
  ) -> Nanoseconds {
    let busy = ReportTiming.interval(
      grtt: grtt, isGroup: isGroup, groupSize: UInt32(min(groupSize, largestGroupSize)))
    return max(.milliseconds(100), 2 * busy)
  }

  /// Within which time the receivers of a group answer an announce or an end; none in unicast.
  package static func answerSpread(groupSize: UInt64) -> Nanoseconds {
    size(groupSize) == 1 ? 0 : min(size(groupSize) * .microseconds(250), .milliseconds(500))
  }

  /// A receiver joins no more often: 1,000 joins a second from the whole group.
  package static func joinInterval(groupSize: UInt64) -> Nanoseconds {
    size(groupSize) == 1 ? 0 : size(groupSize) * .milliseconds(1)
  }

  /// Silence that can come of spreading and of some lost reports, and so says nothing.
  package static func meaninglessSilence(grtt: Nanoseconds, groupSize: UInt64) -> Nanoseconds {
    6 * idleReportInterval(grtt: grtt, isGroup: true, groupSize: groupSize)
  }

  private static func size(_ groupSize: UInt64) -> UInt64 { min(max(1, groupSize), largestGroupSize) }
}
