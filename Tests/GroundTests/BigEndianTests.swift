import Ground
import Testing

@Suite struct BigEndianTests {
  private static let bytes: [UInt8] = [0xFF, 1, 2, 3, 4, 5, 6, 7, 0x80]

  @Test func theFirstByteIsTheHighest() {
    let span = Self.bytes.span
    #expect(span.bigEndianUInt16(at: 0) == 0xFF01)
    #expect(span.bigEndianUInt32(at: 1) == 0x0102_0304)
    #expect(span.bigEndianUInt64(at: 1) == 0x0102_0304_0506_0780)
  }

  @Test func whatIsAppendedIsReadAgain() {
    var bytes: [UInt8] = []
    bytes.appendBigEndian(UInt16(0xFF01))
    bytes.appendBigEndian(Int64(-2))
    #expect(bytes == [0xFF, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE])
  }
}
