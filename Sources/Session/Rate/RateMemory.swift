import Ground

/// A rate that a phase of the session measured, datagrams per second, and its time.
struct RateMemory: Sendable {
  var rate: Double, at: Instant
  /// It comes from start-up's short samples, and is forgotten as soon as whole phases were measured.
  var isGuess = false
}
