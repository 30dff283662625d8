package import Wire

/// The chunks that a NACK names, in the shorter of its two forms, Specs/chunked-udp.md §4.5. Blocks are
/// interleaved, so what several blocks of one span miss is seldom in a row.
package struct NamedChunks: Sendable {
  /// Bytes of both forms without chunks.
  private static let rangesByteCount = Nack.shortestByteCount - ChunkRange.byteCount
  private static let bitmapByteCount = rangesByteCount + 2

  private var named: Set<UInt64> = []
  /// Runs of neighbours among them.
  private var rangeCount = 0
  private var first = UInt64.max
  private var last: UInt64 = 0

  package init() {}

  package var isEmpty: Bool { named.isEmpty }
  /// Ascending.
  package var chunks: [UInt64] { named.sorted() }

  /// Adds the missing chunks of a block, ascending, if the NACK then has at most this many bytes. The first
  /// block is cut to what fits, and one chunk always fits. Returns how many were added.
  ///
  /// The work is that of the block alone: a sender may announce blocks of one chunk, of which a NACK names
  /// eleven thousand.
  package mutating func add(_ block: [UInt64], byteCount limit: Int) -> Int {
    guard let blockFirst = block.first, let blockLast = block.last else { return 0 }
    let bytes = Self.byteCount(
      rangeCount: rangeCount + newRanges(block), from: min(first, blockFirst), to: max(last, blockLast))
    if bytes <= limit {
      insert(block)
      return block.count
    }
    guard isEmpty else { return 0 }
    var (count, ranges) = (1, 1)
    while count < block.count {
      ranges += block[count] == block[count - 1] + 1 ? 0 : 1
      guard Self.byteCount(rangeCount: ranges, from: blockFirst, to: block[count]) <= limit else { break }
      count += 1
    }
    insert(Array(block.prefix(count)))
    return count
  }

  /// By how many ranges there are more with these chunks; fewer, if they close gaps.
  private func newRanges(_ block: [UInt64]) -> Int {
    var count = 0
    for (index, chunk) in block.enumerated() {
      let isBehind = index > 0 && block[index - 1] + 1 == chunk || chunk > 0 && named.contains(chunk - 1)
      count += 1 - (isBehind ? 1 : 0) - (named.contains(chunk + 1) ? 1 : 0)
    }
    return count
  }

  private mutating func insert(_ block: [UInt64]) {
    rangeCount += newRanges(block)
    first = min(first, block.first ?? first)
    last = max(last, block.last ?? last)
    named.formUnion(block)
  }

  /// Nil when no chunk is named.
  package var body: Nack.Body? {
    guard !isEmpty else { return nil }
    guard Self.byteCount(bitmapFrom: first, to: last) < Self.byteCount(rangeCount: rangeCount) else {
      return .ranges(Self.runs(chunks))
    }
    var bits = [UInt8](repeating: 0, count: Int((last - first) / 8) + 1)
    for chunk in named { bits[Int((chunk - first) / 8)] |= 0x80 >> UInt8((chunk - first) % 8) }
    return .bitmap(base: UInt32(first), bits: bits)
  }

  private static func byteCount(rangeCount: Int, from first: UInt64, to last: UInt64) -> Int {
    min(byteCount(rangeCount: rangeCount), byteCount(bitmapFrom: first, to: last))
  }
  private static func byteCount(rangeCount: Int) -> Int {
    rangesByteCount + rangeCount * ChunkRange.byteCount
  }
  private static func byteCount(bitmapFrom first: UInt64, to last: UInt64) -> Int {
    bitmapByteCount + Int((last - first) / 8) + 1
  }

  private static func runs(_ chunks: [UInt64]) -> [ChunkRange] {
    var runs: [ChunkRange] = []
    for chunk in chunks {
      if let last = runs.last, last.end == chunk {
        runs[runs.count - 1].count += 1
      } else {
        runs.append(ChunkRange(first: UInt32(chunk), count: 1))
      }
    }
    return runs
  }
}
