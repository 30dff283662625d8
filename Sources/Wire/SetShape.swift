import Ground

/// The numbers of a set that is cut into chunks: the only place that computes with them. The chunks are one
/// row: first those of the manifest, then those of each file and its digest (Specs/chunked-udp.md §2).
package struct SetShape: Equatable, Sendable {
  /// Payload bytes of a full chunk: what the largest datagram carries behind the 32 bytes of its header.
  package static let chunkByteCounts = 1...PacketSize.largestDatagram - DataHeader.byteCount
  /// The CRC32 behind a file's bytes. An empty file has none.
  package static let digestByteCount = 4

  /// Payload bytes of a full chunk, 1...65,475.
  package let chunkByteCount: Int
  /// At most 256 MiB.
  package let manifestByteCount: Int
  /// At most 12,782,640.
  package let fileCount: Int
  /// All files together, without their digests, below 2^63 bytes.
  package let fileByteCount: UInt64
  /// Chunks of all files.
  package let fileChunkCount: UInt64
  package let manifestChunkCount: UInt64
  /// Chunks of the whole set, 1...2^32.
  package let chunkCount: UInt64

  /// Numbers of any origin: `check` finds those that no set has. Nothing here traps, and sums saturate.
  package init(
    chunkByteCount: Int, manifestByteCount: Int, fileCount: Int, fileByteCount: UInt64, fileChunkCount: UInt64
  ) {
    self.chunkByteCount = chunkByteCount
    self.manifestByteCount = manifestByteCount
    self.fileCount = fileCount
    self.fileByteCount = fileByteCount
    self.fileChunkCount = fileChunkCount
    manifestChunkCount = Self.chunkCount(of: UInt64(clamping: manifestByteCount), chunkByteCount)
    chunkCount = Self.sum(manifestChunkCount, fileChunkCount)
  }

  /// A set of files with these sizes, each below 2^63 bytes.
  package init(chunkByteCount: Int, manifestByteCount: Int, fileByteCounts: [UInt64]) {
    self.init(
      chunkByteCount: chunkByteCount, manifestByteCount: manifestByteCount, fileCount: fileByteCounts.count,
      fileByteCount: fileByteCounts.reduce(0, Self.sum),
      fileChunkCount: fileByteCounts.reduce(0) {
        Self.sum($0, Self.chunkCount(of: Self.rowByteCount($1), chunkByteCount))
      })
  }

  /// Payload bytes of a chunk that fills a datagram with this many bytes of UDP payload.
  package static func chunkByteCount(inDatagramOf byteCount: Int) -> Int {
    max(chunkByteCounts.lowerBound, min(byteCount - DataHeader.byteCount, chunkByteCounts.upperBound))
  }

  /// Chunks that `byteCount` bytes take: the quotient rounded up.
  package static func chunkCount(of byteCount: UInt64, _ chunkByteCount: Int) -> UInt64 {
    // A size below 1 exists only before `check`.
    let (quotient, remainder) = byteCount.quotientAndRemainder(dividingBy: UInt64(max(1, chunkByteCount)))
    return remainder == 0 ? quotient : quotient + 1
  }

  /// A file's bytes and its digest's.
  package static func rowByteCount(_ fileByteCount: UInt64) -> UInt64 {
    fileByteCount == 0 ? 0 : sum(fileByteCount, UInt64(digestByteCount))
  }

  private static func sum(_ one: UInt64, _ other: UInt64) -> UInt64 {
    let (sum, overflow) = one.addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}

extension SetShape {
  /// Throws `fieldOutOfRange` or `beyondSequenceSpace` for numbers that no set has. A peer's numbers are
  /// checked once, when they are read. `isSigned`: the manifest has digests of segments.
  package func check(isSigned: Bool = false) throws(WireError) {
    guard Self.chunkByteCounts.contains(chunkByteCount) else {
      throw .fieldOutOfRange(field: "chunk byte count", value: UInt64(clamping: chunkByteCount))
    }
    guard (0...ManifestSize.fileCountLimit).contains(fileCount) else {
      throw .fieldOutOfRange(field: "file count", value: UInt64(clamping: fileCount))
    }
    let isPossible =
      isSigned
      ? ManifestSize.isPossibleSigned(
        byteCount: manifestByteCount, fileCount: fileCount, fileByteCount: fileByteCount)
      : ManifestSize.isPossible(byteCount: manifestByteCount, fileCount: fileCount)
    guard isPossible else {
      throw .fieldOutOfRange(field: "manifest byte count", value: UInt64(clamping: manifestByteCount))
    }
    guard fileByteCount <= UInt64(Int64.max), fileByteCount == 0 || fileCount > 0 else {
      throw .fieldOutOfRange(field: "total file byte count", value: fileByteCount)
    }
    guard chunkCount <= ChunkRange.sequenceSpace else { throw .beyondSequenceSpace(chunkCount: chunkCount) }
    guard possibleFileChunkCounts.contains(fileChunkCount) else {
      throw .fieldOutOfRange(field: "file chunk count", value: fileChunkCount)
    }
  }

  /// The possible numbers of chunks for this number of files and bytes. Fewest: one file has all bytes. Most:
  /// as many files as possible have one byte, and the last chunk of each file has one byte. The other numbers
  /// are in range.
  private var possibleFileChunkCounts: ClosedRange<UInt64> {
    let files = min(UInt64(fileCount), fileByteCount)
    // Each file's digest but one byte of it can share a chunk with bytes of the file.
    let shared = fileByteCount + UInt64(Self.digestByteCount - 1) * files
    return Self.chunkCount(of: Self.rowByteCount(fileByteCount), chunkByteCount)...shared
      / UInt64(chunkByteCount) + files
  }
}
