/// How the receivers of a group spread what they say, so that a thousand of them do not answer at one instant
/// (Specs/chunked-udp.md §6.5). The sender reckons with the same numbers before it calls a receiver silent.
package enum GroupTiming {
  /// Group sizes beyond this, as a broken announce may state them, count as this.
  package static let largestGroupSize: UInt64 = 100_000

  /// While datagrams arrive: a quarter of GRTT within 1...50 ms; in a group so long that all together send no more than
  /// 5,000 reports a second. The sender must not take for silence, or for a full window, what is only the time between two.
  package static func reportInterval(grtt: Nanoseconds, groupSize: UInt64) -> Nanoseconds {
    let own = min(max(grtt / 4, .milliseconds(1)), .milliseconds(50))
    return max(own, min(size(groupSize) * .microseconds(200), longestReportInterval(groupSize: groupSize)))
  }

  /// When nothing arrives: a report goes on being sent, to say that this side lives.
  package static func idleReportInterval(groupSize: UInt64) -> Nanoseconds {
    min(.milliseconds(100) * max(1, size(groupSize) / 4), longestReportInterval(groupSize: groupSize))
  }

  /// 2 s, so that silence is told from spreading; with more than 4,000 receivers 2,000 reports a second in all.
  private static func longestReportInterval(groupSize: UInt64) -> Nanoseconds {
    max(.seconds(2), size(groupSize) * .microseconds(500))
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
  package static func meaninglessSilence(groupSize: UInt64) -> Nanoseconds {
    6 * idleReportInterval(groupSize: groupSize)
  }

  private static func size(_ groupSize: UInt64) -> UInt64 { min(max(1, groupSize), largestGroupSize) }
}
