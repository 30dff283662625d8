package import Checksum

/// What an announce says of a set: all a receiver knows before the manifest has arrived.
package struct SetShape: Equatable, Sendable {
  /// XXH3-128 of the manifest's bytes.
  package let identity: SetIdentity
  /// All files' sizes together, bytes.
  package let fileByteCount: UInt64
  /// All files' chunks together.
  package let fileChunkCount: UInt64
  package let manifestByteCount: Int
  package let trailerByteCount: Int
  package let fileCount: Int
  /// Payload bytes of a full chunk, 1 ... 65,475.
  package let chunkByteCount: Int

  /// Checks the numbers against each other and against the limits, as they may be hostile. Throws
  /// `invalidAnnouncement`, and `tooManyChunks` beyond 2^32.
  package init(
    identity: SetIdentity, fileByteCount: UInt64, fileChunkCount: UInt64, manifestByteCount: Int,
    trailerByteCount: Int, fileCount: Int, chunkByteCount: Int
  ) throws(FileSetError) {
    self.identity = identity
    self.fileByteCount = fileByteCount
    self.fileChunkCount = fileChunkCount
    self.manifestByteCount = manifestByteCount
    self.trailerByteCount = trailerByteCount
    self.fileCount = fileCount
    self.chunkByteCount = chunkByteCount
    if let problem { throw .invalidAnnouncement(reason: problem) }
    guard totalChunkCount <= SetLayout.chunkCountLimit else {
      throw .tooManyChunks(
        count: totalChunkCount, chunkByteCount: chunkByteCount, sufficientChunkByteCount: nil)
    }
  }

  /// The shape of a set that is laid out.
  package init(identity: SetIdentity, layout: SetLayout, fileByteCount: UInt64) {
    self.identity = identity
    self.fileByteCount = fileByteCount
    self.fileChunkCount = UInt64(layout.fileChunks.count)
    self.manifestByteCount = layout.manifestByteCount
    self.trailerByteCount = layout.trailerByteCount
    self.fileCount = layout.fileCount
    self.chunkByteCount = layout.chunkByteCount
  }

  package var manifestChunkCount: UInt64 { SetLayout.chunkCount(UInt64(manifestByteCount), chunkByteCount) }
  package var trailerChunkCount: UInt64 { SetLayout.chunkCount(UInt64(trailerByteCount), chunkByteCount) }
  /// Chunks of the whole set, ≤ 2^32.
  package var totalChunkCount: UInt64 { manifestChunkCount + fileChunkCount + trailerChunkCount }

  private var problem: String? {
    guard SetLayout.chunkByteCountRange.contains(chunkByteCount) else {
      return "chunks of \(chunkByteCount) bytes"
    }
    guard (0...Manifest.entryCountLimit).contains(fileCount) else { return "\(fileCount) files" }
    let shortestManifest = Manifest.headerByteCount + fileCount * (ManifestEntry.fixedByteCount + 1)
    guard (shortestManifest...Manifest.byteCountLimit).contains(manifestByteCount) else {
      return "a manifest of \(manifestByteCount) bytes for \(fileCount) files"
    }
    guard trailerByteCount == Trailer.encodedByteCount(fileCount: fileCount) else {
      return "a trailer of \(trailerByteCount) bytes for \(fileCount) files"
    }
    guard fileByteCount <= UInt64(Int64.max), fileChunkCount <= SetLayout.chunkCountLimit else {
      return "\(fileByteCount) bytes in \(fileChunkCount) chunks"
    }
    // Every chunk has at least one byte, and each file at most one that is not full.
    let fewest = SetLayout.chunkCount(fileByteCount, chunkByteCount)
    guard fileChunkCount >= fewest, fileChunkCount <= fileByteCount,
      fileChunkCount <= fileByteCount / UInt64(chunkByteCount) + UInt64(fileCount)
    else { return "\(fileByteCount) bytes in \(fileChunkCount) chunks of \(chunkByteCount)" }
    return nil
  }
}
