import CXXHash
import Checksum
import Testing

/// The identity of a set against xxHash's own library, at each length where the algorithm changes.
@Suite struct XXH3Tests {
  private func expectAgreement(_ bytes: [UInt8]) {
    let expected = XXH3_128bits(bytes, bytes.count)
    #expect(
      SetIdentity(of: bytes.span) == SetIdentity(high: expected.high64, low: expected.low64),
      "\(bytes.count) bytes")
  }

  @Test func agreesAtEachLengthUpToThreeBlocks() {
    for byteCount in 0...3_200 { expectAgreement(sampleBytes(byteCount, seed: UInt64(byteCount))) }
  }

  @Test(arguments: [16_384, 65_535, 65_536, 65_537, 1_000_003])
  func agreesForLongManifests(byteCount: Int) { expectAgreement(sampleBytes(byteCount)) }

  /// Bytes with all bits set carry from each sum into the next.
  @Test(arguments: [0, 0xFF] as [UInt8])
  func agreesForEqualBytes(byte: UInt8) {
    for byteCount in 0...300 { expectAgreement([UInt8](repeating: byte, count: byteCount)) }
  }
}
