/// Packet numbers. Every datagram that an endpoint sends in a session takes the next number of a 64-bit count
/// from 0.
package enum PacketNumber {
  /// The 64-bit packet number that has the low 32 bits `truncated` and is nearest to `expected`.
  ///
  /// `expected` is the highest number seen so far + 1. RFC 9000 Appendix A.3 with a 32-bit truncated number:
  /// correct while fewer than 2^31 datagrams lie between the two.
  package static func reconstruct(truncated: UInt32, expected: UInt64) -> UInt64 {
    let window: UInt64 = 1 << 32
    let half = window / 2
    let candidate = (expected & ~(window - 1)) | UInt64(truncated)
    if candidate < expected, expected - candidate >= half, candidate <= UInt64.max - window {
      return candidate + window
    }
    if candidate > expected, candidate - expected > half, candidate >= window {
      return candidate - window
    }
    return candidate
  }
}
