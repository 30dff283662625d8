import Ground
import Session
import Testing
import Wire

/// Members that fall behind in a group whose sender leaves stragglers, Specs/chunked-udp.md §6.7.
@Suite struct StragglersTests {
  /// A sender, and members that hold a part of what was sent. All report each 24 ms.
  private struct Group: CustomTestStringConvertible {
    var sender: SenderMachine
    var now = Instant.zero
    /// What of the datagrams sent so far each member has, in thousandths; nil: it says nothing.
    var parts: [UInt64: UInt64?]
    /// Aborts that left, in order.
    var aborts: [Abort] = []
    var outcomes: [UInt64: PeerOutcome] = [:]
    var testDescription: String { "\(now), \(outcomes)" }
    private var arrived: [UInt64: UInt64] = [:]
    private var counted: UInt64 = 0

    init(_ parts: [UInt64: UInt64?], limit: Nanoseconds? = .seconds(4), fileChunks: UInt64 = 100_000) {
      self.parts = parts
      sender = SenderMachine(
        SenderMachine.Configuration(
          sessionID: SessionNetwork.sessionID,
          announce: SessionNetwork.announce(fileChunks: fileChunks, options: .group), isGroup: true,
          receiverCount: parts.count, controller: .fixed(bitsPerSecond: 10e6),
          rateLimitBitsPerSecond: 10e6, stragglerNanoseconds: limit), now: .zero)
      drain()
      for id in parts.keys.sorted() { join(id) }
    }

    mutating func hand(_ message: ControlMessage) {
      sender.handle(message, header: SessionNetwork.header(message.type, packet: 0), now: now)
    }

    mutating func join(_ id: UInt64) {
      hand(
        .join(
          Join(
            receiverID: id, echoedTimestamp: now.timestamp, holdMicroseconds: 0,
            receiveBufferByteCount: 4 << 20, largestAnnounceByteCount: 1_472, hostName: "h")))
    }

    mutating func nack(_ id: UInt64, first: UInt32 = 0, count: UInt32 = 1) {
      hand(
        .nack(
          Nack(
            receiverID: id, highestPacketNumber: UInt32(sender.counters.datagrams - 1),
            echoedTimestamp: now.timestamp, holdMicroseconds: 0,
            body: .ranges([ChunkRange(first: first, count: count)]))))
    }

    mutating func drain() {
      sender.handleWake(now: now)
      while let one = sender.pollTransmit(now: now) {
        if case .control(.abort(let abort), _, _) = one { aborts.append(abort) }
      }
      while let event = sender.pollEvent() {
        if case .peerEnded(let id, let outcome) = event { outcomes[id] = outcome }
      }
    }

    private mutating func report(_ id: UInt64, _ part: UInt64) {
      let sent = sender.counters.datagrams
      arrived[id, default: 0] += (sent - counted) * part
      let held = min((arrived[id] ?? 0) / 1_000, sender.shape.chunkCount)
      hand(
        .report(
          Report(
            receiverID: id, highestPacketNumber: UInt32(sent - 1), echoedTimestamp: now.timestamp,
            holdMicroseconds: 0, receiverClockMicroseconds: now.timestamp, socketDropCount: 0,
            receivedDatagramCount: held, receivedByteCount: held * 1_472, heldChunkCount: held,
            duplicateCount: 0)))
    }

    mutating func run(seconds: Double) {
      let end = now + Nanoseconds(seconds * 1e9)
      while now < end, !sender.hasEnded {
        for _ in 0..<12 {
          now = now + .milliseconds(2)
          drain()
        }
        for (id, part) in parts.sorted(by: { $0.key < $1.key }) { if let part { report(id, part) } }
        counted = sender.counters.datagrams
      }
    }

    func isLagging(_ id: UInt64) -> Bool { sender.peer(id)?.isLagging ?? false }
  }

  /// In thousandths of what is sent: a path that carries less than nine tenths of what the median path
  /// carries is lossy or slow.
  @Test(
    arguments: [(1_000, false), (930, false), (850, true), (700, true), (500, true)] as [(UInt64, Bool)])
  func aMemberWithASlowPathLags(part: UInt64, isSlow: Bool) {
    var group = Group([1: 1_000, 2: 1_000, 3: part])
    group.run(seconds: 2)
    let isLagging = group.isLagging(3)
    #expect(isLagging == isSlow)
    #expect(!group.isLagging(1) && !group.isLagging(2))
    var waiting = Group([1: 1_000, 2: 1_000, 3: part], limit: nil)
    waiting.run(seconds: 2)
    #expect(!waiting.isLagging(3))
  }

  /// Where all lose much, chance makes differences of a tenth.
  @Test func amongLossyMembersOnlyASlowOneLags() {
    var group = Group([1: 800, 2: 800, 3: 700, 4: 550])
    group.run(seconds: 2)
    #expect(!group.isLagging(3) && group.isLagging(4))
  }

  /// A member that loses 15 % is 2 s behind after 14 s. It is repaired then, and not left after 4 s.
  @Test func aLossyMemberIsServedBeforeItIsLeft() {
    var group = Group([1: 1_000, 2: 1_000, 3: 850])
    group.run(seconds: 8)
    let wasLagging = group.isLagging(3)
    group.nack(3, count: 20)
    #expect(wasLagging && group.sender.repairsQueued == 0)
    group.run(seconds: 10)
    #expect(!group.isLagging(3) && group.outcomes.isEmpty)
    group.nack(3, count: 20)
    #expect(group.sender.repairsQueued == 20)
  }

  @Test func aMemberThatKeepsUpAgainIsWaitedForAgain() {
    var group = Group([1: 1_000, 2: 1_000, 3: 600])
    group.run(seconds: 0.5)
    let wasLagging = group.isLagging(3)
    group.parts[3] = 1_000
    group.run(seconds: 2)
    #expect(wasLagging && !group.isLagging(3))
    #expect(group.outcomes.isEmpty)
  }

  /// Its requests cost the others nothing until they have everything.
  @Test func aStragglerIsServedBehindTheOthers() {
    var group = Group([1: 1_000, 2: 1_000, 3: 500], fileChunks: 1_000)
    group.run(seconds: 0.6)
    group.nack(3, count: 20)
    #expect(group.sender.repairsQueued == 0 && group.sender.repairsSuppressed == 20)
    group.nack(1, count: 20)
    #expect(group.sender.repairsQueued == 20)
    group.run(seconds: 1)
    for id in [1, 2] as [UInt64] {
      let complete = Complete(
        receiverID: id, echoedTimestamp: 0, holdMicroseconds: 0, verifiedFileCount: 1, failedFileCount: 0,
        status: .whole, text: "")
      group.hand(.complete(complete))
    }
    group.parts = [3: 500]
    group.run(seconds: 0.1)
    #expect(!group.isLagging(3), "it is the group now")
    group.nack(3, first: 100, count: 20)
    #expect(group.sender.repairsQueued == 20)
  }

  /// At half of the others' rate a member is 4 s behind after 8 s.
  @Test func aMemberThatIsTooFarBehindIsLeftAndTold() throws {
    var group = Group([1: 1_000, 2: 1_000, 3: 500])
    group.run(seconds: 7.5)
    #expect(group.outcomes.isEmpty)
    group.run(seconds: 1)
    guard case .leftBehind(.farBehind(let time)) = try #require(group.outcomes[3]) else {
      Issue.record("\(group.outcomes)")
      return
    }
    #expect(time > .seconds(4) && time < .seconds(5))
    let told = group.aborts.count
    #expect(told >= 3)
    #expect(group.aborts.allSatisfy { $0.receiverID == 3 && $0.reason == .tooSlow })
    #expect(group.aborts[0].text == "it was 4 s behind the other receivers")
    // It did not hear this, and reports on.
    group.run(seconds: 1)
    #expect(group.aborts.count > told)
    group.parts[3] = .some(nil)
    group.aborts = []
    group.run(seconds: 2)
    #expect(group.aborts.isEmpty && group.outcomes.count == 1)
  }

  /// Not by the abort of a slow one: perhaps it comes back.
  @Test func aMemberThatWasKilledFellSilent() {
    var group = Group([1: 1_000, 2: 1_000, 3: 1_000])
    group.run(seconds: 1)
    group.parts[3] = .some(nil)
    group.run(seconds: 5)
    #expect(group.outcomes == [3: .silent])
    #expect(group.aborts.isEmpty)
  }

  /// One who starts again has a new id, holds nothing, and has as much more time as the group has had.
  @Test func aMemberThatComesLaterHasItsTime() {
    var group = Group([1: 1_000, 2: 1_000])
    group.run(seconds: 10)
    group.join(3)
    group.parts[3] = 1_000
    group.run(seconds: 13)
    #expect(group.outcomes.isEmpty && group.isLagging(3))
    group.parts[3] = 0
    group.run(seconds: 6)
    #expect(group.outcomes.keys.sorted() == [3])
  }

  /// The median decides, so one member cannot make the others late by what it claims.
  @Test func oneMemberAloneMakesNobodyAStraggler() {
    var liar = Group([1: 500, 2: 500, 3: 1_000])
    liar.run(seconds: 20)
    #expect(liar.outcomes.isEmpty && !liar.isLagging(1) && !liar.isLagging(2))
    var alone = Group([1: 100])
    alone.run(seconds: 20)
    #expect(!alone.isLagging(1))
    if case .leftBehind(.farBehind) = alone.outcomes[1] { Issue.record("there are no others") }
  }

  /// All members, or this process, do nothing for a minute. (A member that gets 900 of 1,000 would lag
  /// without an outage, too, as a lossy one.)
  @Test func anOutageOfAllMakesNobodyLate() {
    var group = Group([1: 1_000, 2: 1_000, 3: 930])
    group.run(seconds: 1)
    group.now = group.now + .seconds(60)
    group.sender.noteAbsence(.seconds(60))
    group.run(seconds: 2)
    #expect(group.outcomes.isEmpty && !group.isLagging(3))
  }
}
