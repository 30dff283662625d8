package import Ground

/// How long a receiver in a group waits before it NACKs, RFC 5401 §3.2.2: truncated exponential, so that of R
/// receivers that lost the same datagram only a few speak before the first one's NACK has silenced the rest.
///
/// Assumes the worst case, that all receivers lost it together. Expected NACKs per loss ≈ exp(1.2·λ/(2K)).
package enum NackBackoff {
  /// K, the multiple of GRTT over which NACKs spread: 6 where only the sender repairs (RFC 5401 §3.2.2). A
  /// group of few members cannot flood its sender: there it is less, because whoever waits makes the others
  /// wait at the end of a set. `isTail`: every chunk was sent, and symbols for what is lost as a rule. Few
  /// still miss something: half of it.
  package static func grttMultiple(groupSize: UInt32, isTail: Bool = false) -> Double {
    min(6, Double(max(1, groupSize)) / 5) / (isTail ? 2 : 1)
  }

  /// A delay for one NACK. `groupSize` is R, at least 1; the delay lies in [0, K·GRTT].
  package static func delay(
    grtt: Nanoseconds, groupSize: UInt32, isTail: Bool = false, using generator: inout SplitMix64
  ) -> Nanoseconds {
    let lambda = Double(max(1, groupSize)).naturalLogarithm + 1
    let spread = grttMultiple(groupSize: groupSize, isTail: isTail) * Double(grtt)  // T
    guard spread > 0 else { return 0 }
    let base = lambda / (spread * (lambda.exponential - 1))
    let x = generator.nextUnit() * (lambda / spread) + base
    let delay = spread / lambda * (x * (lambda.exponential - 1) * (spread / lambda)).naturalLogarithm
    return Nanoseconds(max(0, min(delay, spread)))
  }
}
