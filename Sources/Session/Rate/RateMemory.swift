import Ground

/// A rate that a phase of the session measured, datagrams per second, and when.
struct RateMemory: Sendable {
  var rate: Double, at: Instant
  /// From start-up's short samples: forgotten as soon as whole phases were seen.
  var isGuess = false
}
