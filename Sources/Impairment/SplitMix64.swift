/// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014): a 64-bit
/// counter and a mixing function. It seeds ``Xoshiro256StarStar``. Its n-th output is a function of the seed
/// and n alone, so ``Fate`` reads it at any position.
package struct SplitMix64: RandomNumberGenerator, Sendable {
  /// The counter advances by this odd constant: 2^64 divided by the golden ratio.
  package static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15

  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= Self.increment
    return Self.mix(state)
  }

  /// The finalizer: a bijection of 64-bit words. Each input bit changes about half of the output bits.
  package static func mix(_ word: UInt64) -> UInt64 {
    var z = word
    z = (z ^ (z &>> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z &>> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z &>> 31)
  }

  /// Mixes two words into one in which every bit depends on all bits of both: the key of a stream within a
  /// stream.
  package static func combine(_ key: UInt64, _ stream: UInt64) -> UInt64 {
    mix(mix(key &+ increment) ^ mix(stream &* increment &+ 0xD1B5_4A32_D192_ED03))
  }
}
