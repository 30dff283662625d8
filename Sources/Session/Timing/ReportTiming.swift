package import Ground

/// How often a receiver reports while data arrive. Both sides compute it, because the sender must not take
/// the time between two reports for silence or for a full window.
package enum ReportTiming {
  /// Of a group, all together, reports per second: 5,000.
  private static let groupSpacingNanoseconds: Nanoseconds = .microseconds(200)

  /// Reports of a unicast session with which the sender finds its first rate. Each opens its window further.
  package static let firstReportCount: UInt64 = 16

  /// A quarter of the round trip, 1...50 ms, and 0.1...50 ms while the sender looks for its rate
  /// (`isBeginning`). In a group so long that all together do not flood the sender, up to 2 s.
  package static func interval(
    grtt: Nanoseconds, isGroup: Bool, groupSize: UInt32, isBeginning: Bool = false
  ) -> Nanoseconds {
    let least: Nanoseconds = isBeginning && !isGroup ? .microseconds(100) : .milliseconds(1)
    let own = min(max(grtt / 4, least), .milliseconds(50))
    return isGroup ? max(own, min(UInt64(groupSize) * groupSpacingNanoseconds, .seconds(2))) : own
  }
}
