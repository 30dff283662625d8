import Testing
import Wire

@Suite struct CloseTests {
  @Test(arguments: [(1472, 181), (30, 1), (29, 0), (0, 0)])
  func capacity(datagramByteCount: Int, receiverCount: Int) {
    #expect(Close.maxReceivers(datagramByteCount: datagramByteCount) == receiverCount)
  }

  @Test func mayNameNobody() {
    let bytes = Close(receiverIDs: []).encode(sessionID: 0, packetNumber: 0)
    #expect(bytes.count == 22)
    #expect(controlMessage(bytes) == .close(Close(receiverIDs: [])))
  }
}
