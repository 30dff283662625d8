/// A 64-bit fingerprint of all events of a run, in order: FNV-1a's recurrence on words instead of bytes, with
/// a fold so that high bits reach low ones. Two runs with equal digests had the same events. Not
/// cryptographic.
package struct TraceDigest: Equatable, Sendable {
  /// FNV-1a's 64-bit offset basis at first.
  package private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  package init() {}

  package mutating func fold(_ word: UInt64) {
    value = (value ^ word) &* 0x0000_0100_0000_01B3
    value ^= value &>> 32
  }
}
