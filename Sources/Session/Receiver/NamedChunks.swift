package import Wire

/// The chunks that a NACK names, in the shorter of its two forms, Specs/chunked-udp.md §4.5. Blocks are
/// interleaved, so what several blocks of one span miss is seldom in a row.
package struct NamedChunks: Sendable {
  /// Bytes of both forms without chunks.
  private static let rangesByteCount = Nack.shortestByteCount - ChunkRange.byteCount
  private static let bitmapByteCount = rangesByteCount + 2

  /// Ascending.
  package private(set) var chunks: [UInt64] = []

  package init() {}

  package var isEmpty: Bool { chunks.isEmpty }

  /// Adds the missing chunks of a block, ascending, if the NACK then has at most this many bytes. The first
  /// block is cut to what fits, and one chunk always fits. Returns how many were added.
  package mutating func add(_ block: [UInt64], byteCount limit: Int) -> Int {
    let merged = (chunks + block).sorted()
    if Self.byteCount(merged) <= limit {
      chunks = merged
      return block.count
    }
    guard chunks.isEmpty, !block.isEmpty else { return 0 }
    var count = 1
    while count < block.count, Self.byteCount(Array(block.prefix(count + 1))) <= limit { count += 1 }
    chunks = Array(block.prefix(count))
    return count
  }

  /// Nil when no chunk is named.
  package var body: Nack.Body? {
    guard let first = chunks.first, let last = chunks.last else { return nil }
    let runs = Self.runs(chunks)
    guard Self.byteCount(bitmapFrom: first, to: last) < Self.byteCount(rangeCount: runs.count) else {
      return .ranges(runs)
    }
    var bits = [UInt8](repeating: 0, count: Int((last - first) / 8) + 1)
    for chunk in chunks { bits[Int((chunk - first) / 8)] |= 0x80 >> UInt8((chunk - first) % 8) }
    return .bitmap(base: UInt32(first), bits: bits)
  }

  private static func byteCount(_ chunks: [UInt64]) -> Int {
    guard let first = chunks.first, let last = chunks.last else { return rangesByteCount }
    var rangeCount = 1
    for index in chunks.indices.dropFirst() where chunks[index] != chunks[index - 1] + 1 { rangeCount += 1 }
    return min(byteCount(rangeCount: rangeCount), byteCount(bitmapFrom: first, to: last))
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
