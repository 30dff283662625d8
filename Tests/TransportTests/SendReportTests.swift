import Ground
import Session
import Testing
import Transport

struct SendReportTests {
  /// A reader joins a sender's report with its receiver's own report and trace by the id.
  @Test(arguments: [
    (UInt64(1), "0000000000000001"), (0x0FED_CBA9_8765_4321, "0fedcba987654321"),
    (0xFEDC_BA98_7654_3210, "fedcba9876543210"),
  ])
  func aReceiversIDHasSixteenDigits(id: UInt64, text: String) {
    let peer = SenderPeer(receiverID: id, hostName: "r1", isGroup: false, now: .zero)
    #expect(UDPSendReport.Receiver(peer, name: "r1", reason: "").id == text)
  }
}
