package import Wire

extension ChunkRange {
  /// The chunks it names; 64 bits, as the end of the last range is 2^32.
  package var chunks: Range<UInt64> { UInt64(first)..<UInt64(first) + UInt64(count) }
}
