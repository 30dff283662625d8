import Session
import Testing
import Wire

/// What a one-way sender sends in each round.
@Suite struct CarouselTests {
  /// One datagram.
  private enum Item: Hashable {
    case chunk(UInt64)
    case symbol(Int, block: UInt64)
  }

  private static func announce(fileChunks: UInt64, hasParity: Bool = true) -> Announce {
    SessionNetwork.announce(
      fileChunks: fileChunks, options: hasParity ? [.oneWay, .parity] : [.oneWay], parity: (16, 239, 4))
  }

  private static func carousel(_ announce: Announce) -> Carousel {
    Carousel(announce.shape, BlockGeometry(announce))
  }

  private static func items(_ cargo: Carousel.Cargo) -> [Item] {
    switch cargo {
    case .chunks(let range): (UInt64(range.first)..<range.end).map { .chunk($0) }
    case .symbols(let runs):
      runs.flatMap { run in
        (run.firstSymbol..<run.firstSymbol + run.count).map { .symbol($0, block: run.index) }
      }
    }
  }

  /// The datagrams of the next round, in trains of at most this many.
  private static func round(_ carousel: inout Carousel, trainCount: Int) -> [Item] {
    var items: [Item] = []
    let round = carousel.round
    while carousel.round == round {
      let train = Self.items(carousel.take(maximumCount: trainCount))
      #expect((1...trainCount).contains(train.count))
      items += train
    }
    return items
  }

  /// Two full spans of 64 chunks, and a last one of 22 chunks, in blocks of 11.
  @Test(arguments: [1, 7, 44, 1_000])
  func theFirstRoundHasEachChunkOnceAndSymbolsBehindEachSpan(trainCount: Int) throws {
    let announce = Self.announce(fileChunks: 148)
    let geometry = try #require(BlockGeometry(announce))
    var carousel = Self.carousel(announce)
    let items = Self.round(&carousel, trainCount: trainCount)
    var next: UInt64 = 0
    var repeated = 0
    var symbols: [UInt64: [Int]] = [:]
    for item in items {
      switch item {
      case .chunk(let chunk) where chunk == next: next += 1
      case .chunk(let chunk):
        #expect(chunk < announce.shape.manifestChunkCount && next > chunk)
        repeated += 1
      case .symbol(let symbol, let block):
        #expect(geometry.span(of: geometry[block]).end <= next)
        symbols[block, default: []].append(symbol)
      }
    }
    #expect(next == 150 && repeated == 3)
    for block in 0..<geometry.blockCount {
      let count = Carousel.symbolCount(besides: geometry[block].chunkCount)
      #expect(symbols[block] == Array(0..<count))
    }
  }

  /// 16 chunks and 7 symbols in a round: the eleventh round is the last with datagrams that were not sent.
  @Test func eachRoundBringsOtherDatagramsWhileThereAreSome() {
    let announce = Self.announce(fileChunks: 14)
    var carousel = Self.carousel(announce)
    var seen: Set<Item> = []
    for round in 0..<11 {
      let items = Self.round(&carousel, trainCount: 44).dropFirst(round == 0 ? 0 : 1)  // the manifest
      #expect(items.count == 23)
      #expect(seen.isDisjoint(with: items), "round \(round)")
      seen.formUnion(items)
    }
    #expect(seen.count == 253)
  }

  @Test func withoutParityEachRoundHasAllChunks() {
    let announce = Self.announce(fileChunks: 3_000, hasParity: false)
    var carousel = Self.carousel(announce)
    #expect(announce.shape.chunkCount == 3_002)
    for round in 0..<3 {
      let items = Self.round(&carousel, trainCount: 44)
      #expect(Set(items) == Set((0..<3_002).map { Item.chunk($0) }))
      // The two chunks of the manifest go before each span but the first of the first round.
      #expect(items.count == 3_002 + 2 * (round == 0 ? 2 : 3))
    }
  }

  /// Both chunks before a full span, and one of them before the short one.
  @Test func theManifestGoesBeforeEachSpanOnceItWasSent() {
    var carousel = Self.carousel(Self.announce(fileChunks: 148))
    var before: [Carousel.Cargo] = []
    while carousel.round < 2 {
      let isAtSpanStart = carousel.isAtSpanStart
      let cargo = carousel.take(maximumCount: 44)
      if isAtSpanStart { before.append(cargo) }
    }
    let manifest = Carousel.Cargo.chunks(ChunkRange(first: 0, count: 2))
    let first = Carousel.Cargo.chunks(ChunkRange(first: 0, count: 44))
    let one = Carousel.Cargo.chunks(ChunkRange(first: 0, count: 1))
    let other = Carousel.Cargo.chunks(ChunkRange(first: 1, count: 1))
    #expect(before == [first, manifest, one, other, other, other])
  }

  @Test func aRoundSaysHowFarItIs() {
    var carousel = Self.carousel(Self.announce(fileChunks: 148))
    var last = carousel.roundFraction
    #expect(last == 0)
    while carousel.round == 0 {
      #expect(carousel.roundFraction >= last && carousel.roundFraction < 1)
      last = carousel.roundFraction
      _ = carousel.take(maximumCount: 5)
    }
    #expect(last > 0.9 && carousel.roundFraction == 0)
  }
}
