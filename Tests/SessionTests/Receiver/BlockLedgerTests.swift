import Ground
import Session
import Testing
import Wire

/// 24 chunks, k = 4, D = 2: block 0 has the chunks 0, 2, 4, 6, block 1 has 1, 3, 5, 7, and so on.
@Suite struct BlockLedgerTests {
  private struct Bench {
    var detector = LossDetector(chunkCount: 24)
    var ledger = PacketLedger()
    var blocks: BlockLedger
    var now = Instant(nanoseconds: 1_000_000_000)
    var packet: UInt64 = 0
    private(set) var isUnanswered = false

    init() throws {
      blocks = BlockLedger(
        try #require(BlockGeometry(chunkCount: 24, blockChunkCount: 4, maxSymbolCount: 9, stride: 2)))
    }

    private mutating func arrive() -> UInt64 {
      _ = ledger.insert(packet, now: now)
      defer { packet += 1 }
      return packet
    }

    /// First transmissions of the chunks, all but `lost`.
    mutating func send(_ chunks: Range<UInt64>, lost: Set<UInt64> = []) {
      for chunk in chunks {
        if lost.contains(chunk) { packet += 1 } else { _ = send(chunk, isRepair: false) }
      }
    }

    mutating func send(_ chunk: UInt64, isRepair: Bool) -> BlockLedger.Change? {
      let packet = arrive()
      guard detector.noteChunk(chunk, packet: packet, isRepair: isRepair) else { return nil }
      return blocks.noteChunk(chunk)
    }

    /// Whether the symbol is kept, and what follows.
    mutating func symbol(_ index: UInt8, of block: UInt64) -> (Bool, BlockLedger.Change?) {
      _ = arrive()
      let isKept = blocks.noteSymbol(index, of: block, received: detector.received)
      return (isKept, blocks.beginRebuilding(block))
    }

    /// A notice, whose symbols the packets behind it carry.
    mutating func promise(_ count: Int, of block: UInt64) {
      let notice = arrive()
      blocks.notePromise(
        of: block, count: count, lastPacket: notice + UInt64(count), detector, now: now)
    }

    mutating func pass(_ nanoseconds: Nanoseconds) { now = now + nanoseconds }

    /// What a NACK would name now.
    mutating func ask() -> [UInt64] {
      detect()
      return blocks.wantsNack ? request() : []
    }

    mutating func detect() {
      let windows = LossDetector.Windows(quiet: .milliseconds(1), patience: .milliseconds(20))
      _ = detector.detect(ledger: ledger, windows: windows, now: now)
      blocks.takeLost(from: &detector)
      isUnanswered = blocks.detect(ledger: ledger, windows: windows, now: now)
    }

    mutating func request() -> [UInt64] {
      let body = blocks.takeRequest(byteCount: 1_200, received: detector.received, now: now)
      return body.map { body in
        Nack(receiverID: 1, highestPacketNumber: 0, echoedTimestamp: 0, holdMicroseconds: 0, body: body)
          .missingRanges.flatMap { Array(UInt64($0.first)..<$0.end) }
      } ?? []
    }
  }

  /// One request for all losses of a span, behind its end.
  @Test func aBlockIsAskedForWhenAllItsChunksWereSent() throws {
    var bench = try Bench()
    bench.send(0..<7, lost: [2])
    #expect(bench.ask() == [])
    bench.send(7..<8)
    #expect(bench.ask() == [2])
    #expect(bench.ask() == [], "once")
    bench.send(8..<20, lost: [9, 11])
    #expect(bench.ask() == [9, 11])
  }

  @Test func symbolsThatAreHereAreNotAskedFor() throws {
    var bench = try Bench()
    bench.send(0..<12, lost: [0, 4, 6])
    #expect(bench.symbol(3, of: 0) == (true, nil))
    #expect(bench.symbol(3, of: 0) == (false, nil), "twice")
    #expect(bench.symbol(0, of: 1) == (false, nil), "the block is whole")
    #expect(bench.ask() == [0, 4])
  }

  @Test func anyKOfABlocksChunksAndSymbolsRebuildIt() throws {
    var bench = try Bench()
    bench.send(0..<12, lost: [0, 4, 6])
    #expect(bench.ask() == [0, 4, 6])
    _ = bench.symbol(8, of: 0)
    #expect(bench.send(4, isRepair: true) == nil)
    #expect(bench.symbol(0, of: 0) == (true, .canRebuild(block: 0)))
    #expect(bench.symbol(1, of: 0) == (false, nil), "it has what it needs")
    #expect(bench.ask() == [])
    #expect(bench.blocks.noteRebuilt(0, received: bench.detector.received) == [0, 6])
    #expect(bench.blocks.noteRebuilt(0, received: bench.detector.received) == [])
  }

  /// The last chunk itself arrives: symbols that are here are of no use.
  @Test func aBlockCanBecomeWholeWithoutItsSymbols() throws {
    var bench = try Bench()
    bench.send(0..<12, lost: [0, 4])
    _ = bench.symbol(8, of: 0)
    #expect(bench.send(0, isRepair: true) == .canRebuild(block: 0))
    #expect(bench.send(4, isRepair: true) == .isWhole(block: 0))
    #expect(bench.blocks.noteRebuilt(0, received: bench.detector.received) == [])
  }

  /// There are no symbols to drop, and so there is nothing to say.
  @Test func aBlockWithoutSymbolsBecomesWholeInSilence() throws {
    var bench = try Bench()
    bench.send(0..<12, lost: [0, 1])
    #expect(bench.ask() == [0, 1])
    #expect(bench.send(0, isRepair: true) == nil)
    _ = bench.detector.noteChunk(1, packet: bench.packet, isRepair: true)
    #expect(bench.blocks.noteHeld(received: bench.detector.received) == [])
  }

  /// All its chunks are here at once, from an earlier session: its symbols are of no use.
  @Test func chunksThatAreHeldMakeABlockWhole() throws {
    var bench = try Bench()
    bench.send(0..<12, lost: [0, 1, 2, 3])
    _ = bench.symbol(8, of: 0)
    _ = bench.symbol(8, of: 1)
    for chunk: UInt64 in [0, 1, 2] {
      _ = bench.detector.noteChunk(chunk, packet: bench.packet, isRepair: true)
    }
    #expect(
      bench.blocks.noteHeld(received: bench.detector.received)
        == [.isWhole(block: 0), .canRebuild(block: 1)])
  }

  @Test func whatWasPromisedAndLostIsAskedForAgain() throws {
    var bench = try Bench()
    bench.send(0..<12, lost: [0, 4])
    #expect(bench.ask() == [0, 4])
    bench.promise(2, of: 0)
    _ = bench.symbol(0, of: 0)
    bench.packet += 1  // the second symbol is lost
    #expect(bench.ask() == [])
    bench.send(12..<16)
    #expect(bench.ask() == [0], "any of the missing ones")
  }

  /// Another receiver asked: a notice keeps this one from asking.
  @Test func aPromiseToOthersSuppressesTheRequest() throws {
    var bench = try Bench()
    bench.send(0..<8, lost: [0])
    bench.promise(1, of: 0)
    bench.send(8..<9)
    #expect(bench.ask() == [])
    bench.send(9..<14)
    #expect(bench.ask() == [0], "its symbol did not come")
  }

  /// The notice arrives while the receiver waits for its turn to ask.
  @Test func aPromiseThatComesBeforeTheRequestIsEnough() throws {
    var bench = try Bench()
    bench.send(0..<12, lost: [0])
    bench.detect()
    #expect(bench.blocks.wantsNack)
    bench.promise(1, of: 0)
    #expect(bench.request() == [])
  }

  /// A notice promises a part of what was asked for. The receiver waits for the rest.
  @Test func aPartOfAnAnswerIsNoLoss() throws {
    var bench = try Bench()
    bench.send(0..<12, lost: [0, 2, 4])
    #expect(bench.ask() == [0, 2, 4])
    bench.promise(1, of: 0)
    _ = bench.symbol(0, of: 0)
    bench.send(12..<18)
    #expect(bench.ask() == [])
    bench.pass(.milliseconds(21))
    #expect(bench.ask() == [0, 2] && bench.isUnanswered)
  }

  @Test func aRequestWithoutANoticeIsRepeatedAfterThePatience() throws {
    var bench = try Bench()
    bench.send(0..<12, lost: [1])
    #expect(bench.ask() == [1])
    bench.pass(.milliseconds(19))
    #expect(bench.ask() == [])
    bench.pass(.milliseconds(1))
    #expect(bench.ask() == [1] && bench.isUnanswered)
  }

  /// No room for a symbol: it is asked for again, but not at once.
  @Test func whatWasRefusedIsAskedForAfterThePatience() throws {
    var bench = try Bench()
    bench.send(0..<12, lost: [1])
    #expect(bench.ask() == [1])
    bench.promise(1, of: 1)
    bench.packet += 1
    bench.blocks.noteRefused(1, now: bench.now)
    bench.send(12..<16)
    #expect(bench.ask() == [])
    bench.pass(.milliseconds(40))
    #expect(bench.ask() == [1])
  }

  @Test func aForgottenChunkIsMissingAgain() throws {
    var bench = try Bench()
    bench.send(0..<12, lost: [0])
    #expect(bench.symbol(0, of: 0).1 == .canRebuild(block: 0))
    #expect(bench.detector.forget(2..<3) == 1)
    bench.blocks.noteForgotten(2..<3, received: bench.detector.received)
    #expect(bench.blocks.noteRebuilt(0, received: bench.detector.received) == [])
    #expect(bench.ask() == [0])
  }

  /// Never more symbols than missing chunks, so that a report states no more than the set has.
  @Test func symbolsCountWhileTheyStandForMissingChunks() throws {
    var bench = try Bench()
    bench.send(0..<12, lost: [0, 4, 1])
    for index in 0...4 as ClosedRange<UInt8> { _ = bench.symbol(index, of: 0) }
    _ = bench.symbol(7, of: 1)
    #expect(bench.blocks.usefulSymbolCount == 3)
    _ = bench.send(4, isRepair: true)
    #expect(bench.blocks.usefulSymbolCount == 2)
    _ = bench.send(0, isRepair: true)
    #expect(bench.blocks.usefulSymbolCount == 1)
    #expect(bench.detector.forget(3..<4) == 1)
    bench.blocks.noteForgotten(3..<4, received: bench.detector.received)
    #expect(bench.blocks.usefulSymbolCount == 1)
    _ = bench.symbol(6, of: 1)
    #expect(bench.blocks.usefulSymbolCount == 2)
    #expect(bench.blocks.noteRebuilt(1, received: bench.detector.received) == [1, 3])
    #expect(bench.blocks.usefulSymbolCount == 0)
  }

  /// 16,384 blocks of two chunks of which one is missing, and nothing is known to be lost.
  private func manyBlocks() throws -> (BlockLedger, LossDetector) {
    var detector = LossDetector(chunkCount: 32_768)
    for block in UInt64(0)..<16_384 { _ = detector.noteChunk(2 * block + 1, packet: block, isRepair: false) }
    let geometry = BlockGeometry(chunkCount: 32_768, blockChunkCount: 2, maxSymbolCount: 4, stride: 1)
    return (BlockLedger(try #require(geometry)), detector)
  }

  @Test func symbolsAreKeptOfSoManyBlocksAndNoMore() throws {
    var (blocks, detector) = try manyBlocks()
    let kept = (UInt64(0)..<16_384).filter { blocks.noteSymbol(0, of: $0, received: detector.received) }
    #expect(kept == Array(0..<8_192))
    _ = detector.noteChunk(0, packet: 20_000, isRepair: true)
    let change = blocks.noteChunk(0)
    #expect(change == .isWhole(block: 0))
    let isKept = blocks.noteSymbol(0, of: 9_000, received: detector.received)
    #expect(isKept, "one is whole and has made room")
  }

  /// What others asked for takes no room once it has passed.
  @Test func promisesToOthersAreForgotten() throws {
    var (blocks, detector) = try manyBlocks()
    var ledger = PacketLedger()
    var now = Instant(nanoseconds: 1_000_000_000)
    let windows = LossDetector.Windows(quiet: .milliseconds(1), patience: .milliseconds(20))
    for block in UInt64(0)..<16_384 {
      blocks.notePromise(of: block, count: 1, lastPacket: block, detector, now: now)
      _ = ledger.insert(block + 10, now: now)
      now = now + .milliseconds(10)
      _ = blocks.detect(ledger: ledger, windows: windows, now: now)
    }
    #expect(blocks.isIdle)
    let isKept = blocks.noteSymbol(0, of: 16_383, received: detector.received)
    #expect(isKept)
  }
}
