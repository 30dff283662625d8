import Ground
import Session
import Testing
import Wire

/// What a receiver does with single messages.
@Suite struct ReceiverMachineTests {
  static let grtt = GrttCode(nanoseconds: 10_000_000)
  static let second = Instant(nanoseconds: 1_000_000_000)

  static func listening() -> ReceiverMachine {
    ReceiverMachine(ReceiverMachine.Configuration(receiverID: 7, hostName: "here"))
  }

  static func joined(
    fileChunks: UInt64 = 100, options: AnnounceOptions = [], groupSize: UInt32 = 1, at now: Instant = .zero
  ) -> ReceiverMachine {
    var receiver = listening()
    handle(
      &receiver,
      .announce(SessionNetwork.announce(fileChunks: fileChunks, options: options, groupSize: groupSize)),
      packet: 0,
      at: now)
    return receiver
  }

  static func handle(
    _ receiver: inout ReceiverMachine, _ message: ControlMessage, packet: UInt32,
    session: UInt64 = SessionNetwork.sessionID, at now: Instant
  ) {
    receiver.handle(
      message, header: SessionNetwork.header(message.type, packet: packet, session: session),
      byteCount: message.byteCount, now: now)
  }

  @discardableResult
  static func data(
    _ receiver: inout ReceiverMachine, packet: UInt32, chunk: UInt32,
    session: UInt64 = SessionNetwork.sessionID,
    isRepair: Bool = false, canKeep: Bool = true, timestamp: UInt32 = 0, at now: Instant
  ) -> ReceiverMachine.ChunkFate {
    receiver.handleData(
      sessionID: session, packetNumber: packet, chunkIndex: chunk, timestamp: timestamp, grttCode: grtt,
      isRepair: isRepair,
      byteCount: 1_472, canKeep: canKeep, now: now)
  }

  static func drain(_ receiver: inout ReceiverMachine, at now: Instant) -> [ControlMessage] {
    receiver.handleWake(now: now)
    receiver.detectLosses(now: now)
    var all: [ControlMessage] = []
    while let one = receiver.pollTransmit(now: now) { all.append(one.message) }
    return all
  }

  @Test func joinsAtOnceInUnicast() {
    var receiver = Self.joined()
    #expect(receiver.nextDeadline == .zero)
    let first = Self.drain(&receiver, at: .zero)
    #expect(first.map(\.type) == [.join])
    Self.handle(
      &receiver, .announce(SessionNetwork.announce(fileChunks: 100)), packet: 1,
      at: Instant(nanoseconds: 50_000_000))
    #expect(Self.drain(&receiver, at: Instant(nanoseconds: 50_000_000)).map(\.type).contains(.join))
  }

  /// A thousand receivers hear one announce: they answer within the spread, at different times.
  @Test func joinsOfAGroupAreSpread() {
    var times: Set<UInt64> = []
    for id in 1...1_000 as ClosedRange<UInt64> {
      var receiver = ReceiverMachine(ReceiverMachine.Configuration(receiverID: id, hostName: ""))
      let announce = SessionNetwork.announce(fileChunks: 1, options: [.group], groupSize: 1_000)
      Self.handle(&receiver, .announce(announce), packet: 0, at: .zero)
      #expect(receiver.nextDeadline <= Instant(nanoseconds: 1_000_000_000))
      times.insert(receiver.nextDeadline.nanoseconds / 40_000_000)
    }
    #expect(times.count == 25, "all 25 spaces of 40 ms are used: \(times.count)")
  }

  /// Each member of a small group, when it hears one datagram.
  @Test func reportsOfASmallGroupAreSpread() {
    var times: Set<UInt64> = []
    for id in 1...100 as ClosedRange<UInt64> {
      var receiver = ReceiverMachine(ReceiverMachine.Configuration(receiverID: id, hostName: ""))
      let announce = SessionNetwork.announce(fileChunks: 1_000, options: [.group], groupSize: 10)
      Self.handle(&receiver, .announce(announce), packet: 0, at: .zero)
      Self.data(&receiver, packet: 1, chunk: 0, at: .zero)
      var now = Instant.zero
      while now < Instant(nanoseconds: 1_000_000_000) {
        now = max(receiver.nextDeadline, now + 1_000)
        if Self.drain(&receiver, at: now).contains(where: { $0.type == .report }) { break }
      }
      // A quarter of a GRTT of 10 ms, half to one and a half of it.
      #expect((1_200_000...4_000_000).contains(now.nanoseconds))
      times.insert(now.nanoseconds / 100_000)
    }
    #expect(times.count > 15)
  }

  /// Members of a large group report in time with the sender's datagrams: two that are named each 50 of the
  /// first thousand, then each 105, and a hundred others each 24 for each member.
  @Test func reportsOfALargeGroupKeepToTheirShare() {
    var (named, others) = (0, 0)
    for id in 1...102 as ClosedRange<UInt64> {
      var receiver = ReceiverMachine(ReceiverMachine.Configuration(receiverID: id, hostName: ""))
      var announce = SessionNetwork.announce(fileChunks: 10_000, options: [.group], groupSize: 102)
      announce.representatives = [1, 2]
      Self.handle(&receiver, .announce(announce), packet: 0, at: .zero)
      for place in 0..<5_000 as Range<UInt32> {
        let now = Instant(nanoseconds: UInt64(place) * 120_000)
        Self.data(&receiver, packet: place + 1, chunk: place, timestamp: now.timestamp, at: now)
        let count = Self.drain(&receiver, at: now).count { $0.type == .report }
        if id <= 2 { named += count } else { others += count }
      }
    }
    #expect((95...150).contains(named), "\(named), expected 117")
    #expect((180...270).contains(others), "\(others), expected 204")
  }

  @Test func anotherSessionIsStray() {
    var receiver = Self.joined()
    #expect(Self.data(&receiver, packet: 1, chunk: 0, at: .zero) == .keep)
    #expect(Self.data(&receiver, packet: 1, chunk: 0, session: 9, at: .zero) == .refused)
    Self.handle(
      &receiver, .announce(SessionNetwork.announce(fileChunks: 5)), packet: 1, session: 9, at: .zero)
    Self.handle(&receiver, .abort(Abort(receiverID: 0, reason: .internal)), packet: 2, session: 9, at: .zero)
    #expect(receiver.counters.strayDatagrams == 3 && receiver.phase == .receiving)
    #expect(receiver.shape?.fileChunkCount == 100)
  }

  @Test func nothingBeginsBeforeAnAnnounce() {
    var receiver = Self.listening()
    #expect(Self.data(&receiver, packet: 0, chunk: 0, at: .zero) == .refused)
    Self.handle(
      &receiver, .end(End(round: 0, timestamp: 0, totalChunkCount: 1, grttCode: Self.grtt)), packet: 1,
      at: .zero)
    #expect(receiver.phase == .listening && receiver.nextDeadline == .never)
    #expect(Self.drain(&receiver, at: .zero).isEmpty)
  }

  @Test func aChunkBeyondTheSetIsMalformed() {
    var receiver = Self.joined(fileChunks: 10)
    #expect(Self.data(&receiver, packet: 0, chunk: 12, at: .zero) == .refused, "no session begins with it")
    #expect(Self.data(&receiver, packet: 1, chunk: 1, at: .zero) == .keep)
    #expect(Self.data(&receiver, packet: 1, chunk: 12, at: .zero) == .refused)
    #expect(Self.data(&receiver, packet: 2, chunk: .max, at: .zero) == .refused)
    #expect(receiver.counters.malformedDatagrams == 2)
    #expect(Self.data(&receiver, packet: 3, chunk: 11, at: .zero) == .keep)
    #expect(Self.data(&receiver, packet: 3, chunk: 10, at: .zero) == .duplicate, "the same packet")
    #expect(Self.data(&receiver, packet: 4, chunk: 11, at: .zero) == .duplicate, "the same chunk")
    #expect(receiver.counters.duplicateDatagrams == 1 && receiver.counters.duplicateChunks == 1)
  }

  private static func nacks(_ sent: [ControlMessage]) -> [Nack] {
    sent.compactMap { if case .nack(let nack) = $0 { nack } else { nil } }
  }

  /// As it is not known yet whether the path reorders, the first gaps wait for it.
  @Test func theFirstLossIsAskedForAfterTheFirstWindow() {
    var receiver = Self.joined()
    _ = Self.drain(&receiver, at: Self.second)
    for packet in [UInt32(1), 3, 4, 5] {
      Self.data(&receiver, packet: packet, chunk: packet, at: Self.second)
    }
    let due = Self.second + ReorderingWindow.firstNanoseconds
    #expect(Self.nacks(Self.drain(&receiver, at: Self.second)).isEmpty && receiver.nextDeadline <= due)
    let nacks = Self.nacks(Self.drain(&receiver, at: due))
    #expect(nacks.map(\.body) == [.ranges([ChunkRange(first: 0, count: 1), ChunkRange(first: 2, count: 1)])])
    #expect(nacks.first?.receiverID == 7 && nacks.first?.highestPacketNumber == 5)
  }

  @Test func aLossIsAskedForAtOnceInUnicast() {
    var receiver = Self.joined()
    for packet in 1...40 as ClosedRange<UInt32> where packet % 2 == 0 {
      Self.data(&receiver, packet: packet, chunk: packet, at: Self.second)
    }
    _ = Self.drain(&receiver, at: Self.second)
    // Twenty losses, and nothing came late: this path keeps its order.
    #expect(!Self.nacks(Self.drain(&receiver, at: Self.second + .milliseconds(5))).isEmpty)
    let later = Self.second + .milliseconds(50)
    for packet in [UInt32(41), 43, 44, 45] {
      Self.data(&receiver, packet: packet, chunk: packet, at: later)
    }
    let asked = Self.nacks(Self.drain(&receiver, at: later)).flatMap(\.missingRanges)
    #expect(asked.contains { $0.chunks.contains(42) })
    #expect(receiver.nextDeadline > later)
  }

  /// The sender sends on but never answers: NACKs become rarer, and their number is bounded.
  @Test func nacksThatNobodyAnswersBecomeRare() {
    var receiver = Self.joined(fileChunks: 1_000_000)
    var packet: UInt32 = 1
    var nacks: [Instant] = []
    var now = Instant.zero
    while now < Instant(nanoseconds: 10_000_000_000) {
      now = now + .milliseconds(1)
      Self.data(&receiver, packet: packet, chunk: packet, at: now)  // chunk 0 stays missing
      packet += 1
      for message in Self.drain(&receiver, at: now) where message.type == .nack { nacks.append(now) }
    }
    #expect((8...40).contains(nacks.count), "\(nacks.count)")
    #expect(zip(nacks, nacks.dropFirst()).suffix(3).allSatisfy { $1 - $0 >= .milliseconds(900) })
  }

  /// NACKs keep their space from when they were due: a driver whose timers are late sends as many as a prompt
  /// one.
  @Test func aLateWakeUpDoesNotPutOffTheNacksBehindIt() {
    func nackCount(stepsBetweenPolls: UInt64) -> Int {
      var receiver = Self.joined(fileChunks: 5_000)
      var count = 0
      // Every second packet is lost, for 30 ms: 5 ms until the path is known, and 20 times an eighth of the
      // round trip.
      for step in 1...600 as ClosedRange<UInt64> {
        let now = Instant(nanoseconds: step * 50_000)
        Self.data(&receiver, packet: UInt32(2 * step), chunk: UInt32(2 * step), at: now)
        guard step % stepsBetweenPolls == 0 else { continue }
        count += Self.drain(&receiver, at: now).count { $0.type == .nack }
      }
      return count
    }
    let prompt = nackCount(stepsBetweenPolls: 1)
    let late = nackCount(stepsBetweenPolls: 10)
    #expect(prompt >= 15 && late >= prompt - 1, "\(prompt) NACKs, and \(late) polled every 0.5 ms")
  }

  /// Every other chunk of a million is lost: no more than eight NACKs in one turn, each within its datagram.
  @Test func aBurstOfNacksIsBounded() {
    var receiver = Self.joined(fileChunks: 1_000_000)
    for packet in 1...20_000 as ClosedRange<UInt32> {
      Self.data(&receiver, packet: packet, chunk: packet * 2, at: Self.second)
    }
    let later = Self.second + ReorderingWindow.firstNanoseconds
    let nacks = Self.drain(&receiver, at: later).filter { $0.type == .nack }
    #expect(nacks.count == 8 && nacks.allSatisfy { $0.byteCount <= 1_200 })
    #expect(receiver.nextDeadline > later)
  }

  /// A promise for a packet that will never come would keep the loss from being seen.
  @Test func aNoticeOfDistantPacketsIsRefused() {
    var receiver = Self.joined()
    for packet in [UInt32(1), 3, 4, 5] { Self.data(&receiver, packet: packet, chunk: packet - 1, at: .zero) }
    _ = Self.drain(&receiver, at: .zero)
    let entry = RepairEntry(firstChunk: 1, count: 1, firstPacketNumber: 1_000_000)
    Self.handle(
      &receiver, .repairNotice(RepairNotice(timestamp: 0, grttCode: Self.grtt, entries: [entry])), packet: 6,
      at: .zero)
    #expect(receiver.counters.malformedDatagrams == 1)
    let later = Instant(nanoseconds: 100_000_000)
    #expect(Self.drain(&receiver, at: later).contains { $0.type == .nack })
  }

  @Test func anEndOfAnotherSetIsMalformed() {
    var receiver = Self.joined(fileChunks: 10)
    Self.data(&receiver, packet: 0, chunk: 0, at: .zero)
    Self.handle(
      &receiver, .end(End(round: 0, timestamp: 0, totalChunkCount: 13, grttCode: Self.grtt)), packet: 1,
      at: .zero)
    #expect(receiver.counters.malformedDatagrams == 1)
    #expect(!Self.drain(&receiver, at: Instant(nanoseconds: 1_000_000_000)).contains { $0.type == .nack })
  }

  @Test func anAbortForAnotherReceiverIsNotOurs() {
    var receiver = Self.joined()
    Self.data(&receiver, packet: 0, chunk: 0, at: .zero)
    Self.handle(&receiver, .abort(Abort(receiverID: 8, reason: .tooSlow)), packet: 1, at: .zero)
    #expect(receiver.phase == .receiving)
    Self.handle(&receiver, .abort(Abort(receiverID: 7, reason: .tooSlow, text: "slow")), packet: 2, at: .zero)
    #expect(receiver.phase == .ended(.aborted(.tooSlow, "slow")))
    #expect(receiver.nextDeadline == .never)
  }

  @Test func everyEndIsAnsweredByCompleteUntilClose() {
    var receiver = Self.joined(fileChunks: 1)
    for packet in 1...3 as ClosedRange<UInt32> {
      Self.data(&receiver, packet: packet, chunk: packet - 1, at: .zero)
    }
    receiver.handleVerified(verified: 1, failed: 0, status: .whole, text: "", now: .zero)
    #expect(Self.drain(&receiver, at: .zero).map(\.type) == [.join, .complete])
    for round in 0..<5 as Range<UInt32> {
      Self.handle(
        &receiver, .end(End(round: round, timestamp: 0, totalChunkCount: 3, grttCode: Self.grtt)),
        packet: 4 + round,
        at: .zero)
      #expect(Self.drain(&receiver, at: .zero).map(\.type) == [.complete])
    }
    Self.handle(&receiver, .close(Close(receiverIDs: [8])), packet: 20, at: .zero)
    #expect(receiver.phase == .completing)
    Self.handle(&receiver, .close(Close(receiverIDs: [8, 7])), packet: 21, at: .zero)
    guard case .ended(.completed(_, confirmed: true)) = receiver.phase else {
      Issue.record("\(receiver.phase)")
      return
    }
  }
}
