/// Conversions and sums that accept any number. Their arguments come from reports, and a controller's own
/// arithmetic may give infinity or NaN.
extension UInt64 {
  /// The whole part; 0 for negative numbers and NaN, the largest number for greater ones.
  init(saturating value: Double) {
    self = value > 0 ? UInt64(exactly: value.rounded(.towardZero)) ?? .max : 0
  }

  mutating func addSaturating(_ other: UInt64) {
    let (sum, overflow) = addingReportingOverflow(other)
    self = overflow ? .max : sum
  }
}
