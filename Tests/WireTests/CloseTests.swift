import Testing
import Wire

@Suite struct CloseTests {
  @Test(arguments: [(1472, 180), (36, 1), (35, 0), (0, 0)])
  func capacity(datagramByteCount: Int, receiverCount: Int) {
    #expect(Close.maxReceivers(datagramByteCount: datagramByteCount) == receiverCount)
  }

  @Test func mayNotNameNobody() {
    #expect(
      wireError(ReferenceDatagram.make(type: .close, body: [UInt8](repeating: 0, count: 8))) == .emptyRange)
  }
}
