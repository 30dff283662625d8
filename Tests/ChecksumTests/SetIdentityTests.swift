import Checksum
import Testing

@Suite struct SetIdentityTests {
  /// From xxHash's own sanity checks and `xxhsum -H2`: XXH3-128 of no bytes, seed 0.
  @Test func identityOfNothing() {
    let nothing: [UInt8] = []
    #expect(SetIdentity(of: nothing.span).description == "99aa06d3014798d86001c324468d497f")
  }

  @Test func equalBytesHaveOneIdentity() {
    let bytes = sampleBytes(10_000)
    var other = bytes
    other[9_999] ^= 1
    #expect(SetIdentity(of: bytes.span) == bytes.withUnsafeBytes { SetIdentity(of: $0) })
    #expect(SetIdentity(of: bytes.span) != SetIdentity(of: other.span))
  }

  @Test func descriptionKeepsLeadingZeros() {
    #expect(SetIdentity(high: 1, low: 0xAB).description == "000000000000000100000000000000ab")
  }
}
