import Ground
import Session
import Testing
import Wire

/// The first and the last moment, and the first and the last number, at which a receiver does something.
@Suite struct ReceiverEdgeTests {
  private typealias Single = ReceiverMachineTests

  /// Announces of several sizes come at once: their answers do not.
  @Test func joinsInUnicastAreTenMillisecondsApart() {
    var receiver = Single.joined()
    #expect(Single.drain(&receiver, at: .zero).map(\.type) == [.join])
    let announce = ControlMessage.announce(SessionNetwork.announce(fileChunks: 100))
    for millisecond in 1..<10 as Range<UInt64> {
      let now = Instant(nanoseconds: millisecond * 1_000_000)
      Single.handle(&receiver, announce, packet: UInt32(millisecond), at: now)
      #expect(!Single.drain(&receiver, at: now).map(\.type).contains(.join), "after \(millisecond) ms")
    }
    let due = Instant(nanoseconds: 10_000_000)
    #expect(Single.drain(&receiver, at: due).map(\.type).contains(.join))
  }

  /// A sender that does not know what is here sends it. A receiver that only waits for *close* asks for
  /// nothing then, and sleeps.
  @Test func aReceiverThatIsDoneSleeps() {
    var receiver = Single.joined(fileChunks: 20)
    let all = SessionNetwork.announce(fileChunks: 20).shape.chunkCount
    receiver.begin(SessionNetwork.sessionID, holding: [0..<all], now: .zero)
    receiver.handleVerified(verified: 1, failed: 0, status: .whole, text: "", now: .zero)
    for millisecond in 1..<100 as Range<UInt64> {
      let now = Instant(nanoseconds: millisecond * 1_000_000)
      let chunk = UInt32(millisecond % all)
      Single.data(&receiver, packet: UInt32(millisecond), chunk: chunk, at: now)
      #expect(!Single.drain(&receiver, at: now).map(\.type).contains(.nack))
      #expect(receiver.nextDeadline > now, "after \(millisecond) ms")
    }
    #expect(receiver.phase == .completing)
  }

  /// The packets that a notice names follow it.
  @Test(arguments: [(4, 1), (5, 1), (6, 0)] as [(UInt32, UInt64)])
  func aNoticePromisesWhatFollowsIt(first: UInt32, malformedCount: UInt64) {
    var receiver = Single.joined()
    for packet in 1..<5 as Range<UInt32> { Single.data(&receiver, packet: packet, chunk: packet, at: .zero) }
    let entry = RepairEntry(firstChunk: 0, count: 1, firstPacketNumber: first)
    let notice = RepairNotice(timestamp: 0, grttCode: Single.grtt, entries: [entry])
    Single.handle(&receiver, .repairNotice(notice), packet: 5, at: .zero)
    #expect(receiver.counters.malformedDatagrams == malformedCount)
  }
}
