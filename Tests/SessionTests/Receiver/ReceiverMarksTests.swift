import Ground
import Session
import Testing
import Wire

/// The datagrams that come marked "congestion experienced", Specs/chunked-udp.md §6.16.
@Suite struct ReceiverMarksTests {
  /// Marks count for what is new and of the session, and the report states them. Joins and reports say so.
  @Test func marksOfDistinctDatagramsAreReported() {
    var receiver = ReceiverMachine(
      ReceiverMachine.Configuration(receiverID: 7, hostName: "here", countsMarks: true))
    func marked(_ body: (inout ReceiverMachine) -> Void) {
      let before = receiver.datagramCount()
      body(&receiver)
      receiver.noteMarked(since: before)
    }
    // Announces before the session are not of its datagrams.
    marked {
      ReceiverMachineTests.handle(
        &$0, .announce(SessionNetwork.announce(fileChunks: 100)), packet: 0, at: .zero)
    }
    guard case .join(let join) = ReceiverMachineTests.drain(&receiver, at: .zero).first else {
      return #expect(Bool(false))
    }
    #expect(join.countsMarks)
    marked { ReceiverMachineTests.data(&$0, packet: 1, chunk: 0, at: .zero) }
    marked { ReceiverMachineTests.data(&$0, packet: 1, chunk: 0, at: .zero) }
    marked { ReceiverMachineTests.data(&$0, packet: 2, chunk: 1, session: 99, at: .zero) }
    ReceiverMachineTests.data(&receiver, packet: 2, chunk: 1, at: .zero)
    marked {
      ReceiverMachineTests.data(&$0, packet: 3, chunk: 2, at: .zero)
      ReceiverMachineTests.data(&$0, packet: 4, chunk: 3, at: .zero)
    }
    #expect(receiver.counters.datagrams == 4 && receiver.counters.markedDatagrams == 3)
    let reports = ReceiverMachineTests.drain(&receiver, at: ReceiverMachineTests.second).compactMap {
      message -> Report? in
      if case .report(let report) = message { report } else { nil }
    }
    #expect(reports.first?.congestionMarkCount == 3 && reports.first?.countsMarks == true)
  }
}
