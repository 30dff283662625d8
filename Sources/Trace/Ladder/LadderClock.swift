/// Aligns the clocks of two traces by the datagrams that are in both.
///
/// No datagram arrives before it was sent. So the fastest datagram in each direction bounds the difference of
/// the clocks from one side. Within these bounds the hosts' times of day decide when they agree with them, as
/// on one host. If they do not, both directions are taken to be equally fast, as NTP does (RFC 5905 §8).
package struct LadderClock: Sendable {
  /// A trace says its time of day in whole milliseconds, and so do two of them.
  static let wallClockErrorMilliseconds = 1.0

  /// From one side to the other, in milliseconds of the two clocks: the smallest difference of arrival and
  /// sending.
  private var fastestThere = Double.infinity
  private var fastestBack = Double.infinity

  package init() {}

  /// A datagram from the sender: sent by the sender's clock, arrived by the receiver's.
  package mutating func addThere(sent: Double, arrived: Double) {
    fastestThere = min(fastestThere, arrived - sent)
  }

  /// A datagram from the receiver: sent by the receiver's clock, arrived by the sender's.
  package mutating func addBack(sent: Double, arrived: Double) {
    fastestBack = min(fastestBack, arrived - sent)
  }

  /// Milliseconds by which the receiver's clock is ahead of the sender's.
  /// - Parameter wallClock: the same difference by the two hosts' times of day, if both are known.
  package func ahead(wallClock: Double?) -> Double {
    let highest = fastestThere
    let lowest = -fastestBack
    guard highest.isFinite, lowest.isFinite, lowest <= highest else {
      // Datagrams of one direction at most. A bound is better than nothing.
      let bound = highest.isFinite ? highest : lowest.isFinite ? lowest : 0
      return wallClock.map { min(max($0, lowest), max(lowest, highest)) } ?? bound
    }
    let error = Self.wallClockErrorMilliseconds
    if let wallClock, highest - lowest > 2 * error, (lowest - error...highest + error).contains(wallClock) {
      return min(max(wallClock, lowest), highest)
    }
    return (lowest + highest) / 2
  }
}
