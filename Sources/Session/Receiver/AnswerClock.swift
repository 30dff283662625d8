import Ground

/// When a request counts as lost, because the sender has not promised what it asks for, Specs/chunked-udp.md
/// §6.5.
struct AnswerClock: Sendable {
  /// A receiver waits longer, by this factor, for a sender that answers other requests.
  private static let maximumWaitPatiences: Nanoseconds = 256

  /// The newest of our requests that a notice answered, and when a notice last answered one.
  private var answeredThrough = Instant.zero
  private var lastAnswerAt = Instant.zero
  /// The sender had nothing to repair when requests up to this time must have reached it.
  private var idleThrough: Instant?

  /// A notice promises something that was asked for at this time.
  mutating func noteAnswer(toRequestAt time: Instant, now: Instant) {
    answeredThrough = max(answeredThrough, time)
    lastAnswerAt = now
  }

  /// An *end* arrived: requests up to this time, which no notice has answered, are lost.
  mutating func noteIdleSender(requestsThrough time: Instant) { idleThrough = time }

  /// When a request of this time counts as lost. The sender repairs in the order of the requests, so an
  /// answer to a later request shows that this one did not arrive. Otherwise, while notices answer us, the
  /// sender is busy. Only when they stop has it not heard the request.
  func expiry(ofRequestAt time: Instant, _ windows: LossDetector.Windows) -> Instant {
    if let idleThrough, time <= idleThrough { return time }
    let patience = windows.patience
    guard time >= answeredThrough else { return min(time + patience, lastAnswerAt + windows.passed) }
    return max(time, min(lastAnswerAt, time + Self.maximumWaitPatiences * patience)) + patience
  }
}
