package import Wire

/// What a one-way sender sends, in order, Specs/chunked-udp.md §6.12: round after round over the set, span by
/// span.
///
/// The chunks of a block and its symbols behind them are a circle. A round takes the next part of the circle:
/// some more datagrams than the block has chunks. So a round brings other datagrams than the one before, and
/// a receiver rebuilds a block from any of them, as soon as it has as many as the block has chunks.
package struct Carousel: Sendable {
  /// Chunks of a span in a session without parity.
  private static let plainSpanChunkCount: UInt64 = 1_024
  /// Of the datagrams of a span, the chunks of the manifest that go before it are at most one in this number.
  private static let manifestShare = 32

  package enum Cargo: Equatable, Sendable {
    case chunks(ChunkRange)
    case symbols([SymbolRun])
  }

  /// One block in one round.
  private struct Row {
    let index: UInt64
    let block: BlockGeometry.Block
    /// Chunks and symbols of the block, how many of these the round takes, and the first of them.
    let circle: Int
    let count: Int
    let first: Int

    func place(_ step: Int) -> Int { (first + step) % circle }
  }

  private let chunkCount: UInt64
  private let manifestChunkCount: UInt64
  private let geometry: BlockGeometry?
  private let symbolShare: Double?

  /// Rounds that are over.
  package private(set) var round: UInt64 = 0
  private var span: Range<UInt64> = 0..<0
  private var rows: [Row] = []
  /// The next datagram: one of each block in turn.
  private var step = 0
  private var column = 0
  private var stepCount = 0
  /// Chunks of the manifest that go before the span, and the next of them.
  private var manifestLeft = 0
  private var manifestNext: UInt64 = 0

  /// `symbolShare`: symbols for each chunk in one round; nil: see `symbolCount(besides:)`.
  package init(_ shape: SetShape, _ geometry: BlockGeometry?, symbolShare: Double? = nil) {
    chunkCount = shape.chunkCount
    manifestChunkCount = shape.manifestChunkCount
    self.geometry = geometry
    self.symbolShare = symbolShare
    beginSpan(at: 0)
  }

  /// Symbols of a block of this many chunks in one round. At a loss of 10 % about one block of 10,000 is not
  /// whole after one round.
  package static func symbolCount(besides chunkCount: Int) -> Int { (chunkCount + 3) / 4 + 3 }

  /// Nothing of the span was taken yet.
  package var isAtSpanStart: Bool { step == 0 && column == 0 && manifestLeft == manifestCount }

  /// How far the round is, 0..<1.
  package var roundFraction: Double {
    (Double(span.lowerBound) + Double(span.count) * Double(step) / Double(stepCount)) / Double(chunkCount)
  }

  // MARK: Spans

  /// A chunk behind the last one: the next round begins.
  private mutating func beginSpan(at chunk: UInt64) {
    let isRoundOver = chunk >= chunkCount
    if isRoundOver { round += 1 }
    let first = isRoundOver ? 0 : chunk
    if let geometry {
      span = first..<geometry.spanEnd(of: first)
      var index = geometry.block(of: first)
      rows = []
      while index < geometry.blockCount, geometry[index].firstChunk < span.upperBound {
        rows.append(row(geometry[index], index, symbolCount: geometry.symbolCount(of: geometry[index])))
        index += 1
      }
    } else {
      span = first..<min(first + Self.plainSpanChunkCount, chunkCount)
      rows = [row(.init(firstChunk: first, chunkCount: span.count, stride: 1), 0, symbolCount: 0)]
    }
    (step, column) = (0, 0)
    stepCount = rows.reduce(0) { max($0, $1.count) }
    manifestLeft = manifestCount
  }

  private func row(_ block: BlockGeometry.Block, _ index: UInt64, symbolCount: Int) -> Row {
    let circle = block.chunkCount + symbolCount
    let symbols =
      symbolShare.map { TailSymbols.fixedCount(chunkCount: block.chunkCount, share: $0) }
      ?? Self.symbolCount(besides: block.chunkCount)
    let count = min(circle, block.chunkCount + symbols)
    return Row(
      index: index, block: block, circle: circle, count: count,
      first: Int(round % UInt64(circle)) * count % circle)
  }

  /// The manifest goes before a span for receivers that have come since it was sent. It was sent once before.
  private var manifestCount: Int {
    guard round > 0 || span.lowerBound >= manifestChunkCount else { return 0 }
    return min(Int(manifestChunkCount), max(1, rows.count * stepCount / Self.manifestShare))
  }

  // MARK: What leaves

  /// The next datagrams, all of one span.
  package mutating func take(maximumCount: Int) -> Cargo {
    if manifestLeft > 0 { return .chunks(takeManifest(maximumCount: maximumCount)) }
    let row = rows[column]
    return row.place(step) < row.block.chunkCount
      ? .chunks(takeChunks(maximumCount: maximumCount)) : .symbols(takeSymbols(maximumCount: maximumCount))
  }

  private mutating func takeManifest(maximumCount: Int) -> ChunkRange {
    let first = manifestNext < manifestChunkCount ? manifestNext : 0
    let count = min(UInt64(min(maximumCount, manifestLeft)), manifestChunkCount - first)
    manifestLeft -= Int(count)
    manifestNext = first + count
    return ChunkRange(first: UInt32(first), count: UInt32(count))
  }

  private mutating func takeChunks(maximumCount: Int) -> ChunkRange {
    let first = chunk ?? span.lowerBound
    var count: UInt64 = 0
    while count < UInt64(maximumCount), chunk == first + count {
      count += 1
      if !advance() { break }
    }
    return ChunkRange(first: UInt32(first), count: UInt32(count))
  }

  private mutating func takeSymbols(maximumCount: Int) -> [SymbolRun] {
    var runs: [SymbolRun] = []
    var count = 0
    while count < maximumCount, let symbol {
      let row = rows[column]
      if let last = runs.last, last.index == row.index, last.firstSymbol + last.count == symbol {
        runs[runs.count - 1].count += 1
      } else {
        runs.append(SymbolRun(index: row.index, block: row.block, firstSymbol: symbol, count: 1))
      }
      count += 1
      if !advance() { break }
    }
    return runs
  }

  /// The next datagram, if it is a chunk.
  private var chunk: UInt64? {
    let row = rows[column]
    let place = row.place(step)
    return place < row.block.chunkCount ? row.block.firstChunk + UInt64(place * row.block.stride) : nil
  }

  /// The next datagram, if it is a symbol.
  private var symbol: Int? {
    let row = rows[column]
    let place = row.place(step)
    return place < row.block.chunkCount ? nil : place - row.block.chunkCount
  }

  /// False when the span is over.
  private mutating func advance() -> Bool {
    repeat {
      column += 1
      if column == rows.count {
        column = 0
        step += 1
      }
      guard step < stepCount else {
        beginSpan(at: span.upperBound)
        return false
      }
    } while step >= rows[column].count
    return true
  }
}
