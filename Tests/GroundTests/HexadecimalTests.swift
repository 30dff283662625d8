import Ground
import Testing

@Suite struct HexadecimalTests {
  @Test func leadingZerosAreWritten() {
    #expect(UInt64(0xAB).hexadecimal == "00000000000000ab")
    #expect(UInt64.max.hexadecimal == "ffffffffffffffff")
    #expect(UInt32(0).hexadecimal == "00000000")
  }
}
