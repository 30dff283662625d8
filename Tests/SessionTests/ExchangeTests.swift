import Ground
import Session
import Testing
import Wire

/// Sender and receivers against each other, from announce to close.
@Suite struct ExchangeTests {
  @Test(arguments: [1, 3])
  func aSessionWithoutLoss(receiverCount: Int) {
    var network = SessionNetwork(receiverCount: receiverCount)
    network.run()
    #expect(network.allWhole, "\(network.summary)")
    #expect(network.senderEnd == .finished)
    #expect(network.senderEvents.first == .joined(receiverID: 1, hostName: "host0") || receiverCount > 1)
    #expect(network.senderEvents.last == .ended(.finished))
    #expect(network.sender.counters.firstDatagrams == 302 && network.sender.counters.repairDatagrams == 0)
    #expect(network.sentCounts[.nack] == nil && network.sentCounts[.repairNotice] == nil)
    for index in 0..<receiverCount {
      guard case .completed(_, confirmed: true) = network.end(of: index) else {
        Issue.record("receiver \(index): \(network.summary)")
        continue
      }
      #expect(network.receiverEvents[index].count == 3)
    }
  }

  /// One loss of each kind at a time, the first or the second of it, towards or from the first receiver.
  @Test(
    arguments: [
      MessageType.announce, .join, .data, .nack, .repairNotice, .report, .end, .complete, .close,
    ], [0, 1])
  func anySingleLossIsMended(type: MessageType, ordinal: Int) {
    for receiverCount in [1, 3] {
      var network = SessionNetwork(receiverCount: receiverCount) { traffic in
        if traffic.receiver == 0, traffic.type == type, traffic.ordinal == ordinal { return true }
        // Something to NACK, so that all types occur.
        return traffic.chunk == 50 && !traffic.isRepair
      }
      network.run()
      #expect(network.allWhole, "\(receiverCount) receivers: \(network.summary)")
      #expect(network.keptTwice == 0)
    }
  }

  /// A lost answer never turns a success into a failure: the close is said again when complete comes again.
  @Test(arguments: 1...6)
  func lostClosesAreSaidAgain(count: Int) {
    var network = SessionNetwork { $0.type == .close && $0.ordinal < count }
    network.run()
    #expect(network.allWhole, "\(network.summary)")
    if count <= 3, case .completed(_, let confirmed) = network.end(of: 0) { #expect(confirmed) }
  }

  @Test func withoutAnyCloseTheFilesAreWholeAllTheSame() {
    var network = SessionNetwork { $0.type == .close }
    network.run()
    #expect(network.allWhole, "\(network.summary)")
    if case .completed(_, let confirmed) = network.end(of: 0) { #expect(!confirmed) }
    #expect(network.now < Instant(nanoseconds: 10_000_000_000))
  }

  @Test(arguments: [1, 3], [UInt64(5), 20, 40])
  func lossBothWaysIsMended(receiverCount: Int, percent: UInt64) {
    for seed in 1...5 as ClosedRange<UInt64> {
      var generator = SplitMix64(seed: seed)
      var network = SessionNetwork(receiverCount: receiverCount, seed: seed) { _ in
        generator.next() % 100 < percent
      }
      network.run()
      #expect(network.allWhole, "seed \(seed): \(network.summary)")
      #expect(network.keptTwice == 0)
    }
  }

  @Test(arguments: [1, 3])
  func duplicatesOfEverythingChangeNothing(receiverCount: Int) {
    var network = SessionNetwork(receiverCount: receiverCount) { $0.chunk == 10 && !$0.isRepair }
    network.copies = 3
    network.run()
    #expect(network.allWhole, "\(network.summary)")
    #expect(network.keptTwice == 0)
    #expect(network.sender.counters.repairDatagrams == 1)
    for receiver in network.receivers { #expect(receiver.counters.duplicateDatagrams > 600) }
    let ended = network.senderEvents.filter { if case .peerEnded = $0 { true } else { false } }
    #expect(ended.count == receiverCount)
  }

  /// All three lose chunk 100: one repair serves them; nobody asks who heard the notice in time.
  @Test func oneRepairServesAGroup() {
    var network = SessionNetwork(receiverCount: 3) { $0.chunk == 100 && !$0.isRepair }
    network.run()
    #expect(network.allWhole, "\(network.summary)")
    #expect(network.sender.counters.repairDatagrams == 1)
    #expect((1...3).contains(network.sentCounts[.nack] ?? 0))
  }

  @Test func aRepairThatIsLostAgainIsRepairedWithoutATimer() {
    var repairs = 0
    var network = SessionNetwork(fileChunks: 3_000) { traffic in
      guard traffic.chunk == 100 else { return false }
      if traffic.isRepair { repairs += 1 }
      return !traffic.isRepair || repairs == 1
    }
    network.run()
    #expect(network.allWhole, "\(network.summary)")
    #expect(network.sender.counters.repairDatagrams == 2)
  }

  @Test func whoComesLateGetsEverything() {
    var network = SessionNetwork(
      receiverCount: 2, fileChunks: 3_000, expected: 1, controller: .fixed(bitsPerSecond: 50e6))
    network.startAt = [.zero, Instant(nanoseconds: 300_000_000)]
    network.run(until: Instant(nanoseconds: 299_000_000))
    #expect(network.sender.nextChunk > 0 && network.sender.phase == .sending, "\(network.summary)")
    network.run()
    #expect(network.allWhole, "\(network.summary)")
    #expect(network.sender.counters.repairDatagrams > 0)
  }

  @Test func verificationThatTakesLongerThanAllTimeLimitsIsWaitedFor() {
    var network = SessionNetwork()
    network.verification = .seconds(60)
    network.run()
    #expect(network.allWhole, "\(network.summary)")
  }

  // MARK: Silence

  @Test func aSilentReceiverIsSettledAndTheOthersFinish() {
    var network = SessionNetwork(receiverCount: 3) { traffic in
      traffic.receiver == 1 && traffic.now > Instant(nanoseconds: 40_000_000)
    }
    network.run()
    #expect(network.senderEnd == .finished, "\(network.summary)")
    #expect(network.sender.peers.map(\.outcome.isWhole).filter { $0 }.count == 2)
    #expect(network.sender.peers.contains { $0.outcome == .silent })
    #expect(network.end(of: 1) == .senderSilent)
  }

  @Test func nobodyListening() {
    var network = SessionNetwork { $0.isFromSender }
    network.run()
    #expect(network.senderEnd == .nobodyListening && network.now <= Instant(nanoseconds: 11_000_000_000))
    #expect(network.receivers[0].phase == .listening && network.receivers[0].nextDeadline == .never)
  }

  @Test func aSenderThatFallsSilentEndsTheReceiver() {
    var network = SessionNetwork(fileChunks: 50_000, controller: .fixed(bitsPerSecond: 50e6)) {
      $0.isFromSender && $0.now > Instant(nanoseconds: 100_000_000)
    }
    network.run()
    #expect(network.end(of: 0) == .senderSilent, "\(network.summary)")
    #expect(network.sender.peers[0].outcome != .underWay)
  }

  /// A whole set stays one: the sender vanishes while the files are verified.
  @Test func aSenderThatVanishesDuringVerificationDoesNoHarm() {
    var network = SessionNetwork {
      $0.isFromSender && $0.type != .data && $0.now > Instant(nanoseconds: 60_000_000)
    }
    network.verification = .seconds(40)
    network.run()
    guard case .completed(let complete, _) = network.end(of: 0) else {
      Issue.record("\(network.summary)")
      return
    }
    #expect(complete.status == .whole)
  }

  /// Given up on as silent, and then heard again while another receiver is still served.
  @Test func whoWasSilentIsServedAgain() {
    var network = SessionNetwork(receiverCount: 2, fileChunks: 300) { traffic in
      let isOut =
        traffic.now > Instant(nanoseconds: 30_000_000) && traffic.now < Instant(nanoseconds: 12_000_000_000)
      // The other one is kept busy: it gets no chunk 7 for longer than that.
      return (traffic.receiver == 1 && isOut)
        || (traffic.receiver == 0 && traffic.chunk == 7 && traffic.now < Instant(nanoseconds: 14_000_000_000))
    }
    network.run()
    #expect(network.senderEvents.contains(.peerEnded(receiverID: 2, .silent)), "\(network.summary)")
    #expect(network.allWhole, "\(network.summary)")
  }

  // MARK: Ended by people

  @Test func theSendersUserEndsIt() {
    var network = SessionNetwork(
      receiverCount: 3, fileChunks: 50_000, controller: .fixed(bitsPerSecond: 50e6))
    network.run(until: Instant(nanoseconds: 100_000_000))
    network.sender.cancel(reason: .endedByUser, text: "stop")
    network.run()
    #expect(network.senderEnd == .cancelled(.endedByUser, "stop"))
    for index in 0..<3 { #expect(network.end(of: index) == .aborted(.endedByUser, "stop")) }
    #expect(network.now < Instant(nanoseconds: 1_000_000_000))
  }

  @Test func theReceiversUserEndsIt() {
    var network = SessionNetwork(fileChunks: 50_000, controller: .fixed(bitsPerSecond: 50e6)) {
      $0.type == .abort && $0.ordinal < 2
    }
    network.run(until: Instant(nanoseconds: 100_000_000))
    network.receivers[0].cancel(reason: .cannotStore, text: "disk full", now: network.now)
    network.run()
    #expect(network.end(of: 0) == .cancelled(.cannotStore, "disk full"))
    #expect(network.sender.peers[0].outcome == .left(.cannotStore, "disk full"))
    #expect(network.senderEnd == .finished && network.now < Instant(nanoseconds: 1_000_000_000))
  }

  /// One of a group is done when the sender's user ends it: what it has is whole.
  @Test func whatIsWholeStaysWholeWhenTheSenderEnds() {
    var network = SessionNetwork(receiverCount: 2) {
      $0.type == .close || ($0.receiver == 1 && $0.chunk == 9)
    }
    network.run(until: Instant(nanoseconds: 300_000_000))
    #expect(network.receivers[0].phase == .completing && network.receivers[1].phase == .receiving)
    network.sender.cancel(reason: .endedByUser, text: "")
    network.run()
    guard case .completed(_, confirmed: false) = network.end(of: 0) else {
      Issue.record("\(network.summary)")
      return
    }
    #expect(network.end(of: 1) == .aborted(.endedByUser, ""))
  }

  @Test func anAbortDuringVerificationDoesNotUndoWhatIsWhole() {
    var network = SessionNetwork()
    network.verification = .seconds(2)
    network.run(until: Instant(nanoseconds: 1_000_000_000))
    #expect(network.receivers[0].phase == .verifying, "\(network.summary)")
    network.sender.cancel(reason: .endedByUser, text: "")
    network.run()
    guard case .completed(_, confirmed: false) = network.end(of: 0) else {
      Issue.record("\(network.summary)")
      return
    }
  }

  @Test func theSameSeedRepeatsARun() {
    func digest(_ seed: UInt64) -> [UInt64] {
      var generator = SplitMix64(seed: seed)
      var network = SessionNetwork(receiverCount: 3, seed: seed) { _ in generator.next() % 10 == 0 }
      network.run()
      return [
        network.now.nanoseconds, network.sender.counters.datagrams, network.sender.counters.nacksReceived,
      ]
    }
    #expect(digest(4) == digest(4))
    #expect(digest(4) != digest(5))
  }
}
