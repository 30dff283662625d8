import Ground
import Session
import Testing
import Wire

/// When a sender lets its datagrams be marked, and which marks it believes, Specs/chunked-udp.md §6.16.
@Suite struct CongestionMarkingTests {
  /// A sender, and what its receivers say; reports are about all that was sent.
  private struct Run {
    var sender: SenderMachine
    var now = Instant.zero
    /// Marks that each receiver states, and whether it counts them.
    var marks: [UInt32]
    var counts: [Bool]

    init(counts: [Bool] = [true], oneWayRounds: UInt64? = nil) {
      sender =
        SessionNetwork(
          receiverCount: counts.count, fileChunks: 10_000_000, oneWayRounds: oneWayRounds
        ).sender
      marks = counts.map { _ in 0 }
      self.counts = counts
    }

    var isAllowed: Bool { sender.allowsMarks }
    var rate: Double { sender.datagramsPerSecond }
    /// Of the receiver that states most.
    var largestMarkCount: UInt64 { sender.peers.map(\.marks.count).max() ?? 0 }

    mutating func join(_ index: Int, counts: Bool) {
      let join = Join(
        receiverID: UInt64(index + 1), echoedTimestamp: now.timestamp, holdMicroseconds: 0,
        receiveBufferByteCount: 16 << 20, largestAnnounceByteCount: 1_472, hostName: "h", countsMarks: counts)
      sender.handle(.join(join), header: SessionNetwork.header(.join, packet: 0), now: now)
    }

    mutating func report(_ index: Int, received: UInt64? = nil) {
      let sent = sender.counters.datagrams
      let report = Report(
        receiverID: UInt64(index + 1), highestPacketNumber: UInt32(sent - 1), echoedTimestamp: now.timestamp,
        holdMicroseconds: 0, receiverClockMicroseconds: now.timestamp, socketDropCount: 0,
        receivedDatagramCount: received ?? sent, receivedByteCount: sent * 1_472,
        heldChunkCount: sender.nextChunk, duplicateCount: 0, congestionMarkCount: marks[index],
        countsMarks: counts[index])
      sender.handle(.report(report), header: SessionNetwork.header(.report, packet: 0), now: now)
    }

    /// Lets time pass and sends. Returns how many datagrams left.
    @discardableResult mutating func send(_ time: Nanoseconds = .milliseconds(5)) -> UInt64 {
      let before = sender.counters.datagrams
      now = now + time
      sender.handleWake(now: now)
      while sender.pollTransmit(now: now) != nil {}
      return sender.counters.datagrams - before
    }

    /// All have joined, and chunks flow.
    static func flowing(counts: [Bool] = [true]) -> Run {
      var run = Run(counts: counts)
      run.send()
      #expect(!run.isAllowed, "announces before the joins")
      for index in counts.indices { run.join(index, counts: counts[index]) }
      run.send()
      return run
    }

    static func areAllowed(_ counts: [Bool]) -> Bool { flowing(counts: counts).isAllowed }

    /// Each receiver has read all that was sent, and says after each turn that `share` of it came marked.
    mutating func flow(_ turns: Int, share: [Double]) {
      for _ in 0..<turns {
        let sent = send()
        for index in counts.indices {
          marks[index] += UInt32(Double(sent) * share[index])
          report(index)
        }
      }
    }
  }

  @Test func marksAreAllowedWhenDataFlowToReceiversThatCountThem() {
    #expect(Run.areAllowed([true]))
    #expect(Run.areAllowed([true, true, true]))
    #expect(!Run.areAllowed([false]))
    #expect(!Run.areAllowed([true, false, true]))
  }

  @Test func aSessionWithoutAnswersIsNeverMarked() {
    var run = Run(oneWayRounds: 2)
    for _ in 0..<100 { run.send() }
    #expect(run.sender.counters.firstDatagrams > 0 && !run.isAllowed)
  }

  @Test func aLateMemberThatDoesNotCountEndsThem() {
    var run = Run.flowing(counts: [true, true])
    run.flow(10, share: [0, 0])
    run.join(2, counts: true)
    #expect(run.isAllowed)
    run.join(3, counts: false)
    #expect(!run.isAllowed)
  }

  @Test func aReportWithoutTheFlagEndsThem() {
    var run = Run.flowing()
    run.flow(10, share: [0])
    run.counts = [false]
    run.flow(1, share: [0])
    #expect(!run.isAllowed)
  }

  @Test func moreMarksThanDatagramsAreNotBelieved() {
    var run = Run.flowing()
    run.flow(10, share: [0.1])
    #expect(run.isAllowed && run.largestMarkCount > 0)
    run.send()
    run.report(0)
    // An overtaken report says nothing new, whatever it says.
    run.marks[0] += 1_000_000
    run.report(0, received: 1)
    #expect(run.isAllowed)
    run.report(0)
    #expect(!run.isAllowed)
    #expect(run.largestMarkCount < 1_000_000)
  }

  /// Fewer than before: the count wraps only behind 2^32 datagrams.
  @Test func fewerMarksThanBeforeAreNotBelieved() {
    var run = Run.flowing()
    run.flow(200, share: [0.5])
    #expect(run.largestMarkCount > 0)
    run.marks[0] -= 1
    run.send()
    run.report(0)
    #expect(!run.isAllowed)
  }

  /// Nothing that was sent so arrives: the next datagrams are as before, and arrive.
  @Test func silenceAtTheBeginningEndsThem() {
    var run = Run.flowing()
    for _ in 0..<40 { run.send(.milliseconds(25)) }
    #expect(!run.isAllowed)
  }

  /// A pause of the whole path is no reason, and a second one without an answer between them is.
  @Test func silenceLaterEndsThemTheSecondTime() {
    var run = Run.flowing()
    run.flow(20, share: [0])
    while run.rate > 0, run.isAllowed, run.now < .zero + .seconds(5) {
      run.send(.milliseconds(25))
    }
    #expect(!run.isAllowed)
    var other = Run.flowing()
    for _ in 0..<20 {
      other.flow(20, share: [0])
      for _ in 0..<6 { other.send(.milliseconds(25)) }
    }
    #expect(other.isAllowed)
  }

  /// One member of a group is where marked datagrams are dropped, and the others are not.
  @Test func oneDeafMemberEndsThem() {
    var run = Run.flowing(counts: [true, true])
    for _ in 0..<100 {
      run.send()
      run.report(0)
    }
    #expect(!run.isAllowed)
  }

  /// It says that all came marked. After two seconds it is not believed any more, and the rate grows again.
  @Test func oneThatCallsEverythingMarkedSlowsAGroupForAMoment() {
    var run = Run.flowing(counts: [true, true])
    run.flow(300, share: [0, 1])
    #expect(run.isAllowed)
    let slowed = run.rate
    run.flow(600, share: [0, 1])
    #expect(!run.isAllowed)
    #expect(run.rate > 4 * slowed, "\(run.rate) after \(slowed)")
  }

  /// It lies in part. A few datagrams a round trip remain at the least: some 400 a second of this path.
  @Test func aLieHasABound() {
    var run = Run.flowing(counts: [true, true])
    run.flow(2_000, share: [0, 0.8])
    #expect(run.isAllowed)
    #expect(run.rate >= 290)
  }
}
