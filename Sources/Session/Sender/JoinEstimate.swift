package import Ground

/// Whether a large group is there, before all its joins are, Specs/chunked-udp.md §6.1. The receivers spread
/// their joins evenly over a known time. So the joins of its beginning tell how many are to come, and nobody
/// waits for a thousand of them: receivers that join later are served like all others.
package enum JoinEstimate {
  /// In smaller groups the sender waits for all joins.
  private static let smallestGroup: UInt64 = 64
  /// Fewer joins say too little: their number differs by chance, here by a sixth.
  private static let leastJoinCount: UInt64 = 32
  /// The part of the expected joins that must have come, as some of them are lost.
  private static let share = 0.75

  /// `joinedCount` of the `expected` receivers joined within `elapsed` from the first one on.
  package static func isComing(_ expected: UInt64, joinedCount: UInt64, after elapsed: Nanoseconds) -> Bool {
    guard expected >= smallestGroup, joinedCount >= leastJoinCount else { return false }
    let spread = Double(GroupTiming.answerSpread(groupSize: expected))
    let part = min(1, Double(elapsed) / spread)
    return Double(joinedCount) >= share * part * Double(expected)
  }
}
