package import Wire

/// How many chunks of each kind a session has. The machines need to know no more of the set. One row of
/// chunks: the manifest's, then the files' (Specs/chunked-udp.md §2).
package struct SessionShape: Equatable, Sendable {
  /// Payload bytes of a full chunk, 1...65,475.
  package var chunkByteCount: Int
  package var manifestChunkCount: UInt64
  package var fileChunkCount: UInt64

  /// The largest number of chunks in a set: a chunk index has 32 bits.
  package static let maximumChunkCount: UInt64 = 1 << 32

  package var chunkCount: UInt64 { manifestChunkCount + fileChunkCount }

  package init(
    chunkByteCount: Int, manifestChunkCount: UInt64, fileChunkCount: UInt64
  ) {
    self.chunkByteCount = chunkByteCount
    self.manifestChunkCount = manifestChunkCount
    self.fileChunkCount = fileChunkCount
  }

  /// The shape that an announce states; nil when its numbers cannot be a set (a hostile or broken announce).
  package init?(_ announce: Announce) {
    let chunkByteCount = UInt64(announce.chunkByteCount)
    guard chunkByteCount > 0, announce.manifestByteCount > 0,
      announce.fileChunkCount <= Self.maximumChunkCount
    else { return nil }
    func chunks(_ byteCount: UInt32) -> UInt64 { (UInt64(byteCount) + chunkByteCount - 1) / chunkByteCount }
    self.init(
      chunkByteCount: Int(chunkByteCount),
      manifestChunkCount: chunks(announce.manifestByteCount),
      fileChunkCount: announce.fileChunkCount)
    guard chunkCount <= Self.maximumChunkCount else { return nil }
  }
}
