package import Wire

extension ChunkRange {
  /// The chunks of the range, in 64 bits, because the end of the last range is 2^32.
  package var chunks: Range<UInt64> { UInt64(first)..<UInt64(first) + UInt64(count) }
}
