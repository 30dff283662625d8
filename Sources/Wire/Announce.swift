package import Checksum

/// The session and the shape of its set, from the sender; Specs/chunked-udp.md §4.1.
package struct Announce: ControlBody {
  package static let type = MessageType.announce
  /// Without padding.
  package static let minByteCount = 80
  /// The largest payload of a chunk: 65,507 bytes of UDP payload less the 32-byte header.
  package static let maxChunkByteCount = 65_475
  /// The largest manifest, bytes: 256 MiB.
  package static let maxManifestByteCount: UInt32 = 256 << 20
  package static let maxFileCount: UInt32 = 16_777_216
  /// The trailer of as many files: magic, count, one CRC32 each.
  package static let maxTrailerByteCount: UInt32 = 8 + 4 * maxFileCount

  /// XXH3-128 of the manifest's bytes; bytes 20..<36.
  package var setIdentity: SetIdentity
  /// All files together, bytes; bytes 36..<44.
  package var totalFileByteCount: UInt64
  /// Chunks of all files; with those of manifest and trailer at most 2^32; bytes 44..<52.
  package var fileChunkCount: UInt64
  /// ≤ 256 MiB; bytes 52..<56.
  package var manifestByteCount: UInt32
  /// Bytes 56..<60.
  package var trailerByteCount: UInt32
  /// ≤ 16,777,216; bytes 60..<64.
  package var fileCount: UInt32
  /// Receivers that the sender knows or was told of; bytes 64..<68.
  package var groupSize: UInt32
  /// When it was sent: microseconds of the sender's clock, low 32 bits; bytes 68..<72.
  package var timestamp: UInt32
  /// Payload bytes of every chunk but the last of manifest, file or trailer: 1...65,475; bytes 72..<74.
  package var chunkByteCount: UInt16
  /// Byte 74.
  package var options: AnnounceOptions
  /// The sender's group round-trip time; byte 75.
  package var grttCode: GrttCode
  /// k, chunks in a block of parity: ≤ 200; 0: no parity; byte 76.
  package var blockChunkCount: UInt8
  /// The most repair symbols of one block; k + this ≤ 255; byte 77. Bytes 78..<80 are zero.
  package var maxParityCount: UInt8
  /// The datagram's own length: ≥ 80. What exceeds 80 is padding (zeros) by which the path is probed, RFC 8899.
  package var datagramByteCount: Int

  package init(
    setIdentity: SetIdentity, totalFileByteCount: UInt64, fileChunkCount: UInt64, manifestByteCount: UInt32,
    trailerByteCount: UInt32, fileCount: UInt32, groupSize: UInt32, timestamp: UInt32, chunkByteCount: UInt16,
    options: AnnounceOptions, grttCode: GrttCode, blockChunkCount: UInt8, maxParityCount: UInt8,
    datagramByteCount: Int = Announce.minByteCount
  ) {
    self.setIdentity = setIdentity
    self.totalFileByteCount = totalFileByteCount
    self.fileChunkCount = fileChunkCount
    self.manifestByteCount = manifestByteCount
    self.trailerByteCount = trailerByteCount
    self.fileCount = fileCount
    self.groupSize = groupSize
    self.timestamp = timestamp
    self.chunkByteCount = chunkByteCount
    self.options = options
    self.grttCode = grttCode
    self.blockChunkCount = blockChunkCount
    self.maxParityCount = maxParityCount
    self.datagramByteCount = datagramByteCount
  }
}

extension Announce {
  /// Chunks of the manifest: they come first in the sequence space.
  package var manifestChunkCount: UInt64 { chunkCount(ofByteCount: manifestByteCount) }

  /// Chunks of the trailer: they come last in the sequence space.
  package var trailerChunkCount: UInt64 { chunkCount(ofByteCount: trailerByteCount) }

  /// Chunks of the whole session; saturates, so that hostile counts compare as too many.
  package var totalChunkCount: UInt64 {
    let (sum, overflow) = fileChunkCount.addingReportingOverflow(manifestChunkCount + trailerChunkCount)
    return overflow ? .max : sum
  }

  private func chunkCount(ofByteCount byteCount: UInt32) -> UInt64 {
    // A chunk size of 0 exists only in a value that nobody validated; it must not divide.
    let chunk = UInt64(max(chunkByteCount, 1))
    return (UInt64(byteCount) + chunk - 1) / chunk
  }

  private func validate() throws(WireError) {
    guard (1...Self.maxChunkByteCount).contains(Int(chunkByteCount)) else {
      throw .fieldOutOfRange(field: "chunk byte count", value: UInt64(chunkByteCount))
    }
    guard manifestByteCount <= Self.maxManifestByteCount else {
      throw .fieldOutOfRange(field: "manifest byte count", value: UInt64(manifestByteCount))
    }
    guard trailerByteCount <= Self.maxTrailerByteCount else {
      throw .fieldOutOfRange(field: "trailer byte count", value: UInt64(trailerByteCount))
    }
    guard fileCount <= Self.maxFileCount else {
      throw .fieldOutOfRange(field: "file count", value: UInt64(fileCount))
    }
    guard Int(blockChunkCount) <= ParityHeader.maxBlockChunkCount else {
      throw .fieldOutOfRange(field: "block chunk count", value: UInt64(blockChunkCount))
    }
    guard Int(blockChunkCount) + Int(maxParityCount) <= ParityHeader.maxSymbolCount else {
      throw .fieldOutOfRange(field: "parity symbols per block", value: UInt64(maxParityCount))
    }
    guard totalChunkCount <= ChunkRange.sequenceSpace else {
      throw .beyondSequenceSpace(chunkCount: totalChunkCount)
    }
  }
}

extension Announce {
  package var byteCount: Int { max(datagramByteCount, Self.minByteCount) }

  package init(decoding bytes: Span<UInt8>, flags: DatagramFlags) throws(WireError) {
    try bytes.requireAtLeast(Self.minByteCount)
    self.init(
      setIdentity: SetIdentity(high: bytes.bigEndianUInt64(at: 20), low: bytes.bigEndianUInt64(at: 28)),
      totalFileByteCount: bytes.bigEndianUInt64(at: 36), fileChunkCount: bytes.bigEndianUInt64(at: 44),
      manifestByteCount: bytes.bigEndianUInt32(at: 52), trailerByteCount: bytes.bigEndianUInt32(at: 56),
      fileCount: bytes.bigEndianUInt32(at: 60), groupSize: bytes.bigEndianUInt32(at: 64),
      timestamp: bytes.bigEndianUInt32(at: 68), chunkByteCount: bytes.bigEndianUInt16(at: 72),
      options: AnnounceOptions(rawValue: bytes[74]).intersection(.known),
      grttCode: GrttCode(rawValue: bytes[75]), blockChunkCount: bytes[76], maxParityCount: bytes[77],
      datagramByteCount: bytes.count)
    try validate()
  }

  package func writeBody(into body: UnsafeMutableRawBufferPointer) {
    var writer = ByteWriter(body)
    writer.write(setIdentity.high)
    writer.write(setIdentity.low)
    writer.write(totalFileByteCount)
    writer.write(fileChunkCount)
    writer.write(manifestByteCount)
    writer.write(trailerByteCount)
    writer.write(fileCount)
    writer.write(groupSize)
    writer.write(timestamp)
    writer.write(chunkByteCount)
    writer.write(options.rawValue)
    writer.write(grttCode.rawValue)
    writer.write(blockChunkCount)
    writer.write(maxParityCount)
    writer.writeZeros(byteCount: body.count - writer.position)
  }
}
