import CZlib
import Checksum
import Testing

/// Bytes that are different at every position and repeatable: the low byte of a 64-bit LCG's upper half.
func sampleBytes(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
  var state = seed
  return (0..<count).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return UInt8(truncatingIfNeeded: state >> 33)
  }
}

func zlibChecksum(_ bytes: some Collection<UInt8>) -> UInt32 {
  let copy = Array(bytes)
  return UInt32(truncatingIfNeeded: crc32(0, copy, UInt32(copy.count)))
}

@Suite struct CRC32Tests {
  /// The check value of CRC-32/ISO-HDLC in every catalogue of CRCs.
  @Test func catalogueCheckValue() {
    #expect(CRC32.checksum(Array("123456789".utf8).span) == 0xCBF4_3926)
  }

  @Test func nothingLeavesTheRunningChecksumAsItIs() {
    let nothing: [UInt8] = []
    #expect(CRC32.checksum(nothing.span) == 0)
    #expect(CRC32.checksum(nothing.span, continuing: 0xDEAD_BEEF) == 0xDEAD_BEEF)
    #expect(CRC32.checksum(UnsafeRawBufferPointer(start: nil, count: 0), continuing: 7) == 7)
  }

  @Test(arguments: [1, 2, 15, 16, 17, 63, 64, 65, 255, 256, 1_000, 1_440, 1_472, 8_973, 65_475])
  func agreesWithZlib(byteCount: Int) {
    let bytes = sampleBytes(byteCount)
    #expect(CRC32.checksum(bytes.span) == zlibChecksum(bytes))
    #expect(bytes.withUnsafeBytes { CRC32.checksum($0) } == zlibChecksum(bytes))
  }

  @Test(arguments: [0, 1, 16, 20, 32, 700, 1_439, 1_440])
  func continuesWhereTheFirstPartEnded(split: Int) {
    let bytes = sampleBytes(1_440)
    let first = CRC32.checksum(Array(bytes[..<split]).span)
    #expect(CRC32.checksum(Array(bytes[split...]).span, continuing: first) == zlibChecksum(bytes))
  }

  @Test func oneFlippedBitIsSeen() {
    let bytes = sampleBytes(64)
    let checksum = CRC32.checksum(bytes.span)
    for bit in 0..<(8 * bytes.count) {
      var damaged = bytes
      damaged[bit / 8] ^= 1 << (bit % 8)
      #expect(CRC32.checksum(damaged.span) != checksum)
    }
  }
}
