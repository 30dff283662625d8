import Ground
import Session
import Testing
import Wire

/// What a sender does with single messages.
@Suite struct SenderMachineTests {
  private static let second = Instant(nanoseconds: 1_000_000_000)

  private static func join(_ id: UInt64) -> ControlMessage {
    .join(
      Join(
        receiverID: id, echoedTimestamp: 0, holdMicroseconds: 0, receiveBufferByteCount: 212_992,
        largestAnnounceByteCount: 1_472, hostName: "h"))
  }

  private static func complete(_ id: UInt64) -> ControlMessage {
    .complete(
      Complete(
        receiverID: id, echoedTimestamp: 0, holdMicroseconds: 0, verifiedFileCount: 1, failedFileCount: 0,
        status: .whole, text: ""))
  }

  private static func nack(_ id: UInt64, _ ranges: [ChunkRange], highest: UInt32) -> ControlMessage {
    .nack(
      Nack(
        receiverID: id, highestPacketNumber: highest, echoedTimestamp: 0, holdMicroseconds: 0,
        body: .ranges(ranges)))
  }

  private static func handle(
    _ sender: inout SenderMachine, _ message: ControlMessage, at now: Instant,
    session: UInt64 = SessionNetwork.sessionID
  ) {
    sender.handle(message, header: SessionNetwork.header(message.type, packet: 0, session: session), now: now)
  }

  private static func drain(_ sender: inout SenderMachine, at now: Instant) -> [SenderTransmission] {
    var all: [SenderTransmission] = []
    while let one = sender.pollTransmit(now: now) { all.append(one) }
    return all
  }

  /// A unicast sender, joined, at some way into its first pass.
  private static func sending(chunks: UInt64 = 100_000) -> SenderMachine {
    var network = SessionNetwork(fileChunks: chunks, controller: .fixed(bitsPerSecond: 50e6))
    network.run(until: Instant(nanoseconds: 200_000_000))
    return network.sender
  }

  /// Ten announces 20 ms apart, then each 50 ms.
  @Test func announcesUntilSomebodyJoins() {
    var network = SessionNetwork { !$0.isFromSender }
    network.run(until: Instant(nanoseconds: 990_000_000))
    // From the third time on beside one that is padded to the size of a datagram.
    #expect(network.sentCounts[.announce] == 2 + 2 * 8 + 2 * 16)
    #expect(network.sentCounts[.data] == nil)
  }

  @Test func aStrayMessageIsCountedAndDropped() {
    var sender = SessionNetwork().sender
    Self.handle(&sender, Self.join(1), at: .zero, session: 99)
    Self.handle(&sender, Self.join(0), at: .zero)
    Self.handle(&sender, .close(Close(receiverIDs: [1])), at: .zero)
    Self.handle(&sender, .abort(Abort(receiverID: 0, reason: .unspecified)), at: .zero)
    #expect(sender.counters.strayDatagrams == 4 && sender.peers.isEmpty && sender.phase == .announcing)
    Self.handle(&sender, Self.join(1), at: .zero)
    Self.handle(&sender, .abort(Abort(receiverID: 7, reason: .unspecified)), at: .zero)
    #expect(sender.counters.strayDatagrams == 5 && sender.peers.count == 1)
  }

  /// The user starts a group's session: with those that are here, and not with one that has left.
  @Test func aStartCountsThoseThatAreStillHere() {
    var sender = SessionNetwork(receiverCount: 3, fileChunks: 100).sender
    Self.handle(&sender, Self.join(1), at: .zero)
    Self.handle(&sender, .abort(Abort(receiverID: 1, reason: .cannotStore, text: "no room")), at: .zero)
    sender.start(now: .zero)
    sender.handleWake(now: .zero)
    #expect(sender.joinedCount == 0 && sender.phase == .announcing)
    Self.handle(&sender, Self.join(2), at: .zero)
    sender.start(now: .zero)
    sender.handleWake(now: .zero)
    #expect(sender.joinedCount == 1 && sender.phase == .sending)
  }

  @Test func aReceiverThatRefusesTheSetInsteadOfJoiningIsHeard() {
    var sender = SessionNetwork().sender
    Self.handle(&sender, .abort(Abort(receiverID: 7, reason: .cannotStore, text: "no room")), at: .zero)
    #expect(sender.peers.map(\.outcome) == [.left(.cannotStore, "no room")])
    #expect(sender.phase == .lingering)
  }

  @Test func unicastServesOneReceiver() {
    var sender = SessionNetwork().sender
    _ = Self.drain(&sender, at: .zero)
    Self.handle(&sender, Self.join(1), at: .zero)
    Self.handle(&sender, Self.join(2), at: .zero)
    #expect(sender.peers.map(\.receiverID) == [1] && sender.counters.strayDatagrams == 1)
    #expect(sender.phase == .sending)
  }

  @Test func aGroupIsBounded() {
    var sender = SessionNetwork(receiverCount: 2, expected: SenderMachine.anyNumberOfReceivers).sender
    for id in 1...100_050 as ClosedRange<UInt64> { Self.handle(&sender, Self.join(id), at: .zero) }
    #expect(sender.peers.count == 100_000 && sender.counters.strayDatagrams == 50)
  }

  @Test func whoseJoinWasLostIsKnownByItsReport() {
    var sender = SessionNetwork(receiverCount: 2).sender
    Self.handle(&sender, Self.complete(5), at: .zero)
    #expect(sender.peers.isEmpty, "nothing was sent that it could have received")
    Self.handle(&sender, Self.join(1), at: .zero)
    Self.handle(&sender, Self.join(2), at: .zero)
    _ = Self.drain(&sender, at: .zero)
    Self.handle(&sender, Self.nack(5, [ChunkRange(first: 0, count: 1)], highest: 0), at: .zero)
    #expect(sender.peers.map(\.receiverID) == [1, 2, 5])
  }

  /// What leaves within 400 ms after a NACK, in order.
  private static func repairs(_ sender: inout SenderMachine, for ranges: [ChunkRange]) -> [SenderTransmission]
  {
    sender.handleWake(now: second)  // what was in flight is written off, so the window is open
    let highest = UInt32(truncatingIfNeeded: sender.counters.datagrams - 1)
    handle(&sender, nack(1, ranges, highest: highest), at: second)
    var all: [SenderTransmission] = []
    for step in 0..<400 as Range<UInt64> {
      sender.handleWake(now: second + .milliseconds(step))
      all += drain(&sender, at: second + .milliseconds(step))
    }
    return all
  }

  @Test func aNackNamesNothingThatWasNotSent() {
    var sender = Self.sending()
    let last = UInt32(sender.nextChunk) - 1
    let chunks = Self.repairs(&sender, for: [ChunkRange(first: last, count: .max - last)]).flatMap {
      if case .repair(_, _, let train) = $0 { train.runs } else { [ChunkRange]() }
    }
    #expect(chunks == [ChunkRange(first: last, count: 1)])
  }

  /// What one NACK can cost is bounded, however much it names.
  @Test func hugeRangesAreCut() {
    var sender = Self.sending(chunks: 2_000_000)
    let highest = UInt32(truncatingIfNeeded: sender.counters.datagrams - 1)
    let ranges = (0..<8_000).map { ChunkRange(first: UInt32($0) * 500_000, count: 499_999) }
    let clock = ContinuousClock()
    let duration = clock.measure {
      for _ in 0..<50 { Self.handle(&sender, Self.nack(1, ranges, highest: highest), at: Self.second) }
    }
    #expect(duration < .seconds(5))
  }

  @Test func aNackFromTheFutureIsMalformed() {
    var sender = Self.sending()
    Self.handle(
      &sender, Self.nack(1, [ChunkRange(first: 0, count: 1)], highest: .max / 2), at: Self.second)
    #expect(sender.counters.malformedDatagrams == 1)
  }

  /// It names the newest packet, or the one that will be next.
  @Test(arguments: [false, true]) func aReportFromTheFutureIsMalformed(isAhead: Bool) {
    var sender = Self.sending()
    let report = Report(
      receiverID: 1, highestPacketNumber: UInt32(sender.counters.datagrams - (isAhead ? 0 : 1)),
      echoedTimestamp: 0, holdMicroseconds: 0, receiverClockMicroseconds: 0, socketDropCount: 0,
      receivedDatagramCount: 1, receivedByteCount: 0, heldChunkCount: 0, duplicateCount: 0)
    Self.handle(&sender, .report(report), at: Self.second)
    #expect(sender.counters.malformedDatagrams == (isAhead ? 1 : 0))
  }

  /// More datagrams than were sent: the controller must not see it (its window would leave the range of
  /// integers).
  @Test(arguments: [UInt64.max, 1 << 60, 100_000])
  func aReportOfMoreThanWasSentIsMalformed(received: UInt64) {
    var sender = Self.sending()
    let before = sender.datagramsPerSecond
    for step in 0..<2 as Range<UInt64> {
      let highest = sender.counters.datagrams - 2 + step
      Self.handle(
        &sender,
        .report(
          Report(
            receiverID: 1, highestPacketNumber: UInt32(highest), echoedTimestamp: 0, holdMicroseconds: 0,
            receiverClockMicroseconds: UInt32(step) * 600, socketDropCount: 0,
            receivedDatagramCount: received,
            receivedByteCount: 0, heldChunkCount: 0, duplicateCount: 0)), at: Self.second)
    }
    #expect(sender.counters.malformedDatagrams == 2)
    #expect(sender.datagramsPerSecond == before && sender.nextDeadline != .zero)
  }

  /// Repairs are announced by a notice that names the packets which follow it.
  @Test func theNoticeNamesThePacketsThatFollow() {
    var sender = Self.sending()
    let ranges = [ChunkRange(first: 3, count: 2), ChunkRange(first: 9, count: 7)]
    let all = Self.repairs(&sender, for: ranges)
    var promised: [UInt64] = []
    for one in all {
      guard case .repair(let notice, let packet, let train) = one else { continue }
      #expect(train.isRepair)
      #expect(train.firstPacketNumber == UInt64(packet) + 1)
      #expect(train.runs == notice.entries.map { ChunkRange(first: $0.firstChunk, count: $0.count) })
      var next = packet + 1
      for entry in notice.entries {
        #expect(entry.firstPacketNumber == next)
        next += entry.count
      }
      promised += train.runs.flatMap { Array($0.chunks) }
    }
    #expect(promised == ranges.flatMap { Array($0.chunks) })
  }

  /// With chunks so small that a notice of their size has no room for an entry, notices are larger.
  @Test func theSmallestChunksAreRepairedToo() throws {
    let announce = SessionNetwork.announce(fileChunks: 10, chunkByteCount: 1)
    var sender = SenderMachine(
      SenderMachine.Configuration(sessionID: SessionNetwork.sessionID, announce: announce),
      now: .zero)
    _ = Self.drain(&sender, at: .zero)
    Self.handle(&sender, Self.join(1), at: .zero)
    var sent = Self.drain(&sender, at: Self.second).count
    // The first window has arrived.
    Self.handle(&sender, Self.nack(1, [ChunkRange(first: 0, count: 9)], highest: 15), at: Self.second)
    for one in Self.drain(&sender, at: Instant(nanoseconds: 2_000_000_000)) {
      if case .repair(let notice, _, _) = one { #expect(!notice.entries.isEmpty) }
      sent += 1
    }
    #expect(sent > 2)
  }

  /// A thousand completes in one turn are all confirmed, in datagrams of bounded size.
  @Test func everyCompleteIsClosed() {
    var sender = SessionNetwork(receiverCount: 1_000, fileChunks: 1).sender
    for id in 1...1_000 as ClosedRange<UInt64> { Self.handle(&sender, Self.join(id), at: .zero) }
    _ = Self.drain(&sender, at: .zero)
    for id in 1...1_000 as ClosedRange<UInt64> { Self.handle(&sender, Self.complete(id), at: .zero) }
    var closed: Set<UInt64> = []
    for one in Self.drain(&sender, at: .zero) {
      guard case .control(.close(let close), _, _) = one else { continue }
      #expect(close.byteCount <= 1_200)
      closed.formUnion(close.receiverIDs)
    }
    #expect(closed.count == 1_000)
  }

  /// *end* while nothing answers: not faster than each 250 ms after the first few.
  @Test func endsDoNotStorm() {
    var network = SessionNetwork(fileChunks: 10) {
      !$0.isFromSender && $0.now > Instant(nanoseconds: 15_000_000)
    }
    network.run()
    #expect(network.sender.peers.first?.outcome == .silent, "\(network.summary)")
    #expect((10...200).contains(network.sentCounts[.end] ?? 0), "\(network.sentCounts)")
  }

  /// A path that takes no full datagrams any more, while all small ones pass both ways: it ends, and the
  /// receiver is told.
  @Test func whoAnswersAndGetsNoChunksIsStalled() {
    var network = SessionNetwork(fileChunks: 400) {
      $0.type == .data && $0.now > Instant(nanoseconds: 15_000_000)
    }
    network.run()
    #expect(network.sender.peers.first?.outcome == .stalled, "\(network.summary)")
    let seconds = network.now.nanoseconds / 1_000_000_000
    #expect((16...25).contains(seconds), "\(network.summary)")
    guard case .ended(.aborted(.limitExceeded, _)) = network.receivers[0].phase else {
      Issue.record("the receiver was not told: \(network.summary)")
      return
    }
  }

  /// One of a group is cut off for longer than a stall takes, while the other is served: silent, then served
  /// again, by repairs that for as long are nothing new to the other. Neither is stalled.
  @Test func whoComesBackFromASilenceIsNotStalled() {
    let outage = Instant(nanoseconds: 1_000_000_000)...Instant(nanoseconds: 21_000_000_000)
    var network = SessionNetwork(
      receiverCount: 2, fileChunks: 2_500, controller: .fixed(bitsPerSecond: 1e6)
    ) { $0.receiver == 1 && outage.contains($0.now) }
    network.receivers[1] = ReceiverMachine(
      ReceiverMachine.Configuration(receiverID: 2, hostName: "patient", idleNanoseconds: .seconds(60)))
    network.run(until: Instant(nanoseconds: 20_000_000_000))
    #expect(network.sender.peers.contains { $0.outcome == .silent }, "\(network.summary)")
    network.run()
    #expect(network.allWhole, "\(network.summary)")
    #expect(network.sender.peers.map(\.outcome) == [.whole(filesVerified: 1), .whole(filesVerified: 1)])
  }
}
