package import Wire

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
  package let shape: SetShape
  package let fileByteCounts: [UInt64]

  /// The first chunk of each file, low 32 bits. An empty file has the first chunk of the next file. 0 stands
  /// for 2^32, which only empty files at the end of the largest set have, because chunk 0 belongs to the
  /// manifest.
  private let firstChunks: [UInt32]

  /// Throws `tooManyChunks`, or `invalidAnnouncement` for sizes outside their ranges.
  package init(
    manifestByteCount: Int, fileByteCounts: [UInt64], chunkByteCount: Int
  ) throws(FileSetError) {
    shape = try Self.shape(
      manifestByteCount: manifestByteCount, fileByteCounts: fileByteCounts, chunkByteCount: chunkByteCount)
    var firstChunks: [UInt32] = []
    firstChunks.reserveCapacity(fileByteCounts.count)
    var next = shape.manifestChunkCount
    for byteCount in fileByteCounts {
      firstChunks.append(UInt32(truncatingIfNeeded: next))
      next += SetShape.chunkCount(of: SetShape.rowByteCount(byteCount), chunkByteCount)
    }
    self.fileByteCounts = fileByteCounts
    self.firstChunks = firstChunks
  }

  /// Payload bytes of a full chunk.
  package var chunkByteCount: Int { shape.chunkByteCount }
  package var fileCount: Int { shape.fileCount }
  /// Chunks of the whole set, 1 ... 2^32.
  package var totalChunkCount: UInt64 { shape.chunkCount }

  /// The manifest's chunks, from 0.
  package var manifestChunks: Range<UInt64> { 0..<shape.manifestChunkCount }
  /// All files' chunks, to the end.
  package var fileChunks: Range<UInt64> { manifestChunks.upperBound..<totalChunkCount }

  /// The chunks of one file; empty for an empty file. `file` in 0 ..< `fileCount`.
  package func chunks(ofFile file: Int) -> Range<UInt64> {
    firstChunk(ofFile: file)..<(file + 1 < fileCount ? firstChunk(ofFile: file + 1) : totalChunkCount)
  }

  /// The bytes in a file's chunks: its own and those of its digest; none for an empty file.
  package func rowByteCount(ofFile file: Int) -> UInt64 { SetShape.rowByteCount(fileByteCounts[file]) }

  private func firstChunk(ofFile file: Int) -> UInt64 {
    firstChunks[file] == 0 ? ChunkRange.sequenceSpace : UInt64(firstChunks[file])
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
      return (.manifest, manifestChunks, UInt64(shape.manifestByteCount))
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
  /// The numbers of a set that is cut into chunks of this size. Throws `tooManyChunks`, or
  /// `invalidAnnouncement` for sizes outside their ranges.
  static func shape(
    manifestByteCount: Int, fileByteCounts: [UInt64], chunkByteCount: Int
  ) throws(FileSetError) -> SetShape {
    func shape(_ chunkByteCount: Int) -> SetShape {
      SetShape(
        chunkByteCount: chunkByteCount, manifestByteCount: manifestByteCount, fileByteCounts: fileByteCounts)
    }
    guard SetShape.chunkByteCounts.contains(chunkByteCount) else {
      throw .invalidAnnouncement(reason: "chunks of \(chunkByteCount) bytes")
    }
    guard manifestByteCount > 0 else { throw .invalidAnnouncement(reason: "an empty manifest") }
    let wanted = shape(chunkByteCount)
    guard wanted.chunkCount <= ChunkRange.sequenceSpace else {
      throw .tooManyChunks(
        count: wanted.chunkCount, chunkByteCount: chunkByteCount,
        sufficientChunkByteCount: smallestChunkByteCount { shape($0).chunkCount <= ChunkRange.sequenceSpace })
    }
    return wanted
  }

  /// The smallest size of chunk that `fits`, as all larger ones do; nil when none does.
  private static func smallestChunkByteCount(_ fits: (Int) -> Bool) -> Int? {
    var (low, high) = (SetShape.chunkByteCounts.lowerBound, SetShape.chunkByteCounts.upperBound)
    guard fits(high) else { return nil }
    while low < high {
      let middle = (low + high) / 2
      if fits(middle) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
