/// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014): a 64-bit
/// counter and a mixing function. Its n-th output is a function of the seed and n alone. All randomness of a
/// session, of induced loss and of simulations comes from it, so that a run with the same seed repeats.
@frozen @usableFromInline package struct SplitMix64: RandomNumberGenerator, Sendable {
  /// The counter advances by this odd constant: 2^64 divided by the golden ratio.
  @inlinable package static var increment: UInt64 { 0x9E37_79B9_7F4A_7C15 }

  @usableFromInline var state: UInt64

  @inlinable package init(seed: UInt64) { state = seed }

  @inlinable package mutating func next() -> UInt64 {
    state &+= Self.increment
    return Self.mix(state)
  }

  /// Uniform in [0, 1), 53 bits.
  @inlinable package mutating func nextUnit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// The finalizer: a bijection of 64-bit words. Each input bit changes about half of the output bits.
  @inlinable package static func mix(_ word: UInt64) -> UInt64 {
    var z = word
    z = (z ^ (z &>> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z &>> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z &>> 31)
  }

  /// Mixes two words into one in which every bit depends on all bits of both: the key of a stream within a
  /// stream.
  @inlinable package static func combine(_ key: UInt64, _ stream: UInt64) -> UInt64 {
    mix(mix(key &+ increment) ^ mix(stream &* increment &+ 0xD1B5_4A32_D192_ED03))
  }
}
