import Ground
import Testing

@Suite struct TransferModeTests {
  /// These words stand on the command line, in reports and in the files of a study.
  @Test func theWordsAreThoseOfReports() {
    #expect(TransferMode.allCases.map(\.rawValue) == ["unicast", "broadcast", "multicast", "tcp"])
    #expect(TransferProtocol.allCases.map(\.rawValue) == ["chunked", "naive"])
  }

  @Test(arguments: zip(TransferMode.allCases, [false, true, true, false]))
  func oneCopyServesAGroup(mode: TransferMode, isGroup: Bool) { #expect(mode.isGroup == isGroup) }

  @Test(arguments: zip(TransferMode.allCases, ["UDP unicast", "UDP broadcast", "UDP multicast", "TCP"]))
  func text(mode: TransferMode, text: String) { #expect(mode.text == text) }
}
