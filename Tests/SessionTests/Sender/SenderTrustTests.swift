import Ground
import Session
import Testing
import Wire

/// What a sender believes, and what a receiver can cost it, Specs/chunked-udp.md §4.9, §6.6 and §6.7.
@Suite struct SenderTrustTests {
  private static func header(_ type: MessageType) -> DatagramHeader { SessionNetwork.header(type, packet: 0) }

  /// A join, behind an announce that it answers.
  private static func join(_ sender: inout SenderMachine, _ id: UInt64 = 1, at now: Instant = .zero) {
    if sender.phase == .announcing { drain(&sender, at: now) }
    let join = Join(
      receiverID: id, echoedTimestamp: now.timestamp, holdMicroseconds: 0, receiveBufferByteCount: 4 << 20,
      largestAnnounceByteCount: 1_472, hostName: "h")
    sender.handle(.join(join), header: header(.join), now: now)
  }

  private static func report(
    _ sender: inout SenderMachine, _ id: UInt64 = 1, highest: UInt64, received: UInt64, held: UInt64,
    duplicates: UInt64 = 0, at now: Instant
  ) {
    let report = Report(
      receiverID: id, highestPacketNumber: UInt32(truncatingIfNeeded: highest),
      echoedTimestamp: now.timestamp,
      holdMicroseconds: 0, receiverClockMicroseconds: now.timestamp, socketDropCount: 0,
      receivedDatagramCount: received, receivedByteCount: received * 1_472, heldChunkCount: held,
      duplicateCount: duplicates)
    sender.handle(.report(report), header: header(.report), now: now)
  }

  private static func complete(
    _ sender: inout SenderMachine, verified: UInt32 = 1, failed: UInt32 = 0, status: CompleteStatus = .whole,
    at now: Instant
  ) {
    let complete = Complete(
      receiverID: 1, echoedTimestamp: now.timestamp, holdMicroseconds: 0, verifiedFileCount: verified,
      failedFileCount: failed, status: status, text: "")
    sender.handle(.complete(complete), header: header(.complete), now: now)
  }

  private static func nackAll(
    _ sender: inout SenderMachine, _ id: UInt64 = 1, highest: UInt64, at now: Instant
  ) {
    let nack = Nack(
      receiverID: id, highestPacketNumber: UInt32(truncatingIfNeeded: highest),
      echoedTimestamp: now.timestamp,
      holdMicroseconds: 0, body: .ranges([ChunkRange(first: 0, count: 65_536)]))
    sender.handle(.nack(nack), header: header(.nack), now: now)
  }

  /// Datagrams with chunks that leave, and the last packet number.
  @discardableResult
  private static func drain(_ sender: inout SenderMachine, at now: Instant) -> UInt64 {
    sender.handleWake(now: now)
    var count: UInt64 = 0
    while let one = sender.pollTransmit(now: now) {
      switch one {
      case .train(let train), .repair(_, _, let train): count += UInt64(train.chunkCount)
      case .parity(_, _, let train), .symbols(let train): count += UInt64(train.symbolCount)
      case .control: break
      }
    }
    return count
  }

  private static func sentAll(_ sender: inout SenderMachine) -> Instant {
    join(&sender)
    var now = Instant.zero
    while sender.nextChunk < sender.shape.chunkCount, now < Instant(nanoseconds: 60_000_000_000) {
      drain(&sender, at: now)
      let sent = sender.counters.datagrams
      report(&sender, highest: sent - 1, received: sent, held: sender.nextChunk, at: now)
      now = now + .milliseconds(1)
    }
    return now
  }

  // MARK: Success

  @Test func nothingIsBelievedBeforeEveryChunkWasSent() {
    var sender = SessionNetwork(fileChunks: 5_000).sender
    Self.complete(&sender, at: .zero)
    #expect(sender.peers.isEmpty && sender.counters.strayDatagrams == 1)
    Self.join(&sender)
    Self.complete(&sender, at: .zero)
    Self.drain(&sender, at: .zero)
    Self.complete(&sender, at: .zero)
    #expect(sender.counters.malformedDatagrams == 2 && sender.peers.first?.outcome == .underWay)
  }

  struct Claim: Sendable, CustomTestStringConvertible {
    var verified: UInt32, failed: UInt32, status: CompleteStatus
    var testDescription: String { "\(verified) verified, \(failed) failed, \(status)" }
  }

  @Test(arguments: [
    Claim(verified: 0, failed: 0, status: .whole), Claim(verified: 0, failed: 1, status: .whole),
    Claim(verified: 2, failed: 0, status: .whole), Claim(verified: .max, failed: 0, status: .whole),
    Claim(verified: .max, failed: 2, status: .whole), Claim(verified: 1, failed: 1, status: .someFilesFailed),
  ])
  func aCompleteAddsUp(claim: Claim) {
    var sender = SessionNetwork(fileChunks: 100).sender
    let now = Self.sentAll(&sender)
    Self.complete(&sender, verified: claim.verified, failed: claim.failed, status: claim.status, at: now)
    #expect(sender.counters.malformedDatagrams == 1 && sender.peers.first?.outcome == .underWay)
    Self.complete(&sender, at: now)
    #expect(sender.peers.first?.outcome == .whole(filesVerified: 1))
  }

  /// Its report says that all datagrams came, and few chunks were in them.
  @Test func aCompleteDoesNotContradictTheReports() {
    var sender = SessionNetwork(fileChunks: 100).sender
    let now = Self.sentAll(&sender)
    Self.drain(&sender, at: now)
    let sent = sender.counters.datagrams
    Self.report(&sender, highest: sent - 1, received: sent, held: 10, at: now)
    Self.complete(&sender, at: now)
    #expect(sender.counters.malformedDatagrams == 1 && sender.peers.first?.outcome == .underWay)
  }

  @Test(arguments: [1 << 62, .max, 104] as [UInt64])
  func aReportOfMoreChunksThanThereAreIsMalformed(held: UInt64) {
    var sender = SessionNetwork(fileChunks: 100).sender
    Self.join(&sender)
    Self.drain(&sender, at: .zero)
    Self.report(&sender, highest: 0, received: 1, held: held, duplicates: .max, at: .zero)
    #expect(sender.counters.malformedDatagrams == 1 && sender.peers.first?.chunksHeld == 0)
  }

  // MARK: Cost

  /// It asks for everything, each millisecond, says that it saw all, and gains nothing.
  @Test(arguments: [false, true])
  func askingInVainBecomesRare(isGroup: Bool) {
    var sender = SessionNetwork(receiverCount: isGroup ? 2 : 1, fileChunks: 3_000).sender
    if isGroup { Self.join(&sender, 2) }
    var now = Self.sentAll(&sender)
    for _ in 0..<2_000 {
      let sent = sender.counters.datagrams
      if isGroup {
        Self.report(&sender, highest: sent - 1, received: sent, held: sender.nextChunk - 1, at: now)
      }
      Self.report(&sender, isGroup ? 2 : 1, highest: sent - 1, received: 1, held: 0, at: now)
      Self.nackAll(&sender, isGroup ? 2 : 1, highest: sent - 1, at: now)
      Self.drain(&sender, at: now)
      now = now + .milliseconds(1)
    }
    #expect(sender.counters.repairDatagrams <= (isGroup ? 375 : 1_024) + 8 * 6)
    #expect(sender.counters.repairDatagrams >= (isGroup ? 32 : 64), "a deaf member gets less")
  }

  /// Members that ask for all that was sent, under new names, do not stop the first pass.
  @Test func repairsAndTheFirstPassTakeTurns() {
    var sender = SessionNetwork(receiverCount: 1, fileChunks: 20_000, isGroup: true).sender
    Self.join(&sender)
    // Behind the first pass repairs have the way for themselves.
    var (now, name, counters) = (Instant.zero, UInt64(100), sender.counters)
    while sender.nextChunk < sender.shape.chunkCount, now < Instant(nanoseconds: 100_000_000_000) {
      counters = sender.counters
      Self.drain(&sender, at: now)
      let sent = sender.counters.datagrams
      Self.report(&sender, highest: sent - 1, received: sent, held: sender.nextChunk, at: now)
      name += 1
      Self.nackAll(&sender, name, highest: sent - 1, at: now)
      now = now + .milliseconds(1)
    }
    #expect(sender.nextChunk == sender.shape.chunkCount)
    #expect(counters.repairDatagrams <= counters.firstDatagrams + 100, "\(counters)")
  }

  @Test func noSessionCostsMoreThanNineTimesItsSet() {
    var sender = SessionNetwork(receiverCount: 1, fileChunks: 200, isGroup: true).sender
    var now = Self.sentAll(&sender)
    var name: UInt64 = 100
    while sender.phase == .ending || sender.phase == .sending, now < Instant(nanoseconds: 100_000_000_000) {
      let sent = sender.counters.datagrams
      Self.report(&sender, highest: sent - 1, received: sent, held: 1, duplicates: sent / 2, at: now)
      name += 1
      Self.nackAll(&sender, name, highest: sent - 1, at: now)
      Self.drain(&sender, at: now)
      now = now + .milliseconds(1)
    }
    let limit = 9 * sender.shape.chunkCount + 64
    #expect(sender.counters.firstDatagrams + sender.counters.repairDatagrams < limit + 44)
    #expect(sender.peers.first?.outcome == .leftBehind(.tooMuchSent))
  }

  // MARK: Time

  private static func run(
    _ sender: inout SenderMachine, from start: Instant, seconds: UInt64,
    each: (inout SenderMachine, Instant) -> Void
  ) {
    var now = start
    while !sender.hasEnded, sender.phase != .lingering, now < start + .seconds(seconds) {
      each(&sender, now)
      drain(&sender, at: now)
      now = now + .milliseconds(25)
    }
  }

  /// One chunk more a second, for ever.
  @Test func aReceiverThatHardlyGetsOnIsLeftBehind() {
    var sender = SessionNetwork(fileChunks: 10_000).sender
    Self.join(&sender)
    var held: UInt64 = 0
    Self.run(&sender, from: .zero, seconds: 200) { sender, now in
      guard now.nanoseconds % 1_000_000_000 == 0, sender.counters.datagrams > 0 else { return }
      held += 1
      Self.report(
        &sender, highest: min(held, sender.counters.datagrams - 1), received: held, held: held, at: now)
    }
    // Little of what is sent arrives there, or it is slow: both are true.
    #expect([.stalled, .leftBehind(.tooSlow)].contains(sender.peers.first?.outcome))
  }

  /// It answers, and no chunk arrives there: the others' first pass goes on, and it is given up in time.
  @Test func aMemberThatNothingReachesHoldsNobodyUp() {
    var sender = SessionNetwork(receiverCount: 2, fileChunks: 20_000).sender
    Self.join(&sender, 2)
    Self.join(&sender)
    var now = Instant.zero
    while sender.nextChunk < sender.shape.chunkCount, now < Instant(nanoseconds: 60_000_000_000) {
      Self.drain(&sender, at: now)
      let sent = sender.counters.datagrams
      Self.report(&sender, highest: sent - 1, received: sent, held: sender.nextChunk, at: now)
      Self.report(&sender, 2, highest: sent - 1, received: 1, held: 0, at: now)
      Self.nackAll(&sender, 2, highest: sent - 1, at: now)
      now = now + .milliseconds(1)
    }
    #expect(now < Instant(nanoseconds: 8_000_000_000), "\(now.nanoseconds / 1_000_000) ms")
  }

  /// It reports duplicates, asks, and is never complete.
  @Test func aReceiverThatIsNeverDoneIsLeftBehind() {
    var sender = SessionNetwork(fileChunks: 1_000).sender
    let start = Self.sentAll(&sender)
    Self.run(&sender, from: start, seconds: 200) { sender, now in
      let sent = sender.counters.datagrams
      Self.report(
        &sender, highest: sent - 1, received: sent, held: 900,
        duplicates: sent - 900 + now.nanoseconds / 1_000_000, at: now)
      Self.nackAll(&sender, highest: sent - 1, at: now)
    }
    guard case .leftBehind = sender.peers.first?.outcome else {
      Issue.record("\(sender.phase), \(sender.peers.map(\.outcome))")
      return
    }
  }

  /// The sender's process was stopped: what its receivers said meanwhile could not be heard.
  @Test func absenceIsNoSilence() {
    var sender = SessionNetwork(fileChunks: 1_000).sender
    let now = Self.sentAll(&sender) + .seconds(20)
    var stopped = sender
    stopped.noteAbsence(.seconds(20))
    stopped.handleWake(now: now)
    #expect(stopped.peers.first?.outcome == .underWay)
    sender.handleWake(now: now)
    #expect(sender.peers.first?.outcome == .silent)
    var told: [AbortReason] = []
    while let one = sender.pollTransmit(now: now) {
      if case .control(.abort(let abort), _, _) = one { told.append(abort.reason) }
    }
    #expect(told == [.timeout, .timeout, .timeout], "it is told")
  }

  /// Ten thousand joins of receivers that never report hold nobody up.
  @Test func joinsAloneCostNothing() {
    var sender = SessionNetwork(receiverCount: 1, fileChunks: 2_000, isGroup: true, expected: 2).sender
    for id in 1_000..<11_000 as Range<UInt64> { Self.join(&sender, id) }
    let now = Self.sentAll(&sender)
    #expect(sender.nextChunk == sender.shape.chunkCount, "\(now.nanoseconds / 1_000_000) ms")
    #expect(now < Instant(nanoseconds: 2_000_000_000))
  }

  /// A peer whose timer has a grain: the window covers what leaves between two reports.
  @Test(arguments: [10, 20, 50] as [UInt64])
  func theWindowCoversACoarseTimer(milliseconds: UInt64) {
    func timeNeeded(_ interval: Nanoseconds) -> UInt64 {
      var sender = SessionNetwork(fileChunks: 20_000).sender
      Self.join(&sender)
      var now = Instant.zero
      var reportAt = Instant.zero
      while sender.nextChunk < sender.shape.chunkCount, now < Instant(nanoseconds: 100_000_000_000) {
        Self.drain(&sender, at: now)
        if now >= reportAt {
          let sent = sender.counters.datagrams
          Self.report(&sender, highest: sent - 1, received: sent, held: sender.nextChunk, at: now)
          reportAt = now + interval
        }
        now = now + .microseconds(200)
      }
      return now.nanoseconds
    }
    #expect(
      timeNeeded(.milliseconds(milliseconds)) < 8 * timeNeeded(.milliseconds(1)) + milliseconds * 20_000_000)
  }
}
