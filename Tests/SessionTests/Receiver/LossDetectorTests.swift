import Ground
import Session
import Testing
import Wire

/// A detector and its ledger, driven by packets that carry chunks.
private struct Bench {
  var detector: LossDetector
  var ledger = PacketLedger()
  var now = Instant(nanoseconds: 1_000_000_000)
  static let window: Nanoseconds = .milliseconds(2)
  var reordering: Nanoseconds = 0
  static let patience: Nanoseconds = .milliseconds(50)
  static let passed: Nanoseconds = .milliseconds(3)

  init(chunkCount: UInt64) { detector = LossDetector(chunkCount: chunkCount) }

  mutating func arrive(packet: UInt64, chunk: UInt64?, isRepair: Bool = false) {
    _ = ledger.insert(packet, now: now)
    if let chunk { _ = detector.noteChunk(chunk, packet: packet, isRepair: isRepair) }
  }

  /// What is lost and asked for now, as chunks.
  @discardableResult
  mutating func ask(maximumRanges: Int = 100) -> [UInt64] {
    _ = detector.detect(ledger: ledger, windows: windows, now: now)
    guard detector.wantsNack else { return [] }
    return detector.takeWanted(maximumRanges: maximumRanges, now: now).flatMap { Array($0.chunks) }
  }

  var deadline: Instant {
    detector.nextDeadline(ledger: ledger, windows: windows)
  }

  var windows: LossDetector.Windows {
    LossDetector.Windows(
      quiet: Self.window, reordering: reordering, patience: Self.patience, passed: Self.passed)
  }
}

@Suite struct LossDetectorTests {
  /// RFC 9002 §6.1.1: three later packets make a gap a loss.
  @Test func aGapIsLossAfterThreeLaterPackets() {
    var bench = Bench(chunkCount: 100)
    bench.arrive(packet: 0, chunk: 0)
    bench.arrive(packet: 2, chunk: 2)
    #expect(bench.ask() == [])
    bench.arrive(packet: 3, chunk: 3)
    #expect(bench.ask() == [])
    bench.arrive(packet: 4, chunk: 4)
    #expect(bench.ask() == [1])
    #expect(bench.ask() == [], "asked for once")
  }

  /// Of two NACKs the first gets lost. The notice for the second says so, and the first is sent again soon.
  @Test func anAnswerToALaterNackShowsThatOneWasLost() {
    var bench = Bench(chunkCount: 100)
    for packet in [0, 2, 3, 4] as [UInt64] { bench.arrive(packet: packet, chunk: packet) }
    #expect(bench.ask() == [1])
    bench.now = bench.now + .milliseconds(5)
    for packet in [6, 7, 8] as [UInt64] { bench.arrive(packet: packet, chunk: packet) }
    #expect(bench.ask() == [5])
    bench.now = bench.now + .milliseconds(20)
    bench.detector.notePromise(first: 5, count: 1, firstPacket: 10, now: bench.now)
    bench.arrive(packet: 10, chunk: 5, isRepair: true)
    #expect(bench.deadline == bench.now + Bench.passed)
    bench.now = bench.now + (Bench.passed - 1)
    #expect(bench.ask() == [])
    bench.now = bench.now + 1
    #expect(bench.ask() == [1])
  }

  /// A promise is due with its last packet, and not with one behind it.
  @Test func aPromiseIsDueWithItsLastPacket() {
    var bench = Bench(chunkCount: 100)
    for packet in [0, 3, 4, 5] as [UInt64] { bench.arrive(packet: packet, chunk: packet) }
    #expect(bench.ask() == [1, 2])
    bench.detector.notePromise(first: 1, count: 2, firstPacket: 10, now: bench.now)
    bench.now = bench.now + 1_000
    bench.arrive(packet: 12, chunk: 6)
    #expect(bench.deadline <= bench.now + Bench.window, "packet 11 counts as lost then")
  }

  /// Others may have asked for chunks that this receiver has not come to yet: these will arrive anyway.
  @Test func aPromiseOfWhatIsToComeIsNoConcern() {
    var bench = Bench(chunkCount: 100)
    for packet in 0..<2 as Range<UInt64> { bench.arrive(packet: packet, chunk: packet) }
    bench.detector.notePromise(first: 50, count: 1, firstPacket: 2, now: bench.now)
    #expect(bench.deadline == .never)
  }

  @Test func reorderingIsNoLoss() {
    var bench = Bench(chunkCount: 100)
    for (packet, chunk) in [(0, 0), (2, 2), (3, 3), (1, 1), (4, 4), (5, 5)] as [(UInt64, UInt64)] {
      bench.arrive(packet: packet, chunk: chunk)
      #expect(bench.ask() == [])
    }
  }

  /// RFC 9002 §6.1.2: when nothing more arrives, a time decides.
  @Test func aGapIsLossWhenNothingMoreArrives() {
    var bench = Bench(chunkCount: 100)
    bench.arrive(packet: 0, chunk: 0)
    bench.arrive(packet: 2, chunk: 2)
    #expect(bench.deadline == bench.now + Bench.window)
    bench.now = bench.now + (Bench.window - 1)
    #expect(bench.ask() == [])
    bench.now = bench.now + 1
    #expect(bench.ask() == [1])
  }

  /// On a path that reorders three later packets are not enough: the gap gets its window, counted from the
  /// first of them.
  @Test func reorderingIsWaitedFor() {
    var bench = Bench(chunkCount: 100)
    bench.reordering = .milliseconds(8)
    bench.arrive(packet: 2, chunk: 2)
    for packet in [UInt64(4), 5, 6, 7] { bench.arrive(packet: packet, chunk: packet) }
    #expect(bench.ask() == [])
    bench.arrive(packet: 1, chunk: 1)
    bench.now = bench.now + (.milliseconds(8) - 1)
    bench.arrive(packet: 8, chunk: 8)
    #expect(bench.ask() == [])
    bench.now = bench.now + 1
    #expect(bench.ask() == [0, 3])
    #expect(bench.detector.lossCount == 2)
  }

  /// The repair that a notice promised is lost: three later packets tell, no timer.
  @Test func aPromiseThatIsNotKeptIsLostAgain() {
    var bench = Bench(chunkCount: 100)
    for chunk in [UInt64(0), 2, 3, 4] { bench.arrive(packet: chunk, chunk: chunk) }
    #expect(bench.ask() == [1])
    bench.arrive(packet: 5, chunk: nil)  // the notice
    bench.detector.notePromise(first: 1, count: 1, firstPacket: 6, now: bench.now)
    for packet in [UInt64(7), 8] { bench.arrive(packet: packet, chunk: packet) }
    #expect(bench.ask() == [])
    bench.arrive(packet: 9, chunk: 9)
    #expect(bench.ask().contains(1))
  }

  @Test func aPromiseThatIsKeptIsDone() {
    var bench = Bench(chunkCount: 5)
    for chunk in [UInt64(0), 2, 3, 4] { bench.arrive(packet: chunk, chunk: chunk) }
    #expect(bench.ask() == [1])
    bench.arrive(packet: 5, chunk: nil)
    bench.detector.notePromise(first: 1, count: 1, firstPacket: 6, now: bench.now)
    bench.arrive(packet: 6, chunk: 1, isRepair: true)
    #expect(bench.detector.isComplete)
    for packet in [UInt64(7), 8, 9] { bench.arrive(packet: packet, chunk: nil) }
    #expect(bench.ask() == [] && bench.detector.isIdle == false)
    bench.now = bench.now + Bench.patience
    #expect(bench.ask() == [] && bench.detector.isIdle)
  }

  @Test func whatNobodyPromisesIsAskedForAgain() {
    var bench = Bench(chunkCount: 100)
    for chunk in [UInt64(0), 2, 3, 4] { bench.arrive(packet: chunk, chunk: chunk) }
    #expect(bench.ask() == [1])
    bench.now = bench.now + (Bench.patience - 1)
    #expect(bench.ask() == [])
    bench.now = bench.now + 1
    #expect(bench.ask() == [1])
  }

  /// In a group another receiver's NACK may have caused the notice: what it promises is not asked for.
  @Test func whatOthersAskedForIsNotAskedForAgain() {
    var bench = Bench(chunkCount: 100)
    for chunk in [UInt64(0), 3, 4, 5] { bench.arrive(packet: chunk, chunk: chunk) }
    bench.arrive(packet: 6, chunk: nil)
    bench.detector.notePromise(first: 1, count: 1, firstPacket: 7, now: bench.now)
    #expect(bench.ask() == [2])
  }

  @Test func whoComesLateMissesTheBeginning() {
    var bench = Bench(chunkCount: 1_000)
    for packet in [UInt64(5_000), 5_001, 5_002] { bench.arrive(packet: packet, chunk: packet - 4_500) }
    #expect(bench.ask() == Array(0..<500))
  }

  @Test func theEndUncoversTheTail() {
    var bench = Bench(chunkCount: 10)
    bench.arrive(packet: 0, chunk: 0)
    bench.arrive(packet: 10, chunk: nil)
    bench.detector.noteEnd(packet: 10)
    bench.now = bench.now + Bench.window
    #expect(bench.ask() == Array(1..<10))
  }

  @Test func aRefusedChunkIsLost() {
    var bench = Bench(chunkCount: 100)
    bench.arrive(packet: 0, chunk: nil)
    bench.detector.noteRefused(0, packet: 0, isRepair: false, now: bench.now)
    for packet in [UInt64(1), 2, 3] { bench.arrive(packet: packet, chunk: packet) }
    #expect(bench.ask() == [0])
    bench.arrive(packet: 4, chunk: nil)
    bench.detector.notePromise(first: 0, count: 1, firstPacket: 5, now: bench.now)
    bench.arrive(packet: 5, chunk: nil)
    bench.detector.noteRefused(0, packet: 5, isRepair: true, now: bench.now)  // still no room
    for packet in [UInt64(6), 7, 8] { bench.arrive(packet: packet, chunk: packet - 2) }
    #expect(bench.ask() == [], "not at once again")
    bench.now = bench.now + Bench.patience
    #expect(bench.ask() == [0])
  }

  @Test func whatIsOutstandingIsBounded() {
    var bench = Bench(chunkCount: 1 << 32)
    for packet in [UInt64(10), 11, 12] { bench.arrive(packet: packet, chunk: (1 << 32) - 13 + packet) }
    #expect(bench.ask().count == LossDetector.maximumOutstanding)
    #expect(!bench.detector.wantsNack && bench.ask() == [])
    bench.arrive(packet: 13, chunk: 0, isRepair: true)
    #expect(bench.ask() == [UInt64(LossDetector.maximumOutstanding)], "one came, one more is asked for")
  }

  @Test func aNackNamesItsRangesInOrderAndAtMostSoMany() {
    var bench = Bench(chunkCount: 1_000)
    for packet in 0..<400 as Range<UInt64> { bench.arrive(packet: packet, chunk: packet * 2 + 1) }
    _ = bench.detector.detect(ledger: bench.ledger, windows: bench.windows, now: bench.now)
    var asked: [UInt64] = []
    while bench.detector.wantsNack {
      let ranges = bench.detector.takeWanted(maximumRanges: 7, now: bench.now)
      #expect((1...7).contains(ranges.count))
      #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.end <= UInt64($1.first) })
      asked += ranges.flatMap { Array($0.chunks) }
    }
    // The gap before the newest chunks is not three packets old.
    #expect(asked == (0..<398).map { $0 * 2 })
  }

  /// A queue of gaps that grows for ever would be a way to exhaust memory: the newest are taken together.
  @Test func whatIsQueuedIsBounded() {
    let count = UInt64(3 * LossDetector.maximumQueued)
    var bench = Bench(chunkCount: 2 * count)
    for packet in 0..<count { bench.arrive(packet: packet, chunk: packet * 2 + 1) }
    bench.now = bench.now + Bench.window
    var asked: Set<UInt64> = []
    while asked.count < Int(count) - 3 {
      let new = bench.ask(maximumRanges: 150)
      guard !new.isEmpty else { break }
      #expect(new.allSatisfy { $0 % 2 == 0 }, "nothing that is here is asked for")
      asked.formUnion(new)
    }
    #expect(asked.count >= Int(count) - 3)
  }

  @Test func impossiblePromisesAreIgnored() {
    var bench = Bench(chunkCount: 10)
    bench.detector.notePromise(first: 10, count: 1, firstPacket: 0, now: bench.now)
    bench.detector.notePromise(first: 0, count: 0, firstPacket: 0, now: bench.now)
    bench.detector.notePromise(
      first: 0, count: LossDetector.maximumPromised + 1, firstPacket: 0, now: bench.now)
    bench.detector.notePromise(first: .max, count: .max, firstPacket: .max, now: bench.now)
    #expect(bench.detector.isIdle && bench.deadline == .never)
  }
}
