/// Conversions and sums that take any number there is: what they are fed comes from reports, and a
/// controller's own arithmetic may leave the finite ones.
extension UInt64 {
  /// The whole part; 0 for what is negative or no number, the largest for what is beyond it.
  init(saturating value: Double) {
    self = value > 0 ? UInt64(exactly: value.rounded(.towardZero)) ?? .max : 0
  }

  mutating func addSaturating(_ other: UInt64) {
    let (sum, overflow) = addingReportingOverflow(other)
    self = overflow ? .max : sum
  }
}
