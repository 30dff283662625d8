package import Ground

/// Smoothed RTT, RFC 9002 §5.3, in nanoseconds.
package struct RttEstimator: Sendable {
  /// 333 ms until there is a sample, as RFC 9002 §6.2.2.
  package private(set) var smoothed: Nanoseconds = .milliseconds(333)
  package private(set) var variation: Nanoseconds = .milliseconds(166)
  /// The smallest sample seen; `.max` before the first one.
  package private(set) var minimum: Nanoseconds = .max
  package private(set) var latest: Nanoseconds = 0
  package private(set) var hasSample = false

  package init() {}

  package mutating func add(_ sample: Nanoseconds) {
    latest = sample
    minimum = Swift.min(minimum, sample)
    guard hasSample else {
      hasSample = true
      smoothed = sample
      variation = sample / 2
      return
    }
    let deviation = smoothed > sample ? smoothed - sample : sample - smoothed
    variation = (3 * variation + deviation) / 4
    smoothed = (7 * smoothed + sample) / 8
  }

  /// The round trip of an echoed time stamp: now − echoed − hold, all in 32-bit microseconds that wrap. Nil
  /// when the three do not fit together (a stale or hostile echo: negative, or above 60 s).
  package static func sample(now: Instant, echoedTimestamp: UInt32, holdMicroseconds: UInt32) -> Nanoseconds?
  {
    let elapsed = now.timestamp &- echoedTimestamp
    guard elapsed <= 120_000_000, holdMicroseconds <= elapsed else { return nil }
    let microseconds = elapsed - holdMicroseconds
    guard microseconds <= 60_000_000 else { return nil }
    // Time stamps have a resolution of 1 µs: zero means "less than one".
    return max(1_000, Nanoseconds(microseconds) * 1_000)
  }
}
