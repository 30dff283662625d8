import Ground
import Session
import Testing
import Wire

/// Which receivers of a large group its announces name.
@Suite struct RepresentativesTests {
  /// A sender of a group of 20, whose receiver 7 is ten times as far away as the others.
  private static func sender() -> SenderMachine {
    var sender = SessionNetwork(receiverCount: 20, fileChunks: 20_000, isGroup: true).sender
    for id in 1...20 as ClosedRange<UInt64> {
      let join = Join(
        receiverID: id, echoedTimestamp: 0, holdMicroseconds: id == 7 ? 0 : 90_000,
        receiveBufferByteCount: 4 << 20, largestAnnounceByteCount: 1_472, hostName: "h")
      sender.handle(
        .join(join), header: SessionNetwork.header(.join, packet: 0),
        now: Instant(nanoseconds: 100_000_000))
    }
    return sender
  }

  /// The ids that the newest announce names, after some time in which only `heard` send messages.
  private static func named(
    _ sender: inout SenderMachine, from start: UInt64, to end: UInt64, heard: [UInt64] = []
  ) -> [UInt64] {
    var named: [UInt64] = []
    for millisecond in start...end {
      let now = Instant(nanoseconds: millisecond * 1_000_000)
      for id in heard where millisecond % 50 == 0 {
        let nack = Nack(
          receiverID: id, highestPacketNumber: 0, echoedTimestamp: 0, holdMicroseconds: 0,
          body: .ranges([ChunkRange(first: 0, count: id == 9 ? 40 : 1)]))
        sender.handle(.nack(nack), header: SessionNetwork.header(.nack, packet: 0), now: now)
      }
      sender.handleWake(now: now)
      while let one = sender.pollTransmit(now: now) {
        if case .control(.announce(let announce), _, _) = one { named = announce.representatives }
      }
    }
    return named
  }

  @Test func theFarthestIsAmongThem() {
    var sender = Self.sender()
    let first = Self.named(&sender, from: 100, to: 110)
    #expect(first.count == FeedbackShare.representativeCount && Set(first).count == first.count)
    #expect(first.contains(7))
  }

  @Test func theOneThatMissesMostBecomesOne() {
    var sender = Self.sender()
    let first = Self.named(&sender, from: 100, to: 1_500, heard: Array(1...20))
    #expect(first.contains(9) && first.contains(7), "\(first)")
  }

  /// Those that stay silent give their places to others.
  @Test func theSilentAreReplaced() {
    var sender = Self.sender()
    let first = Self.named(&sender, from: 100, to: 110)
    let later = Self.named(&sender, from: 111, to: 1_500)
    #expect(!later.isEmpty && Set(first).isDisjoint(with: later), "\(first), then \(later)")
  }
}
