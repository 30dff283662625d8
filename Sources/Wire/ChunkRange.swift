import Ground

/// Consecutive chunks: `first ..< first + count`, Specs/chunked-udp.md §4.5. Eight bytes in a NACK.
package struct ChunkRange: Hashable, Sendable {
  package static let byteCount = 8
  /// One more than the largest chunk index: the size of the one sequence space.
  package static let sequenceSpace: UInt64 = 1 << 32

  /// The lowest chunk index.
  package var first: UInt32
  /// How many chunks; > 0 on the wire, and `first + count` ≤ 2^32.
  package var count: UInt32

  package init(first: UInt32, count: UInt32) {
    self.first = first
    self.count = count
  }

  /// The chunk index after the last one; up to 2^32.
  package var end: UInt64 { UInt64(first) + UInt64(count) }

  /// Reads the 8 bytes at `offset`, which must be there.
  init(decoding bytes: Span<UInt8>, at offset: Int) throws(WireError) {
    first = bytes.bigEndianUInt32(at: offset)
    count = bytes.bigEndianUInt32(at: offset + 4)
    guard count > 0 else { throw .emptyRange }
    guard end <= Self.sequenceSpace else { throw .beyondSequenceSpace(chunkCount: end) }
  }
}
