import Accounting
import Ground
import Session
import Testing
import Wire

/// Receivers that have chunks from an earlier session of the set, Specs/chunked-udp.md §6.13.
@Suite struct ResumingTests {
  /// Most chunks that leave before the receiver can say what it has: those of the first round trips.
  private static let firstCount = 300

  /// The manifest's chunks, and others with this probability.
  private static func chunks(of count: UInt32, probability: Double, seed: UInt64) -> Set<UInt32> {
    var generator = SplitMix64(seed: seed)
    return Set((0..<count).filter { $0 < 2 || generator.nextUnit() < probability })
  }

  /// Whole, balanced, and nothing was kept twice.
  private static func expectWhole(_ network: SessionNetwork, _ note: String = "") {
    #expect(network.allWhole && network.keptTwice == 0, "\(note) \(network.summary)")
    #expect(network.senderAccount.isBalanced, "\(note) \(network.senderAccount.imbalances)")
    for index in network.receivers.indices {
      #expect(network.account(of: index).isBalanced, "\(note) \(network.account(of: index).imbalances)")
    }
  }

  @Test(arguments: [0, 0.1], 1...4 as ClosedRange<UInt64>)
  func aNewSessionSendsOnlyTheRest(loss: Double, seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    var network = SessionNetwork(fileChunks: 4_998) { $0.isFromSender && generator.nextUnit() < loss }
    let held = Set((0..<5_000 as Range<UInt32>).filter { $0 < 2_500 || (3_000..<3_100).contains($0) })
    network.hold(held, at: 0)
    network.run()
    Self.expectWhole(network)
    #expect(network.receivers[0].counters.resumedChunks == 2_600)
    let needed = Double(5_000 - held.count) / (1 - loss)
    #expect(network.sentCounts[.data] ?? 0 <= Int(1.05 * needed) + Self.firstCount)
    #expect(network.sender.chunksLeftOut >= UInt64(held.count - Self.firstCount))
  }

  /// Killed in the first pass, or behind it, while the sender goes on.
  @Test(arguments: [200, 700, 1_150] as [UInt64])
  func theOneStartedInItsPlaceGetsOnlyTheRest(milliseconds: UInt64) {
    var network = SessionNetwork(fileChunks: 5_000, controller: .fixed(bitsPerSecond: 50e6))
    network.run(until: Instant(nanoseconds: milliseconds * 1_000_000))
    network.restart(0, receiverID: 77, resumes: true)
    let before = network.sentCounts[.data] ?? 0
    network.run()
    Self.expectWhole(network)
    let missing = 5_002 - Int(network.receivers[0].counters.resumedChunks)
    // What is sent to nobody until the sender hears of the new receiver comes again.
    #expect((network.sentCounts[.data] ?? 0) - before <= missing + 5_002 / 5)
  }

  /// Nothing but the first datagrams is sent. No chunk is missing, so nothing is asked for.
  @Test func aReceiverWithEverythingSaysSo() {
    var network = SessionNetwork(fileChunks: 4_998)
    network.hold(Set(0..<5_000), at: 0)
    network.run()
    Self.expectWhole(network)
    #expect(network.sentCounts[.data] ?? 0 <= Self.firstCount && network.sentCounts[.nack] == nil)
    #expect(network.now < Instant(nanoseconds: 1_000_000_000), "\(network.summary)")
  }

  /// Every set of chunks that can be here, each with one message of either side lost.
  @Test func everySubsetOfASmallSet() {
    for subset in 0..<64 as Range<UInt32> {
      for lost in 0..<6 {
        var network = SessionNetwork(fileChunks: 6) {
          $0.ordinal == lost / 2 && $0.isFromSender == (lost % 2 == 0)
        }
        network.hold(Set((0..<8).filter { $0 < 2 || subset & (1 << ($0 - 2)) != 0 }), at: 0)
        network.run()
        Self.expectWhole(network, "subset \(subset), lost \(lost)")
      }
    }
  }

  /// The NACK that says what is here is lost twice: more is sent than needed, and no harm is done.
  @Test func itIsSaidAgain() {
    var network = SessionNetwork(fileChunks: 19_998) { $0.type == .nack && $0.ordinal < 2 }
    network.hold(Set(0..<18_000), at: 0)
    network.run()
    Self.expectWhole(network)
    #expect(network.receivers[0].counters.restsSent > 2)
    #expect(network.sentCounts[.data] ?? 0 < 19_000)
  }

  /// Thousands of holes do not fit into a NACK.
  @Test func manyHoles() {
    var network = SessionNetwork(fileChunks: 4_998)
    let held = Self.chunks(of: 5_000, probability: 0.7, seed: 3)
    network.hold(held, at: 0)
    network.run()
    Self.expectWhole(network)
    #expect(network.receivers[0].counters.resumedChunks == UInt64(held.count))
  }

  /// Far more holes than a NACK has room for, each where the first pass comes to it: a file here and there.
  @Test func manyHolesFarFromEachOther() {
    var network = SessionNetwork(fileChunks: 99_998, controller: .fixed(bitsPerSecond: 100e6))
    let held = Set((0..<100_000 as Range<UInt32>).filter { $0 < 2 || $0 % 100 >= 4 })
    network.hold(held, at: 0)
    network.run()
    Self.expectWhole(network)
    #expect((4_000...9_000).contains(network.sentCounts[.data] ?? 0))
    #expect(network.receivers[0].counters.restsSent > 5)
  }

  /// In a group everything is sent, and the one that has half takes the rest.
  @Test(arguments: [false, true])
  func aMemberOfAGroup(hasParity: Bool) {
    var generator = SplitMix64(seed: 9)
    var network = SessionNetwork(receiverCount: 3, fileChunks: 998, hasParity: hasParity) {
      $0.isFromSender && generator.nextUnit() < 0.05
    }
    network.hold(Self.chunks(of: 1_000, probability: 0.5, seed: 1), at: 1)
    network.hold(Set(0..<1_000), at: 2)
    network.run()
    Self.expectWhole(network)
    #expect(network.receivers.allSatisfy { $0.counters.restsSent == 0 })
  }

  /// The manifest shows what is here, in a session that goes on.
  @Test(arguments: [0, 0.1], [1, 3])
  func inTheMiddleOfASession(loss: Double, receiverCount: Int) {
    var generator = SplitMix64(seed: 7)
    var network = SessionNetwork(
      receiverCount: receiverCount, fileChunks: 2_998, controller: .fixed(bitsPerSecond: 50e6),
      hasParity: receiverCount > 1
    ) { $0.isFromSender && generator.nextUnit() < loss }
    network.run(until: Instant(nanoseconds: 150_000_000))
    let before = network.sentCounts[.data] ?? 0
    #expect((100...1_500).contains(before))
    for index in network.receivers.indices {
      network.recognise(Self.chunks(of: 2_900, probability: 0.9, seed: UInt64(index)), at: index)
    }
    network.run()
    Self.expectWhole(network)
    #expect(network.receivers.allSatisfy { $0.counters.resumedChunks > 1_000 })
    #expect(network.parityOwners.allSatisfy { $0.wrongCount == 0 })
    // About 400 chunks are missing, and more than its ranges have room for are sent.
    #expect(receiverCount > 1 || network.sentCounts[.data] ?? 0 <= before + 1_400)
  }

  /// All of the set is here, as the manifest shows.
  @Test func inTheMiddleNothingIsMissing() {
    var network = SessionNetwork(fileChunks: 9_998, controller: .fixed(bitsPerSecond: 50e6))
    network.run(until: Instant(nanoseconds: 60_000_000))
    network.recognise(Set(0..<10_000), at: 0)
    network.run()
    Self.expectWhole(network)
    #expect(network.sentCounts[.data] ?? 0 < 1_000)
  }

  @Test func oneWay() {
    var generator = SplitMix64(seed: 4)
    var network = SessionNetwork(
      fileChunks: 298, isGroup: true, rateLimitBitsPerSecond: 20e6, hasParity: true, oneWayRounds: 3
    ) { _ in generator.nextUnit() < 0.05 }
    network.hold(Self.chunks(of: 300, probability: 0.5, seed: 2), at: 0)
    network.run()
    #expect(network.isWhole(0) && network.keptTwice == 0, "\(network.summary)")
    #expect(network.parityOwners[0].wrongCount == 0 && network.account(of: 0).isBalanced)
  }

  // MARK: The sender

  /// A NACK of this kind names chunks of the future, and repairs nothing. It may name chunks that the set
  /// does not have.
  @Test func whatIsLeftOutCanBeAskedFor() {
    var network = SessionNetwork(fileChunks: 998, controller: .fixed(bitsPerSecond: 20e6))
    network.run(until: Instant(nanoseconds: 60_000_000))
    let next = network.sender.nextChunk
    let nack = Nack(
      receiverID: 1, highestPacketNumber: 0, echoedTimestamp: 0, holdMicroseconds: 0, isRest: true,
      body: .ranges([
        ChunkRange(first: 0, count: 3), ChunkRange(first: 990, count: 4_000),
        ChunkRange(first: 5_000, count: .max - 5_000),
      ]))
    network.sender.handle(.nack(nack), header: SessionNetwork.header(.nack, packet: 99), now: network.now)
    #expect(network.sender.repairsQueued == 0 && network.sender.nextChunk == 990)
    #expect(network.sender.chunksLeftOut == 990 - next)
    network.run()
    #expect(network.allWhole, "what a forged NACK left out, the receiver asks for: \(network.summary)")
  }
}

/// The ranges in which a receiver says what it lacks.
@Suite struct MissingRangesTests {
  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func nothingMissingIsLeftOut(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    var map = ChunkMap(capacity: 70_000)
    for _ in 0..<Int(seed) * 4 {
      let first = generator.next() % 70_000
      map.insert(first..<min(70_000, first + generator.next() % 5_000))
    }
    let all = map.missingRanges(atMost: .max)
    #expect(all.reduce(0) { $0 + UInt64($1.count) } == 70_000 - map.count)
    for limit in 1...8 {
      let exact = map.missingRanges(atMost: limit, exactCount: limit / 2)
      #expect(exact.count == min(limit, all.count) && exact.prefix(limit / 2) == all.prefix(limit / 2))
      #expect(all.allSatisfy { gap in exact.contains { $0.clamped(to: gap) == gap } })
      let late = map.missingRanges(from: 30_000, atMost: limit)
      #expect(late.allSatisfy { $0.lowerBound >= 30_000 } && late.last?.upperBound == all.last?.upperBound)
      let ranges = map.missingRanges(atMost: limit)
      #expect(ranges.count == min(limit, all.count))
      #expect(
        all.allSatisfy { gap in
          ranges.contains { $0.contains(gap.lowerBound) && $0.upperBound >= gap.upperBound }
        })
      #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
    }
  }

  @Test func rangesFillPages() {
    for (first, end) in [(0, 32_768), (1, 32_768), (0, 100_000), (65_536, 100_000), (99_999, 100_000)] {
      var map = ChunkMap(capacity: 100_000)
      var single = map
      map.insert(UInt64(first)..<UInt64(end))
      for chunk in first..<end { single.insert(UInt64(chunk)) }
      #expect(map.count == UInt64(end - first) && map.isFull == single.isFull)
      #expect(map.firstMissing(from: 0, limit: 100_000) == single.firstMissing(from: 0, limit: 100_000))
    }
  }
}
