import Ground

/// The random decisions about each datagram of one direction of one receiver. Every draw is a pure function
/// of (seed, direction, receiver, purpose, packet number). So the same seed gives the same fate to the same
/// datagram, in whatever order datagrams arrive, in a simulation and in a real run. One more receiver changes
/// nothing for the others.
package struct Fate: Sendable {
  /// What a draw decides. Each purpose has a stream of its own, so that drawing jitter does not change the
  /// losses.
  package enum Purpose: UInt64, Sendable, CaseIterable {
    case loss = 1
    case chainTransition
    case chainRestart
    case corruption
    case corruptedBit
    case duplication
    case reordering
    case jitter
    case duplicateCorruption
    case duplicateCorruptedBit
    case duplicateJitter
    case truncation
    case truncatedLength
    case duplicateTruncation
    case duplicateTruncatedLength
  }

  private let key: UInt64

  /// - Parameters:
  ///   - seed: the run's seed.
  ///   - direction: which way the datagrams go.
  ///   - receiver: which receiver, counted from 0; any stable number is allowed. 0 for a shared link.
  package init(seed: UInt64, direction: Direction, receiver: UInt64) {
    key = SplitMix64.combine(SplitMix64.combine(seed, direction.rawValue), receiver)
  }

  /// The stream of one purpose.
  package func stream(_ purpose: Purpose) -> Stream {
    Stream(key: SplitMix64.combine(key, purpose.rawValue))
  }

  /// The draws of one purpose, by packet number.
  package struct Stream: Sendable {
    private let key: UInt64

    fileprivate init(key: UInt64) { self.key = key }

    /// 64 uniform bits for a packet number: SplitMix64's output at that position.
    package func word(_ packetNumber: UInt64) -> UInt64 {
      SplitMix64.mix(key &+ (packetNumber &+ 1) &* SplitMix64.increment)
    }

    /// Uniform in [0, 1), in steps of 2^-53.
    package func unit(_ packetNumber: UInt64) -> Double {
      Double(word(packetNumber) &>> 11) * 0x1p-53
    }

    /// True with `probability`; never at 0, always at 1.
    package func happens(_ packetNumber: UInt64, probability: Double) -> Bool {
      probability > 0 && unit(packetNumber) < probability
    }

    /// Uniform in 0..<`bound`; 0 if the bound is 0. Uses Lemire's multiplication; the bias is below bound /
    /// 2^64.
    package func below(_ bound: UInt64, _ packetNumber: UInt64) -> UInt64 {
      word(packetNumber).multipliedFullWidth(by: bound).high
    }
  }
}
