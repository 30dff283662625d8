import Ground
import Testing
import Wire

@Suite struct PacketNumberTests {
  /// The table in Specs/chunked-udp.md §8, and the edges of the 64-bit range.
  @Test(
    arguments: [
      (UInt32(0), UInt64(0), UInt64(0)),
      (0xFFFF_FFFF, 0, 0xFFFF_FFFF),
      (0, 0xFFFF_FFFF, 0x1_0000_0000),
      (0xFFFF_FFFF, 0x1_0000_0000, 0xFFFF_FFFF),
      (5, 0x2_FFFF_FFF0, 0x3_0000_0005),
      (0, UInt64.max, UInt64.max - 0xFFFF_FFFF),
      (0xFFFF_FFFF, UInt64.max, UInt64.max),
    ] as [(UInt32, UInt64, UInt64)])
  func table(truncated: UInt32, expected: UInt64, number: UInt64) {
    #expect(PacketNumber.reconstruct(truncated: truncated, expected: expected) == number)
  }

  /// Any number within 2^31 − 1 of the expected one comes back.
  @Test func findsEveryNeighbour() {
    var generator = SplitMix64(seed: 3)
    for _ in 0..<100_000 {
      let expected = UInt64.random(in: 1 << 31...UInt64.max >> 1, using: &generator)
      let offset = UInt64.random(in: 0..<1 << 31, using: &generator)
      let number = Bool.random(using: &generator) ? expected + offset : expected - offset
      let found = PacketNumber.reconstruct(truncated: UInt32(truncatingIfNeeded: number), expected: expected)
      #expect(found == number)
    }
  }
}
