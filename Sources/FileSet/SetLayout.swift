/// The contents of a chunk: bytes of the manifest, or of one file (by its index in the manifest) and its
/// digest.
package enum ChunkKind: Equatable, Sendable {
  case manifest
  case file(Int)
}

/// Consecutive chunks that carry consecutive bytes of one thing.
package struct ChunkRun: Equatable, Sendable {
  package var kind: ChunkKind
  /// The first chunk's index.
  package var first: UInt32
  /// Chunks, ≥ 1.
  package var count: Int
  /// Where the first chunk's bytes start in the manifest or the file.
  package var offset: UInt64
  /// Bytes of all chunks together, ≥ 1, including those of the file's digest.
  package var byteCount: Int
  /// Bytes of the last chunk, 1 ... chunk byte count; all others are full.
  package var lastByteCount: Int

  package init(kind: ChunkKind, first: UInt32, count: Int, offset: UInt64, byteCount: Int, lastByteCount: Int)
  {
    self.kind = kind
    self.first = first
    self.count = count
    self.offset = offset
    self.byteCount = byteCount
    self.lastByteCount = lastByteCount
  }
}

/// The place of each chunk of the one sequence space: first the manifest, then the files, each starting on a
/// chunk boundary. Behind the bytes of a file lies its digest, unless the file is empty. Takes 12 bytes a
/// file.
package struct SetLayout: Sendable {
  /// Chunks one session can number: 2^32.
  package static let chunkCountLimit: UInt64 = 1 << 32
  /// The payload of a datagram without the 32-byte header: 1 ... 65,475 bytes.
  package static let chunkByteCountRange = 1...65_475
  /// The CRC32 behind a file's bytes.
  package static let digestByteCount = 4

  /// Payload bytes of a full chunk.
  package let chunkByteCount: Int
  package let manifestByteCount: Int
  package let fileByteCounts: [UInt64]
  /// Chunks of the whole set, 1 ... 2^32.
  package let totalChunkCount: UInt64

  /// The first chunk of each file, low 32 bits. An empty file has the first chunk of the next file. 0 stands
  /// for 2^32, which only empty files at the end of the largest set have, because chunk 0 belongs to the
  /// manifest.
  private let firstChunks: [UInt32]

  /// Throws `tooManyChunks`, or `invalidAnnouncement` for sizes outside their ranges.
  package init(
    manifestByteCount: Int, fileByteCounts: [UInt64], chunkByteCount: Int
  ) throws(FileSetError) {
    guard Self.chunkByteCountRange.contains(chunkByteCount) else {
      throw .invalidAnnouncement(reason: "chunks of \(chunkByteCount) bytes")
    }
    guard manifestByteCount > 0 else { throw .invalidAnnouncement(reason: "an empty manifest") }
    let total = Self.chunkCount(manifest: manifestByteCount, files: fileByteCounts, chunkByteCount)
    guard total <= Self.chunkCountLimit else {
      throw .tooManyChunks(
        count: total, chunkByteCount: chunkByteCount,
        sufficientChunkByteCount: Self.sufficientChunkByteCount(
          manifest: manifestByteCount, files: fileByteCounts))
    }
    var firstChunks: [UInt32] = []
    firstChunks.reserveCapacity(fileByteCounts.count)
    var next = Self.chunkCount(UInt64(manifestByteCount), chunkByteCount)
    for byteCount in fileByteCounts {
      firstChunks.append(UInt32(truncatingIfNeeded: next))
      next += Self.chunkCount(Self.rowByteCount(byteCount), chunkByteCount)
    }
    self.chunkByteCount = chunkByteCount
    self.manifestByteCount = manifestByteCount
    self.fileByteCounts = fileByteCounts
    self.totalChunkCount = total
    self.firstChunks = firstChunks
  }

  package var fileCount: Int { fileByteCounts.count }

  /// The manifest's chunks, from 0.
  package var manifestChunks: Range<UInt64> { 0..<(fileCount > 0 ? firstChunk(ofFile: 0) : totalChunkCount) }
  /// All files' chunks, to the end.
  package var fileChunks: Range<UInt64> { manifestChunks.upperBound..<totalChunkCount }

  /// The chunks of one file; empty for an empty file. `file` in 0 ..< `fileCount`.
  package func chunks(ofFile file: Int) -> Range<UInt64> {
    firstChunk(ofFile: file)..<(file + 1 < fileCount ? firstChunk(ofFile: file + 1) : totalChunkCount)
  }

  /// The bytes in a file's chunks: its own and those of its digest; none for an empty file.
  package func rowByteCount(ofFile file: Int) -> UInt64 { Self.rowByteCount(fileByteCounts[file]) }

  private func firstChunk(ofFile file: Int) -> UInt64 {
    firstChunks[file] == 0 ? Self.chunkCountLimit : UInt64(firstChunks[file])
  }

  /// The longest run of at most `limit` chunks from `first` that stays within one file or the manifest.
  ///
  /// `first` < `totalChunkCount`, `limit` ≥ 1. `hint` is the file found last. With it, runs in order cost
  /// O(1), and any other run O(log files). Start with 0.
  package func run(from first: UInt32, limit: Int, hint: inout Int) -> ChunkRun {
    let (kind, chunks, byteCount) = place(of: first, hint: &hint)
    let count = min(UInt64(limit), chunks.upperBound - UInt64(first))
    let offset = (UInt64(first) - chunks.lowerBound) * UInt64(chunkByteCount)
    let isLast = UInt64(first) + count == chunks.upperBound
    let bytes = isLast ? byteCount - offset : count * UInt64(chunkByteCount)
    return ChunkRun(
      kind: kind, first: first, count: Int(count), offset: offset, byteCount: Int(bytes),
      lastByteCount: Int(bytes - (count - 1) * UInt64(chunkByteCount)))
  }

  /// Payload bytes of one chunk, 1 ... `chunkByteCount`.
  package func payloadByteCount(of chunk: UInt32, hint: inout Int) -> Int {
    run(from: chunk, limit: 1, hint: &hint).byteCount
  }

  /// The row of `chunk`: its kind, all its chunks, all its bytes.
  private func place(of chunk: UInt32, hint: inout Int) -> (ChunkKind, Range<UInt64>, UInt64) {
    if UInt64(chunk) < manifestChunks.upperBound {
      return (.manifest, manifestChunks, UInt64(manifestByteCount))
    }
    if !(hint >= 0 && hint < fileCount && chunks(ofFile: hint).contains(UInt64(chunk))) {
      hint = fileHolding(chunk, after: hint)
    }
    return (.file(hint), chunks(ofFile: hint), rowByteCount(ofFile: hint))
  }

  /// The file of `chunk`: the last one whose first chunk is not behind `chunk`. This is never an empty file.
  private func fileHolding(_ chunk: UInt32, after hint: Int) -> Int {
    let next = hint + 1
    if next >= 0, next < fileCount, chunks(ofFile: next).contains(UInt64(chunk)) { return next }
    var (low, high) = (0, fileCount)
    while low < high {
      let middle = low + (high - low) / 2
      if firstChunk(ofFile: middle) <= chunk { low = middle + 1 } else { high = middle }
    }
    return low - 1
  }
}

extension SetLayout {
  /// Chunks that `byteCount` bytes take: the quotient rounded up.
  static func chunkCount(_ byteCount: UInt64, _ chunkByteCount: Int) -> UInt64 {
    let (quotient, remainder) = byteCount.quotientAndRemainder(dividingBy: UInt64(chunkByteCount))
    return remainder == 0 ? quotient : quotient + 1
  }

  /// A file's bytes and its digest's.
  static func rowByteCount(_ fileByteCount: UInt64) -> UInt64 {
    fileByteCount == 0 ? 0 : fileByteCount + UInt64(digestByteCount)
  }

  /// The chunks of all files, each below 2^63 bytes; saturates.
  static func chunkCount(ofFiles byteCounts: [UInt64], _ chunkByteCount: Int) -> UInt64 {
    var total: UInt64 = 0
    for byteCount in byteCounts {
      let (sum, overflow) = total.addingReportingOverflow(chunkCount(rowByteCount(byteCount), chunkByteCount))
      if overflow { return .max }
      total = sum
    }
    return total
  }

  private static func chunkCount(manifest: Int, files: [UInt64], _ chunkByteCount: Int) -> UInt64 {
    let (sum, overflow) = chunkCount(UInt64(manifest), chunkByteCount)
      .addingReportingOverflow(chunkCount(ofFiles: files, chunkByteCount))
    return overflow ? .max : sum
  }

  /// The smallest chunk size with which the set fits into the sequence space; nil when there is none.
  private static func sufficientChunkByteCount(manifest: Int, files: [UInt64]) -> Int? {
    func fits(_ chunkByteCount: Int) -> Bool {
      chunkCount(manifest: manifest, files: files, chunkByteCount) <= chunkCountLimit
    }
    guard fits(chunkByteCountRange.upperBound) else { return nil }
    var (low, high) = (chunkByteCountRange.lowerBound, chunkByteCountRange.upperBound)
    while low < high {
      let middle = (low + high) / 2
      if fits(middle) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
