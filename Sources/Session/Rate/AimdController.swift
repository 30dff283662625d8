package import Ground

/// Additive increase, multiplicative decrease, as TCP Reno (RFC 5681), for teaching. It takes any loss for
/// congestion, so random loss keeps it slow. It exists to show this.
package struct AimdController: RateController {
  /// Datagrams; 10 to begin with, RFC 6928.
  private var window = 10.0
  private var threshold = Double.infinity
  private var rttSeconds = 0.1
  private var recoveryEnd: UInt64 = 0

  package init() {}

  package var datagramsPerSecond: Double { 1.25 * window / rttSeconds }
  package var windowCount: UInt64 { UInt64(saturating: window) }

  package mutating func begin(rttNanoseconds: Nanoseconds?, feedbackNanoseconds: Nanoseconds) {
    if let rttNanoseconds { rttSeconds = max(1e-5, Double(rttNanoseconds) / 1e9) }
  }

  package mutating func handle(_ sample: RateSample) {
    if let rtt = sample.rttNanoseconds {
      rttSeconds = 0.875 * rttSeconds + 0.125 * max(1e-5, Double(rtt) / 1e9)
    }
    if sample.lostCount > 0, sample.highestPacket >= recoveryEnd {
      recoveryEnd = sample.nextPacket  // one decrease a round trip
      window = max(2, window / 2)
      threshold = window
    } else if window < threshold {
      window += Double(sample.deliveredCount)
    } else {
      window += Double(sample.deliveredCount) / window
    }
  }

  package mutating func handleSilence(now: Instant) {
    threshold = max(2, window / 2)
    window = 2
  }

  package mutating func handleWidening() { threshold = .infinity }
}
