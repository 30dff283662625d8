package import Ground

/// Always the configured rate: for experiments, and for paths without a back channel.
package struct FixedController: RateController {
  package let datagramsPerSecond: Double
  package let windowCount: UInt64

  package init(bitsPerSecond: Double, datagramByteCount: Int) {
    datagramsPerSecond = bitsPerSecond / 8 / Double(datagramByteCount)
    windowCount = .max
  }

  package mutating func begin(rttNanoseconds: Nanoseconds?, feedbackNanoseconds: Nanoseconds) {}
  package mutating func handle(_ sample: RateSample) {}
  package mutating func handleSilence(now: Instant) {}
  package mutating func handleWidening() {}
}
