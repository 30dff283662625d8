import Checksum

/// The CRC32 of each file of a set, computed while its chunks are read for the first time, in order. Takes 4
/// bytes a file.
struct SentDigests {
  private let layout: SetLayout
  /// Of the files whose bytes have all been read.
  private var checksums: [UInt32] = []
  /// Of what has been read of the next file.
  private var running: UInt32 = 0
  private let fullChunk: CRC32.Joiner
  /// The chunk that comes next in order.
  private(set) var nextChunk: UInt64 = 0

  init(layout: SetLayout) {
    self.layout = layout
    fullChunk = CRC32.Joiner(byteCount: UInt64(layout.chunkByteCount))
  }

  /// The file's CRC32, nil while it is not known; 0 for an empty file.
  func checksum(ofFile file: Int) -> UInt32? { file < checksums.count ? checksums[file] : nil }

  /// A run without bytes of files.
  mutating func skip(_ run: ChunkRun) {
    if UInt64(run.first) == nextChunk { nextChunk += UInt64(run.count) }
  }

  /// Takes the CRC32s of the file's bytes in a run, one number for each chunk. All chunks but the last are
  /// full. A run that is not the next one is ignored. `isSpoilt`: the bytes are not the file's, and the
  /// digest must not be right for them.
  mutating func add(
    _ run: ChunkRun, file: Int, dataByteCount: Int, checksums added: ArraySlice<UInt32>, isSpoilt: Bool
  ) {
    guard UInt64(run.first) == nextChunk else { return }
    nextChunk += UInt64(run.count)
    guard dataByteCount > 0 else { return }
    let (fullCount, rest) = dataByteCount.quotientAndRemainder(dividingBy: layout.chunkByteCount)
    for checksum in added.prefix(fullCount) { running = fullChunk.join(running, checksum) }
    if rest > 0, let last = added.last {
      let isAll = run.offset == 0 && fullCount == 0
      running = isAll ? last : CRC32.joined(running, last, bByteCount: UInt64(rest))
    }
    guard run.offset + UInt64(dataByteCount) == layout.fileByteCounts[file] else { return }
    // Empty files before it.
    while checksums.count < file { checksums.append(0) }
    checksums.append(isSpoilt ? ~running : running)
    running = 0
  }
}
