import Accounting
import Ground
import Session
import Testing
import Wire

/// Which size of datagram a session settles on, Specs/chunked-udp.md §6.9.
@Suite struct PathProbeTests {
  /// Chunks of 1,440, 1,340 and 1,220 bytes: datagrams of 1,472, 1,372 and 1,252.
  private static func network(
    smaller: [Int] = [1_340, 1_220], lose: @escaping (Traffic) -> Bool = { _ in false }
  ) -> SessionNetwork {
    SessionNetwork(smallerChunkByteCounts: smaller, lose: lose)
  }

  private static func isTooLong(_ traffic: Traffic, for limit: Int) -> Bool {
    traffic.isFromSender && traffic.byteCount > limit
  }

  private static func begins(_ network: SessionNetwork) -> [Announce] {
    network.receiverEvents[0].compactMap { if case .began(let announce, _) = $0 { announce } else { nil } }
  }

  /// It costs one announce and no time: data flow one round trip behind the first announce.
  @Test func aPathThatCarriesTheLargestIsFoundAtOnce() {
    var firstData = Instant.never
    var joinCount = 0
    var lengths: [Int] = []
    var network = Self.network()
    network.lose = { traffic in
      if traffic.type == .data { firstData = min(firstData, traffic.now) }
      if traffic.type == .announce { lengths.append(traffic.byteCount) }
      if traffic.type == .join { joinCount += 1 }
      return false
    }
    network.run()
    #expect(network.allWhole, "\(network.summary)")
    #expect(lengths == [1_472, 100] && joinCount == 1)
    #expect(firstData == Instant(nanoseconds: 2 * SessionNetwork.latency))
    #expect(network.sender.datagramByteCount == 1_472)
    #expect(Self.begins(network).map(\.shape.chunkByteCount) == [1_440])
    #expect(network.senderAccount.imbalances.isEmpty && network.account(of: 0).imbalances.isEmpty)
  }

  @Test(arguments: [(1_471, 1_372), (1_400, 1_372), (1_371, 1_252), (1_252, 1_252)])
  func aBlackHoleIsFound(limit: Int, expected: Int) {
    var network = Self.network { Self.isTooLong($0, for: limit) }
    network.run()
    #expect(network.allWhole, "\(network.summary)")
    #expect(network.sender.datagramByteCount == expected)
    #expect(Self.begins(network).map(\.shape.chunkByteCount) == [expected - DataHeader.byteCount])
    #expect(network.sender.counters.repairDatagrams == 0)
    #expect(network.senderAccount.imbalances.isEmpty && network.account(of: 0).imbalances.isEmpty)
  }

  /// Each of the first announces, joins and reports, alone and all before it, on a wide path and on a narrow
  /// one.
  @Test(arguments: [MessageType.announce, .join, .report], 0...9)
  func lossesOnTheWayAreMended(type: MessageType, ordinal: Int) {
    for limit in [65_507, 1_400] {
      for all in [false, true] {
        var network = Self.network {
          $0.type == type && (all ? $0.ordinal <= ordinal : $0.ordinal == ordinal)
            || Self.isTooLong($0, for: limit)
        }
        network.run()
        #expect(network.allWhole, "\(limit), \(all): \(network.summary)")
        #expect(network.sender.datagramByteCount <= limit)
        #expect(Self.begins(network).count == 1 && network.keptTwice == 0)
      }
    }
  }

  /// Data come, but not the announce that says what they are: they are dropped until it does.
  @Test(arguments: 1...5)
  func theAnnounceThatHoldsIsRepeated(count: Int) {
    var finals = 0
    var network = Self.network { traffic in
      guard traffic.type == .announce, traffic.byteCount == 100 else { return false }
      finals += 1
      return finals <= count
    }
    network.run()
    #expect(network.allWhole, "\(network.summary)")
    #expect(finals == count + 1, "and then no more")
    #expect(Self.begins(network).map(\.shape.chunkByteCount) == [1_440])
    #expect(network.receivers[0].counters.foreign.count > 0)
    #expect(network.receivers[0].counters.malformedDatagrams == 0)
    #expect(network.account(of: 0).imbalances.isEmpty)
  }

  @Test(arguments: [0, 30, 55, 480] as [UInt64])
  func aLateReceiverGetsTheLargestToo(milliseconds: UInt64) {
    var network = Self.network()
    network.startAt = [.zero + .milliseconds(milliseconds)]
    network.run()
    #expect(network.allWhole, "\(network.summary)")
    #expect(network.sender.datagramByteCount == 1_472)
  }

  /// It hears an announce without padding in the last moment before the wait is over: what is tried then may
  /// arrive.
  @Test func whoComesInTheLastMomentIsServed() {
    var network = Self.network { $0.now < Instant(nanoseconds: 9_995_000_000) && $0.byteCount > 100 }
    network.startAt = [.zero + .milliseconds(9_940)]
    network.run()
    #expect(network.allWhole, "\(network.summary)")
    #expect(network.sender.datagramByteCount == 1_472)
  }

  /// One size, too large: what listens is told, soon, and so is the owner.
  @Test func aFixedSizeThatIsTooLargeEndsTheSession() {
    var network = Self.network(smaller: []) { Self.isTooLong($0, for: 1_400) }
    network.run()
    #expect(network.senderEnd == .pathTooNarrow(datagramByteCount: 1_472))
    #expect(network.receivers[0].phase == .listening, "no session began: \(network.summary)")
    #expect(network.now < Instant(nanoseconds: 1_000_000_000))
    #expect(network.sentCounts[.data] == nil)
  }

  /// No size fits: the receiver, whose session had not begun, listens for another sender.
  @Test func aPathBelowEverySizeEndsTheSession() {
    var network = Self.network { Self.isTooLong($0, for: 1_000) }
    network.run()
    #expect(network.senderEnd == .pathTooNarrow(datagramByteCount: 1_252))
    #expect(network.receivers[0].phase == .listening && Self.begins(network).isEmpty)
    #expect(network.account(of: 0).imbalances.isEmpty)
  }

  @Test func nobodyIsListeningIsSaidAsBefore() {
    var network = Self.network { $0.isFromSender }
    network.run()
    #expect(network.senderEnd == .nobodyListening)
  }

  /// A restart during the search: who was there first is quiet, and the other is served.
  @Test func aReceiverThatIsRestartedDuringTheSearchIsServed() {
    var network = Self.network { Self.isTooLong($0, for: 1_400) }
    network.run(until: Instant(nanoseconds: 52_000_000))
    #expect(network.sender.phase == .announcing && network.sender.peers.count == 1)
    network.restart(0, receiverID: 9)
    network.run()
    #expect(network.allWhole, "\(network.summary)")
    #expect(network.sender.peers.map(\.receiverID) == [9])
  }

  @Test func aGroupIsNotProbed() {
    var lengths: Set<Int> = []
    var network = SessionNetwork(receiverCount: 3, smallerChunkByteCounts: [1_220]) { traffic in
      if traffic.type == .announce { lengths.insert(traffic.byteCount) }
      return false
    }
    network.run()
    #expect(network.allWhole, "\(network.summary)")
    #expect(lengths == [100] && network.sender.datagramByteCount == 1_472)
  }

  /// A router has told this host what the path carries: that is tried, and nothing above it.
  @Test func theOwnersKnowledgeIsUsed() throws {
    var network = Self.network { Self.isTooLong($0, for: 1_392) }
    network.run(until: Instant(nanoseconds: 15_000_000))
    network.sender.handlePathLimit(
      SessionNetwork.candidate(fileChunks: 300, chunkByteCount: 1_360))
    network.run()
    #expect(network.allWhole, "\(network.summary)")
    #expect(network.sender.datagramByteCount == 1_392)
    #expect(network.sentCounts[.announce] == 3, "\(network.sentCounts)")
  }

  @Test func aFixedSizeAboveWhatTheOwnerKnowsEndsTheSession() throws {
    var network = Self.network(smaller: [])
    network.sender.handlePathLimit(
      SessionNetwork.candidate(fileChunks: 300, chunkByteCount: 1_360))
    network.run()
    #expect(network.senderEnd == .pathTooNarrow(datagramByteCount: 1_472))
  }
}

/// What a receiver does with provisional announces.
@Suite struct ProbedReceiverTests {
  private typealias Single = ReceiverMachineTests

  private static func probe(
    _ receiver: inout ReceiverMachine, packet: UInt32, session: UInt64 = SessionNetwork.sessionID,
    byteCount: Int = 9_000, at now: Instant = .zero
  ) {
    var announce = SessionNetwork.announce(fileChunks: 50, chunkByteCount: 8_968)
    announce.datagramByteCount = byteCount
    let header = DatagramHeader(
      type: .announce, flags: .provisional, sessionID: session, packetNumber: packet, checksum: 0)
    receiver.handle(.announce(announce), header: header, byteCount: byteCount, now: now)
  }

  @Test func itAnswersAndWaitsForTheAnnounceThatHolds() throws {
    var receiver = Single.listening()
    Self.probe(&receiver, packet: 0)
    guard case .join(let join) = Single.drain(&receiver, at: .zero).first else {
      Issue.record("no join")
      return
    }
    #expect(join.largestAnnounceByteCount == 9_000)
    #expect(receiver.phase == .listening && receiver.shape == nil && receiver.pollEvent() == nil)
    #expect(Single.data(&receiver, packet: 2, chunk: 0, at: .zero) == .refused)
    Single.handle(&receiver, .announce(SessionNetwork.announce(fileChunks: 100)), packet: 1, at: .zero)
    #expect(receiver.phase == .listening && Single.drain(&receiver, at: .zero).isEmpty)
    #expect(Single.data(&receiver, packet: 3, chunk: 1, at: .zero) == .keep)
    #expect(receiver.phase == .receiving && receiver.shape?.chunkByteCount == 1_440)
    // A probe that was overtaken changes nothing.
    Self.probe(&receiver, packet: 4)
    #expect(receiver.phase == .receiving && receiver.shape?.chunkByteCount == 1_440)
    #expect(receiver.announce?.shape.chunkByteCount == 1_440)
  }

  /// Anybody may announce: no announce keeps a receiver from another sender's session.
  @Test func itAnswersEachSenderAndTakesTheFirstThatSendsAChunk() {
    var receiver = Single.listening()
    Self.probe(&receiver, packet: 0)
    Self.probe(&receiver, packet: 0, session: 99)
    #expect(Single.drain(&receiver, at: .zero).map(\.type) == [.join, .join])
    Single.handle(
      &receiver, .announce(SessionNetwork.announce(fileChunks: 100)), packet: 1, session: 99, at: .zero)
    #expect(Single.data(&receiver, packet: 2, chunk: 0, session: 99, at: .zero) == .keep)
    #expect(receiver.phase == .receiving && receiver.sessionID == 99)
    Self.probe(&receiver, packet: 1)
    #expect(receiver.counters.foreign.count == 1)
  }

  @Test func aSenderThatGoesBeforeItsSessionBeganLeavesItListening() {
    var receiver = Single.listening()
    Self.probe(&receiver, packet: 5)
    _ = Single.drain(&receiver, at: .zero)
    let later = Instant.zero + .seconds(2)
    #expect(receiver.nextDeadline == later)
    receiver.handleWake(now: later)
    #expect(receiver.phase == .listening && receiver.nextDeadline == .never)
    Single.handle(
      &receiver, .announce(SessionNetwork.announce(fileChunks: 100)), packet: 0, session: 99, at: later)
    #expect(Single.data(&receiver, packet: 1, chunk: 0, session: 99, at: later) == .keep)
    #expect(receiver.phase == .receiving && receiver.sessionID == 99)
  }

  @Test func anAbortLeavesItListening() {
    var receiver = Single.listening()
    Self.probe(&receiver, packet: 0)
    Single.handle(
      &receiver, .abort(Abort(receiverID: 0, reason: .limitExceeded)), packet: 1, at: .zero)
    #expect(receiver.phase == .listening && !receiver.hasEnded)
  }

  /// Its user ends it: the sender, which waits, is told.
  @Test func itTakesItsLeave() {
    var receiver = Single.listening()
    Self.probe(&receiver, packet: 0)
    #expect(Single.drain(&receiver, at: .zero).map(\.type) == [.join])
    receiver.cancel(reason: .endedByUser, text: "", now: .zero)
    #expect(Single.drain(&receiver, at: .zero).map(\.type) == [.abort, .abort, .abort])
  }
}
