import Ground
import Session
import Testing
import Wire

/// What a receiver does for sessions that anybody may announce, Specs/chunked-udp.md §6.2.
@Suite struct CandidateTests {
  private typealias Single = ReceiverMachineTests

  private static func announce(
    _ receiver: inout ReceiverMachine, session: UInt64, packet: UInt32 = 0, fileChunks: UInt64 = 100,
    at now: Instant
  ) {
    Single.handle(
      &receiver, .announce(SessionNetwork.announce(fileChunks: fileChunks)), packet: packet, session: session,
      at: now)
  }

  /// All that a receiver says until `end`, bytes of UDP payload for each session.
  private static func bytes(_ receiver: inout ReceiverMachine, until end: Instant) -> [UInt64: Int] {
    var bytes: [UInt64: Int] = [:]
    var now = Instant.zero
    while now < end {
      now = max(now + 1_000, min(receiver.nextDeadline, end))
      receiver.handleWake(now: now)
      receiver.detectLosses(now: now)
      while let one = receiver.pollTransmit(now: now) {
        bytes[one.sessionID, default: 0] += one.message.byteCount
      }
    }
    return bytes
  }

  /// One forged announce drew 12 kB of reports once.
  @Test func anAnnounceAloneDrawsOneJoin() {
    var receiver = Single.listening()
    Self.announce(&receiver, session: 5, at: .zero)
    let bytes = Self.bytes(&receiver, until: Instant(nanoseconds: 20_000_000_000))
    #expect((43...107).contains(bytes[5] ?? 0) && bytes.count == 1)
    #expect(receiver.phase == .listening && receiver.nextDeadline == .never)
  }

  /// Its owner ends it: only senders that have heard of it are told.
  @Test(arguments: [true, false]) func whoHasNotHeardOfItIsNotTold(hasJoined: Bool) {
    var receiver = Single.listening()
    Self.announce(&receiver, session: 5, at: .zero)
    if hasJoined { #expect(Single.drain(&receiver, at: .zero).map(\.type) == [.join]) }
    receiver.cancel(reason: .endedByUser, text: "", now: .zero)
    #expect(Single.drain(&receiver, at: .zero).map(\.type) == (hasJoined ? [.abort, .abort, .abort] : []))
  }

  /// Ends follow each other closely. The receiver asks for the first chunk, and again 50 ms later at the
  /// soonest.
  @Test func endsAreAnsweredAfterAnInterval() {
    var receiver = Single.listening()
    Self.announce(&receiver, session: SessionNetwork.sessionID, at: .zero)
    _ = Single.drain(&receiver, at: .zero)
    let end = ControlMessage.end(
      End(
        round: 0, timestamp: 0, totalChunkCount: SessionNetwork.announce(fileChunks: 100).shape.chunkCount,
        grttCode: Single.grtt))
    var asked: [UInt64] = []
    for millisecond in 100..<150 as Range<UInt64> {
      let now = Instant(nanoseconds: millisecond * 1_000_000)
      Single.handle(&receiver, end, packet: UInt32(millisecond), at: now)
      if Single.drain(&receiver, at: now).contains(where: { $0.type == .nack }) { asked.append(millisecond) }
    }
    #expect(asked == [100])
  }

  /// One forged announce and a chunk: reports go on, but never beyond three times the bytes that arrived.
  @Test func nothingDrawsMoreThanThreeTimesItsBytes() {
    var receiver = Single.listening()
    Self.announce(&receiver, session: SessionNetwork.sessionID, at: .zero)
    receiver.handleWake(now: .zero)
    #expect(Single.data(&receiver, packet: 1, chunk: 0, at: .zero) == .keep)
    let brought = SessionNetwork.announce(fileChunks: 100).byteCount + 1_472
    let bytes = Self.bytes(&receiver, until: Instant(nanoseconds: 20_000_000_000))
    let answered = bytes[SessionNetwork.sessionID] ?? 0
    #expect(answered > brought && answered <= 3 * brought, "\(answered) for \(brought)")
  }

  /// A stranger that announces for ever keeps nobody from the session of another.
  @Test func strangersDoNotKeepASenderAway() {
    var receiver = Single.listening()
    for session in 1...1_000 as ClosedRange<UInt64> { Self.announce(&receiver, session: session, at: .zero) }
    Self.announce(&receiver, session: 5_000, at: .zero)
    for session in 2_000...2_050 as ClosedRange<UInt64> {
      Self.announce(&receiver, session: session, at: .zero)
    }
    #expect(Single.data(&receiver, packet: 1, chunk: 3, session: 5_000, at: .zero) == .keep)
    #expect(receiver.sessionID == 5_000 && receiver.phase == .receiving)
  }

  @Test func anImpossibleSetIsNoSession() {
    var receiver = Single.listening()
    Self.announce(&receiver, session: 5, fileChunks: 1 << 33, at: .zero)
    #expect(Single.drain(&receiver, at: .zero).isEmpty && receiver.counters.malformedDatagrams == 1)
    #expect(receiver.phase == .listening)
  }

  /// Its owner has no room for it: the sender is told within the credit, and another is served.
  @Test func aRefusedSessionLeavesItListening() {
    var receiver = Single.listening()
    Self.announce(&receiver, session: 5, at: .zero)
    _ = Single.drain(&receiver, at: .zero)
    #expect(receiver.announceBegun(bySessionID: 5, chunkIndex: 0) != nil)
    receiver.refuse(sessionID: 5, reason: .cannotStore, text: String(repeating: "x", count: 150), now: .zero)
    let said = Single.drain(&receiver, at: .zero)
    #expect(said.allSatisfy { $0.type == .abort } && (1...3).contains(said.count))
    Self.announce(&receiver, session: 5, packet: 1, at: .zero)
    #expect(Single.drain(&receiver, at: .zero).isEmpty, "it is not answered again")
    Self.announce(&receiver, session: 6, at: .zero)
    #expect(Single.data(&receiver, packet: 1, chunk: 0, session: 6, at: .zero) == .keep)
  }

  /// A receiver that stays for the next session does not take the last one again.
  @Test func aSessionThatItHadIsNotTakenAgain() {
    var receiver = ReceiverMachine(
      ReceiverMachine.Configuration(receiverID: 7, hostName: "here", refusedSessions: [5]))
    Self.announce(&receiver, session: 5, at: .zero)
    #expect(Single.drain(&receiver, at: .zero).isEmpty)
    #expect(Single.data(&receiver, packet: 1, chunk: 0, session: 5, at: .zero) == .refused)
  }

  /// It comes when everything has been sent: it asks for a chunk, with which its session begins.
  @Test func anEndIsAnsweredByANack() {
    var receiver = Single.listening()
    Self.announce(&receiver, session: SessionNetwork.sessionID, at: .zero)
    _ = Single.drain(&receiver, at: .zero)
    let total = SessionNetwork.announce(fileChunks: 100).shape.chunkCount
    let end = End(round: 3, timestamp: 0, totalChunkCount: total, grttCode: Single.grtt)
    Single.handle(&receiver, .end(end), packet: 900, at: .zero)
    guard case .nack(let nack) = Single.drain(&receiver, at: .zero).first else {
      Issue.record("no NACK")
      return
    }
    #expect(nack.body == .ranges([ChunkRange(first: 0, count: 1)]) && nack.highestPacketNumber == 900)
    #expect(Single.data(&receiver, packet: 902, chunk: 0, isRepair: true, at: .zero) == .keep)
    #expect(receiver.phase == .receiving)
  }

  // MARK: Packet numbers

  /// Numbers far ahead, alone and in pairs: what the sender sends then is taken all the same, and asked for
  /// when lost.
  @Test(arguments: [[1 << 30], [1 << 30, 1 << 30 + 1], [.max, .max - 1, 1 << 31 - 1]] as [[UInt32]])
  func forgedPacketNumbersBlindNobody(numbers: [UInt32]) {
    var receiver = Single.joined()
    for packet in 1...10 as ClosedRange<UInt32> {
      Single.data(&receiver, packet: packet, chunk: packet, at: .zero)
    }
    for number in numbers { Single.data(&receiver, packet: number, chunk: 50, at: .zero) }
    for packet in 11...40 as ClosedRange<UInt32> where packet != 20 {
      #expect(Single.data(&receiver, packet: packet, chunk: packet, at: .zero) == .keep, "packet \(packet)")
    }
    #expect(receiver.counters.strangeNumbers >= 1)
    let later = Instant(nanoseconds: 100_000_000)
    let nacks = Single.drain(&receiver, at: later).compactMap {
      if case .nack(let nack) = $0 { nack } else { nil }
    }
    #expect(nacks.first?.body == .ranges([ChunkRange(first: 0, count: 1), ChunkRange(first: 20, count: 1)]))
  }

  /// After an outage the sender is far ahead: it is followed.
  @Test func anOutageIsNoForgery() {
    var receiver = Single.joined()
    Single.data(&receiver, packet: 1, chunk: 1, at: .zero)
    for i in 0..<20 as Range<UInt32> {
      #expect(Single.data(&receiver, packet: 1_000_000 + i, chunk: 30 + i, at: .zero) == .keep)
    }
    #expect(receiver.packetNumber(1_000_020) == 1_000_020 && receiver.counters.strangeNumbers == 4)
  }

  // MARK: A sender that is heard and brings nothing

  private static func run(
    _ receiver: inout ReceiverMachine, until end: UInt64,
    each: (inout ReceiverMachine, UInt32, Instant) -> Void
  ) -> UInt64? {
    for second in 1...end {
      let now = Instant(nanoseconds: second * 1_000_000_000)
      each(&receiver, UInt32(second), now)
      _ = Single.drain(&receiver, at: now)
      if receiver.hasEnded { return second }
    }
    return nil
  }

  @Test func endsAloneDoNotKeepAReceiver() {
    var receiver = Single.joined()
    Single.data(&receiver, packet: 1, chunk: 1, at: .zero)
    let total = receiver.shape?.chunkCount ?? 0
    let ended = Self.run(&receiver, until: 200) { receiver, i, now in
      let end = End(round: i, timestamp: 0, totalChunkCount: total, grttCode: Single.grtt)
      Single.handle(&receiver, .end(end), packet: i + 1, at: now)
    }
    #expect(ended == 60 && receiver.phase == .ended(.senderStalled))
  }

  @Test func duplicatesAloneDoNotKeepAReceiver() {
    var receiver = Single.joined()
    Single.data(&receiver, packet: 1, chunk: 1, at: .zero)
    let ended = Self.run(&receiver, until: 2_000) { receiver, i, now in
      Single.data(&receiver, packet: i + 1, chunk: 1, isRepair: true, at: now)
    }
    #expect(ended == 600 && receiver.phase == .ended(.senderStalled))
  }

  /// A process that was stopped heard nothing: its own time is not the sender's silence.
  @Test func absenceIsNoSilence() {
    var receiver = Single.joined()
    Single.data(&receiver, packet: 1, chunk: 1, at: .zero)
    let later = Instant(nanoseconds: 20_000_000_000)
    var stopped = receiver
    stopped.noteAbsence(.seconds(20))
    stopped.handleWake(now: later)
    #expect(stopped.phase == .receiving)
    receiver.handleWake(now: later)
    #expect(receiver.phase == .ended(.senderSilent))
    #expect(Single.drain(&receiver, at: later).map(\.type) == [.abort, .abort, .abort], "the sender is told")
  }
}
