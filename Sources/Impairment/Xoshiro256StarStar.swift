import Ground

/// Xoshiro256** (Blackman, Vigna: "Scrambled linear pseudorandom number generators", 2021): a sequential
/// seeded generator, period 2^256 − 1. For numbers that are drawn in order. A datagram's fate is drawn by
/// ``Fate``.
package struct Xoshiro256StarStar: RandomNumberGenerator, Sendable {
  private let seed: UInt64
  private var s0: UInt64
  private var s1: UInt64
  private var s2: UInt64
  private var s3: UInt64

  /// The state is filled from SplitMix64, as the authors recommend. So no seed gives the forbidden all-zero
  /// state.
  package init(seed: UInt64) {
    var filler = SplitMix64(seed: seed)
    self.seed = seed
    (s0, s1, s2, s3) = (filler.next(), filler.next(), filler.next(), filler.next())
  }

  /// From a raw state, to check against published outputs. An all-zero state would give only zeros, so the
  /// state of seed 0 takes its place.
  package init(state: (UInt64, UInt64, UInt64, UInt64)) {
    self.init(seed: 0)
    guard state != (0, 0, 0, 0) else { return }
    (s0, s1, s2, s3) = state
  }

  package mutating func next() -> UInt64 {
    let result = Self.rotateLeft(s1 &* 5, by: 7) &* 9
    let shifted = s1 &<< 17
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= shifted
    s3 = Self.rotateLeft(s3, by: 45)
    return result
  }

  /// The generator of one stream (a link, a receiver). It is a function of this generator's seed and `stream`
  /// alone; earlier draws do not matter. So one more stream does not change the others.
  package func split(stream: UInt64) -> Xoshiro256StarStar {
    Xoshiro256StarStar(seed: SplitMix64.combine(seed, stream))
  }

  private static func rotateLeft(_ word: UInt64, by bitCount: UInt64) -> UInt64 {
    (word &<< bitCount) | (word &>> (64 &- bitCount))
  }
}
