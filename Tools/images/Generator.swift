/// SplitMix64 (Steele, Lea, Flood 2014): a small seeded generator; the same seed gives the same picture.
struct Generator: Sendable {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return mixBits(state)
  }

  /// Uniform in [0, 1).
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Uniform in [range.lowerBound, range.upperBound).
  mutating func uniform(_ range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * unit()
  }

  /// Uniform in 0 ..< count; the bias of a modulo does not show in a picture.
  mutating func index(_ count: Int) -> Int { Int(next() % UInt64(count)) }
}

/// SplitMix64's finaliser: 64 bits in, 64 well mixed bits out.
@inline(__always) func mixBits(_ value: UInt64) -> UInt64 {
  var z = value
  z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
  z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
  return z ^ (z >> 31)
}

/// A hash of a grid cell, for noise that needs no table.
@inline(__always) func hashCell(_ x: Int, _ y: Int, _ seed: UInt64) -> UInt64 {
  mixBits(
    UInt64(bitPattern: Int64(x)) &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(bitPattern: Int64(y))
      &* 0xC2B2_AE3D_27D4_EB4F
      ^ seed)
}

/// The hash as a number in [0, 1).
@inline(__always) func hashUnit(_ x: Int, _ y: Int, _ seed: UInt64) -> Double {
  Double(hashCell(x, y, seed) >> 11) * 0x1p-53
}
