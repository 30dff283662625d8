import Checksum
import Testing

@Suite struct CRC32ResidueTests {
  /// The bytes of a digest as a file carries it.
  private func littleEndian(_ digest: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: digest >> (8 * $0)) }
  }

  @Test(arguments: [0, 1, 3, 4, 5, 31, 1_440, 65_475])
  func bytesAndTheirOwnDigestHaveTheResidue(byteCount: Int) {
    let bytes = sampleBytes(byteCount, seed: 4)
    #expect(zlibChecksum(bytes + littleEndian(zlibChecksum(bytes))) == CRC32.residue)
  }

  @Test(arguments: [0, 1, 1_440], [0, 1, 0x2144_DF1C, 0xDEAD_BEEF, UInt32.max] as [UInt32])
  func whateverDigestFollowsCanBeTakenAway(byteCount: Int, digest: UInt32) {
    let bytes = sampleBytes(byteCount, seed: 5)
    let whole = zlibChecksum(bytes + littleEndian(digest))
    #expect(CRC32.removing(digest, from: whole) == zlibChecksum(bytes))
  }
}
