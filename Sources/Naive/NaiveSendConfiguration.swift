import Ground

/// Decides whether a datagram is lost on purpose: true drops it. Arguments: its number (from 0, including the
/// end marker) and its size in bytes. Called on one thread at a time, in order.
package typealias NaiveDropDecision = @Sendable (_ datagramNumber: UInt64, _ byteCount: Int) -> Bool

/// All settings of a naive sender. `NaiveSender.init` checks them once.
package struct NaiveSendConfiguration: Sendable {
  package var endpoint: NaiveEndpoint
  package var timing: Timing
  /// True: images that can be sent are sent, and the report lists the rest. False (the default): the whole
  /// set is refused.
  package var skipsUnsendableImages: Bool
  /// Induced loss; only for datagrams.
  package var drop: NaiveDropDecision?

  /// The sender's clock.
  package struct Timing: Equatable, Sendable {
    /// Between two images; the course pauses not at all.
    package var pauseNanoseconds: UInt64 = 0
    /// The wait before the empty datagram that means the end. The course waits three seconds. TCP does not
    /// wait.
    package var waitNanoseconds: UInt64 = 3_000_000_000
    /// TCP: how long the sender waits for a connection, for a receiver that takes no bytes, and for one that
    /// does not close.
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

/// None of these waits is longer than a day. A day is far from overflowing the clock.
func requireDuration(_ nanoseconds: UInt64, named name: String) throws(NaiveError) {
  guard nanoseconds <= 86_400_000_000_000 else {
    throw .invalidConfiguration("\(name) of \(nanoseconds / 1_000_000_000) s is longer than a day")
  }
}
