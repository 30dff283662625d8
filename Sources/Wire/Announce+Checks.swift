/// The values that no announce may have, Specs/chunked-udp.md §4.1. The numbers may come from a stranger:
/// nothing here overflows or traps.
extension Announce {
  /// Chunks of the manifest: they come first in the sequence space.
  package var manifestChunkCount: UInt64 { chunkCount(ofByteCount: UInt64(manifestByteCount)) }

  /// Chunks of the whole session. The sum saturates, so that hostile counts compare as too many.
  package var totalChunkCount: UInt64 {
    let (sum, overflow) = fileChunkCount.addingReportingOverflow(manifestChunkCount)
    return overflow ? .max : sum
  }

  /// `byteCount` ≤ 2^63.
  private func chunkCount(ofByteCount byteCount: UInt64) -> UInt64 {
    // A chunk size of 0 exists only in a value that was not validated. Division by it must not trap.
    let chunk = UInt64(max(chunkByteCount, 1))
    return (byteCount + chunk - 1) / chunk
  }

  /// Each field by itself.
  func checkFields() throws(WireError) {
    guard (1...Self.maxChunkByteCount).contains(Int(chunkByteCount)) else {
      throw .fieldOutOfRange(field: "chunk byte count", value: UInt64(chunkByteCount))
    }
    // A receiver without a key could not read the session.
    guard !options.contains(.keyed) else {
      throw .fieldOutOfRange(field: "options", value: UInt64(options.rawValue))
    }
    guard Int(blockChunkCount) <= ParityHeader.maxBlockChunkCount else {
      throw .fieldOutOfRange(field: "block chunk count", value: UInt64(blockChunkCount))
    }
    guard Int(blockChunkCount) + Int(maxParityCount) <= ParityHeader.maxSymbolCount else {
      throw .fieldOutOfRange(field: "parity symbols per block", value: UInt64(maxParityCount))
    }
    guard (blockChunkCount == 0) == (blockStride == 0) else {
      throw .fieldOutOfRange(field: "block stride", value: UInt64(blockStride))
    }
  }

  /// Whether the numbers can be those of a set.
  func checkSet() throws(WireError) {
    guard fileCount <= Self.maxFileCount else {
      throw .fieldOutOfRange(field: "file count", value: UInt64(fileCount))
    }
    // An entry has 20 bytes and a name of 1...4,096.
    let files = UInt64(fileCount)
    guard manifestByteCount <= Self.maxManifestByteCount,
      (8 + 21 * files...8 + 4_116 * files).contains(UInt64(manifestByteCount))
    else { throw .fieldOutOfRange(field: "manifest byte count", value: UInt64(manifestByteCount)) }
    guard totalFileByteCount <= UInt64(Int64.max), totalFileByteCount == 0 || fileCount > 0 else {
      throw .fieldOutOfRange(field: "total file byte count", value: totalFileByteCount)
    }
    guard totalChunkCount <= ChunkRange.sequenceSpace else {
      throw .beyondSequenceSpace(chunkCount: totalChunkCount)
    }
    guard possibleFileChunkCounts.contains(fileChunkCount) else {
      throw .fieldOutOfRange(field: "file chunk count", value: fileChunkCount)
    }
  }

  /// The possible numbers of chunks for this number of files and bytes. Fewest: one file has all bytes. Most:
  /// as many files as possible have one byte, and the last chunk of each file has one byte. `fileCount` and
  /// `totalFileByteCount` are in range.
  private var possibleFileChunkCounts: ClosedRange<UInt64> {
    guard totalFileByteCount > 0 else { return 0...0 }
    let files = min(UInt64(fileCount), totalFileByteCount)
    let most = (totalFileByteCount + 3 * files) / UInt64(max(chunkByteCount, 1)) + files
    return chunkCount(ofByteCount: totalFileByteCount + 4)...most
  }
}
