import Ground
import Session
import Testing
import Wire

/// Four blocks of 16 chunks: block 0 has chunks 0, 4, 8 and so on, block 1 has chunks 1, 5, 9. Each has 12
/// symbols.
@Suite struct BlockRepairsTests {
  private struct Bench {
    static let now = Instant(nanoseconds: 1_000)

    var blocks: BlockRepairs
    var repairs = RepairQueue(chunkCount: 64)

    init(isGroup: Bool = true, fixedShare: Double? = nil) throws {
      let geometry = try #require(
        BlockGeometry(chunkCount: 64, blockChunkCount: 16, maxSymbolCount: 12, stride: 4))
      blocks = BlockRepairs(geometry, isGroup: isGroup, fixedShare: fixedShare)
    }

    static func nack(_ ranges: [ChunkRange]) -> Nack {
      Nack(
        receiverID: 1, highestPacketNumber: 0, echoedTimestamp: 0, holdMicroseconds: 0, acceptsSymbols: true,
        body: .ranges(ranges))
    }

    /// A receiver that has seen packets up to `seen` names these chunks. Returns how many repairs are queued.
    mutating func ask(_ chunks: [UInt32], seen: UInt64 = 100, budget: UInt64 = 1_000) -> UInt64 {
      let nack = Self.nack(chunks.map { ChunkRange(first: $0, count: 1) })
      var left = budget
      for request in blocks.requests(nack.missingRanges, limit: 64, maximumCount: 65_536) {
        left -= blocks.note(request, &repairs, highestPacket: seen, budget: left, now: Self.now)
      }
      return budget - left
    }

    mutating func take(_ count: Int = 100, firstPacket: UInt64) -> [SymbolRun] {
      blocks.take(maximumCount: count, maximumRuns: 100, firstPacket: firstPacket, now: Self.now)
    }
  }

  /// Each of two members misses two chunks. Two symbols serve both, where the chunks would be four.
  @Test func aBlockCostsItsLargestNeedAndNotTheUnion() throws {
    var bench = try Bench()
    #expect(bench.ask([0, 4]) == 2)
    #expect(bench.ask([8, 12]) == 0)
    #expect(bench.blocks.count == 2 && bench.repairs.isEmpty)
    #expect(bench.blocks.requestedCount == 4 && bench.blocks.suppressedCount == 2)
    let runs = bench.take(firstPacket: 101)
    #expect(runs.map(\.index) == [0] && runs.map(\.firstSymbol) == [0] && runs.map(\.count) == [2])
    #expect(bench.blocks.isEmpty && bench.blocks.count == 0 && bench.blocks.oldestAt == .never)
  }

  @Test func aLargerNeedAddsTheDifference() throws {
    var bench = try Bench()
    #expect(bench.ask([0, 4]) == 2)
    #expect(bench.ask([0, 8, 12]) == 1)
    #expect(bench.blocks.count == 3)
  }

  /// The one span ends behind chunk 63: one symbol in ten chunks is two for each block of 16. They leave
  /// once, whatever the loss.
  @Test func aFixedShareFollowsItsSpan() throws {
    var bench = try Bench(isGroup: false, fixedShare: 0.1)
    bench.blocks.coverSpans(sentUpTo: 63, now: Bench.now)
    #expect(bench.blocks.isEmpty)
    bench.blocks.coverSpans(sentUpTo: 64, now: Bench.now)
    #expect(bench.blocks.count == 8 && bench.blocks.unaskedCount == 8)
    #expect(bench.take(firstPacket: 101).map(\.index) == [0, 1, 2, 3, 0, 1, 2, 3])
    bench.blocks.coverSpans(sentUpTo: 64, now: Bench.now)
    bench.blocks.beginTail(chunk: 0, packet: 0)
    bench.blocks.coverTail(loss: 0.3, receiverCount: 1, now: Bench.now)
    #expect(bench.blocks.isEmpty)
    #expect(bench.ask([0, 4, 8], seen: 100) == 1, "two symbols are under way")
    #expect(bench.ask([0, 4, 8], seen: 200) == 2, "they have passed, and the chunk is queued")
  }

  /// One receiver alone: as many symbols as chunks would save nothing.
  @Test func chunksRepairOneReceiverInUnicast() throws {
    var bench = try Bench(isGroup: false)
    #expect(bench.ask([0, 4]) == 2)
    #expect(bench.blocks.isEmpty && bench.repairs.count == 2)
    #expect(bench.ask([0, 4]) == 0, "they are queued")
  }

  @Test(arguments: [(8, true), (9, false)])
  func chunksRepairAMemberThatMissesMoreThanHalf(missing: Int, isBySymbols: Bool) throws {
    var bench = try Bench()
    #expect(bench.ask((0..<missing).map { UInt32($0 * 4) }) == UInt64(missing))
    #expect(bench.blocks.count == (isBySymbols ? UInt64(missing) : 0))
    #expect(bench.repairs.count == (isBySymbols ? 0 : UInt64(missing)))
  }

  @Test func chunksRepairABlockWithoutEnoughUnusedSymbols() throws {
    var bench = try Bench()
    let chunks = (0..<8).map { UInt32($0 * 4) }
    #expect(bench.ask(chunks) == 8)
    #expect(bench.take(firstPacket: 101).map(\.count) == [8])
    #expect(bench.ask(chunks, seen: 200) == 8, "the eight symbols were lost, and four are left")
    #expect(bench.blocks.isEmpty && bench.repairs.count == 8)
  }

  /// Five of eight symbols have left when another member misses so much that the symbols no longer do. The
  /// chunks of the first one are sent as well: five repairs more than were asked for.
  @Test func chunksBehindSymbolsAreCounted() throws {
    var bench = try Bench()
    #expect(bench.ask((0..<8).map { UInt32($0 * 4) }) == 8)
    #expect(bench.take(5, firstPacket: 101).map(\.count) == [5])
    #expect(bench.ask((8..<16).map { UInt32($0 * 4) }, seen: 200) == 13)
    #expect(bench.blocks.isEmpty && bench.repairs.count == 16)
    #expect(bench.blocks.requestedCount == 16 && bench.blocks.suppressedCount == 0)
    #expect(bench.blocks.unaskedCount == 5)
  }

  /// A NACK that left before the symbols could have arrived says nothing about them.
  @Test func symbolsThatCrossedTheNackCount() throws {
    var bench = try Bench()
    #expect(bench.ask([0, 4]) == 2)
    _ = bench.take(firstPacket: 150)
    #expect(bench.ask([0, 4], seen: 149) == 0)
    #expect(bench.ask([0, 4], seen: 150) == 1, "packet 151 is under way, and packet 150 is lost")
    #expect(bench.ask([0, 4], seen: 151) == 1, "both are lost, and one more was queued before")
    let runs = bench.take(firstPacket: 160)
    #expect(runs.map(\.firstSymbol) == [2] && runs.map(\.count) == [2])
  }

  @Test func symbolsOfSeveralBlocksLeaveInTurn() throws {
    var bench = try Bench()
    #expect(bench.ask([0, 1, 4, 5]) == 4)
    let runs = bench.take(3, firstPacket: 1)
    #expect(runs.map(\.index) == [0, 1, 0] && runs.map(\.firstSymbol) == [0, 0, 1])
    #expect(bench.blocks.count == 1)
  }

  @Test func noMoreThanTheBudgetIsQueued() throws {
    var bench = try Bench()
    #expect(bench.ask([0, 4, 8], budget: 2) == 2)
    #expect(bench.blocks.count == 2 && bench.blocks.suppressedCount == 1)
  }

  /// Chunks that were not sent yet, and those beyond the most that one NACK may name, are not counted.
  @Test(arguments: [(0, 64, 10), (60, 40, 4)] as [(UInt32, UInt32, UInt64)])
  func chunksOfAReceiverWithoutABudgetAreOnlyCounted(
    first: UInt32, named: UInt32, count: UInt64
  ) throws {
    var bench = try Bench()
    bench.blocks.suppress(
      Bench.nack([ChunkRange(first: first, count: named)]).missingRanges, limit: 64, maximumCount: 10)
    #expect(bench.blocks.requestedCount == count && bench.blocks.suppressedCount == count)
    #expect(bench.blocks.isEmpty && bench.repairs.isEmpty)
  }

  /// At the end of the first pass: the blocks of the last span get symbols, and an asking finds them queued.
  @Test func symbolsOfTheLastBlocksAreQueuedUnasked() throws {
    var bench = try Bench()
    bench.blocks.beginTail(chunk: 60, packet: 100)
    bench.blocks.coverTail(loss: 0.1, receiverCount: 3, now: Bench.now)
    let each = TailSymbols.count(chunkCount: 16, loss: 0.1, trialCount: 12)
    #expect(each == 6 && bench.blocks.count == 24 && bench.blocks.unaskedCount == 24)
    #expect(bench.ask([0, 4]) == 0 && bench.blocks.suppressedCount == 2)
    #expect(bench.blocks.count == 24 && bench.take(firstPacket: 101).reduce(0) { $0 + $1.count } == 24)
  }

  @Test(arguments: [(64, 0.1), (0, 0), (0, 0.01)] as [(UInt64, Double)])
  func withoutATailOrLossNothingIsQueuedUnasked(chunk: UInt64, loss: Double) throws {
    var bench = try Bench()
    bench.blocks.beginTail(chunk: chunk, packet: 100)
    bench.blocks.coverTail(loss: loss, receiverCount: 3, now: Bench.now)
    #expect(bench.blocks.isEmpty && bench.blocks.unaskedCount == 0)
  }

  /// Block 0 has sent two symbols, as packets 101 and 102. No receiver has had the time to ask again for
  /// those behind `packet`: they get spare ones, once.
  @Test(arguments: [(100, 3), (101, 2), (102, 0)] as [(UInt64, UInt64)])
  func newSymbolsOfEarlierBlocksGetSpareOnes(packet: UInt64, spareCount: UInt64) throws {
    var bench = try Bench()
    #expect(bench.ask([0, 4]) == 2)
    _ = bench.take(firstPacket: 101)
    bench.blocks.beginTail(chunk: 64, packet: packet)
    // Nothing is known of the loss at first.
    bench.blocks.coverTail(loss: 0, receiverCount: 12, now: Bench.now)
    for _ in 0..<2 { bench.blocks.coverTail(loss: 0.15, receiverCount: 12, now: Bench.now) }
    #expect(
      TailSymbols.spareCount(need: 2, loss: 0.15) == 3 && TailSymbols.spareCount(need: 1, loss: 0.15) == 2)
    #expect(bench.blocks.count == spareCount && bench.blocks.unaskedCount == spareCount)
  }

  /// Of each of the last blocks one symbol left before.
  @Test func whatTheLastBlocksWereSentCounts() throws {
    var bench = try Bench()
    #expect(bench.ask([0, 1, 2, 3]) == 4)
    #expect(bench.take(firstPacket: 101).count == 4)
    bench.blocks.beginTail(chunk: 60, packet: 100)
    bench.blocks.coverTail(loss: 0.1, receiverCount: 3, now: Bench.now)
    #expect(bench.blocks.count == 4 * 5)
  }

  /// The reports about the last chunks arrive, and tell of more loss.
  @Test func aLargerLossAddsTheDifference() throws {
    var bench = try Bench()
    bench.blocks.beginTail(chunk: 60, packet: 100)
    for loss in [0.1, 0.1, 0.2, 0.1] {
      bench.blocks.coverTail(loss: loss, receiverCount: 3, now: Bench.now)
    }
    let each = TailSymbols.count(chunkCount: 16, loss: 0.2, trialCount: 12)
    #expect(each == 8 && bench.blocks.unaskedCount == 32)
    #expect(bench.take(firstPacket: 101).reduce(0) { $0 + $1.count } == 32)
    bench.blocks.coverTail(loss: 0.2, receiverCount: 3, now: Bench.now)
    #expect(bench.blocks.isEmpty)
  }

  /// Before the end a lost symbol costs no time. At the end two symbols get two spare ones at 10 %, beyond
  /// the receiver's budget, and a second receiver with the same need gets no more.
  @Test func symbolsThatAreAskedForAtTheEndHaveSpareOnes() throws {
    var bench = try Bench()
    #expect(bench.ask([0, 4]) == 2 && bench.blocks.count == 2)
    _ = bench.take(firstPacket: 101)
    bench.blocks.beginTail(chunk: 64, packet: 200)
    bench.blocks.coverTail(loss: 0.1, receiverCount: 3, now: Bench.now)
    #expect(bench.blocks.isEmpty)
    #expect(TailSymbols.spareCount(need: 2, loss: 0.1) == 2)
    #expect(bench.ask([1, 5], budget: 2) == 2)
    #expect(bench.blocks.count == 4 && bench.blocks.unaskedCount == 2)
    #expect(bench.ask([9, 13]) == 0 && bench.blocks.count == 4)
    #expect(bench.take(firstPacket: 301).map(\.count) == [4])
  }

  /// Block 0 has 12 symbols, of which 8 are sent.
  @Test func aBlockHasNoMoreSpareSymbolsThanSymbols() throws {
    var bench = try Bench()
    #expect(bench.ask((0..<8).map { $0 * 4 }) == 8)
    _ = bench.take(firstPacket: 101)
    bench.blocks.beginTail(chunk: 64, packet: 200)
    bench.blocks.coverTail(loss: 0.3, receiverCount: 3, now: Bench.now)
    #expect(bench.ask([0, 4, 8], seen: 200) == 3)
    #expect(bench.blocks.count == 4)
  }

  /// Block 0 has sent 8 of its 12 symbols, all of them behind the packet of the tail. Spare ones for them
  /// would be more than are left.
  @Test func symbolsThatDoNotExistAreNotQueued() throws {
    var bench = try Bench()
    #expect(bench.ask((0..<8).map { $0 * 4 }) == 8)
    #expect(bench.take(firstPacket: 101).reduce(0) { $0 + $1.count } == 8)
    bench.blocks.beginTail(chunk: 64, packet: 100)
    #expect((5..<20).contains(TailSymbols.spareCount(need: 8, loss: 0.15)))
    bench.blocks.coverTail(loss: 0.15, receiverCount: 3, now: Bench.now)
    #expect(bench.blocks.isEmpty && bench.blocks.unaskedCount == 0)
  }
}
