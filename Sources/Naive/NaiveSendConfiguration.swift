/// Decides whether a datagram is lost on purpose: given its number (from 0, the end marker included) and its size in
/// bytes; true drops it. Called on one thread at a time, in order.
package typealias NaiveDropDecision = @Sendable (_ datagramNumber: UInt64, _ byteCount: Int) -> Bool

/// Everything a naive sender is told; checked once, by `NaiveSender.init`.
package struct NaiveSendConfiguration: Sendable {
  package var endpoint: NaiveEndpoint
  package var timing: Timing
  /// True sends what can be sent and lists the rest in the report; false (the default) refuses the whole set.
  package var skipsUnsendableImages: Bool
  /// Induced loss; only for datagrams.
  package var drop: NaiveDropDecision?

  /// The sender's clock.
  package struct Timing: Equatable, Sendable {
    /// Between two images; the course pauses not at all.
    package var pauseNanoseconds: UInt64 = 0
    /// Before the empty datagram that means the end; the course's three seconds. TCP does not wait.
    package var waitNanoseconds: UInt64 = 3_000_000_000
    /// TCP: how long connecting, or a receiver that takes no bytes or does not close, is waited for.
    package var silentPeerTimeoutNanoseconds: UInt64 = 30_000_000_000
    package init() {}
  }

  package init(endpoint: NaiveEndpoint) {
    self.endpoint = endpoint
    timing = Timing()
    skipsUnsendableImages = false
    drop = nil
  }

  func validate() throws(NaiveError) {
    try endpoint.validate(lowestPort: 1)
    guard drop == nil || endpoint.mode.usesDatagrams else {
      throw .invalidConfiguration("induced loss is for datagrams: below TCP we cannot reach the packets")
    }
    try requireDuration(timing.pauseNanoseconds, named: "pause")
    try requireDuration(timing.waitNanoseconds, named: "wait")
    try requireDuration(timing.silentPeerTimeoutNanoseconds, named: "silent-peer timeout")
  }
}

/// A day is longer than any of these waits can mean, and far from overflowing the clock.
func requireDuration(_ nanoseconds: UInt64, named name: String) throws(NaiveError) {
  guard nanoseconds <= 86_400_000_000_000 else {
    throw .invalidConfiguration("\(name) of \(nanoseconds / 1_000_000_000) s is longer than a day")
  }
}
