package import Checksum

/// The facts about a set in an announce. A receiver knows no more before the manifest has arrived.
package struct SetShape: Equatable, Sendable {
  /// XXH3-128 of the manifest's bytes.
  package let identity: SetIdentity
  /// All files' sizes together, without their digests, bytes.
  package let fileByteCount: UInt64
  /// All files' chunks together.
  package let fileChunkCount: UInt64
  package let manifestByteCount: Int
  package let fileCount: Int
  /// Payload bytes of a full chunk, 1 ... 65,475.
  package let chunkByteCount: Int

  /// Checks the numbers, which may be hostile, against each other and against the limits. Throws
  /// `invalidAnnouncement`, and `tooManyChunks` beyond 2^32.
  package init(
    identity: SetIdentity, fileByteCount: UInt64, fileChunkCount: UInt64, manifestByteCount: Int,
    fileCount: Int, chunkByteCount: Int
  ) throws(FileSetError) {
    self.identity = identity
    self.fileByteCount = fileByteCount
    self.fileChunkCount = fileChunkCount
    self.manifestByteCount = manifestByteCount
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
    self.fileCount = layout.fileCount
    self.chunkByteCount = layout.chunkByteCount
  }

  package var manifestChunkCount: UInt64 { SetLayout.chunkCount(UInt64(manifestByteCount), chunkByteCount) }
  /// Chunks of the whole set, ≤ 2^32.
  package var totalChunkCount: UInt64 { manifestChunkCount + fileChunkCount }

  private var problem: String? {
    guard SetLayout.chunkByteCountRange.contains(chunkByteCount) else {
      return "chunks of \(chunkByteCount) bytes"
    }
    guard (0...Manifest.entryCountLimit).contains(fileCount) else { return "\(fileCount) files" }
    guard Manifest.isPossible(byteCount: manifestByteCount, entryCount: fileCount) else {
      return "a manifest of \(manifestByteCount) bytes for \(fileCount) files"
    }
    guard fileByteCount <= UInt64(Int64.max), fileChunkCount <= SetLayout.chunkCountLimit else {
      return "\(fileByteCount) bytes in \(fileChunkCount) chunks"
    }
    guard fewestChunkCount <= fileChunkCount, fileChunkCount <= mostChunkCount else {
      return "\(fileByteCount) bytes in \(fileChunkCount) chunks of \(chunkByteCount) for \(fileCount) files"
    }
    return nil
  }

  /// The case in which one file has all bytes. Without any file there must be no bytes.
  private var fewestChunkCount: UInt64 {
    guard fileByteCount > 0 else { return 0 }
    return fileCount > 0 ? SetLayout.chunkCount(SetLayout.rowByteCount(fileByteCount), chunkByteCount) : .max
  }

  /// The case in which as many files as possible have one byte, and the last chunk of each file has one byte.
  private var mostChunkCount: UInt64 {
    let files = min(UInt64(fileCount), fileByteCount)
    return (fileByteCount + 3 * files) / UInt64(chunkByteCount) + files
  }
}
