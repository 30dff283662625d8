import Checksum
import Testing

/// What a build without ISA-L computes, against zlib.
@Suite struct CRC32TablesTests {
  private func checksum(_ bytes: ArraySlice<UInt8>, continuing previous: UInt32 = 0) -> UInt32 {
    bytes.withUnsafeBytes { CRC32Tables.update(previous, $0) }
  }

  @Test func agreesWithZlibAtEachLengthAndAlignment() {
    let bytes = sampleBytes(600)
    for start in 0..<8 {
      for end in start...(start + 130) {
        #expect(checksum(bytes[start..<end]) == zlibChecksum(bytes[start..<end]))
      }
    }
    #expect(checksum(bytes[...]) == zlibChecksum(bytes))
  }

  @Test(arguments: [0, 1, 7, 8, 9, 700, 1_440])
  func continuesWhereTheFirstPartEnded(split: Int) {
    let bytes = sampleBytes(1_440)
    #expect(checksum(bytes[split...], continuing: checksum(bytes[..<split])) == zlibChecksum(bytes))
  }
}
