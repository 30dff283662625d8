package import Checksum
import Ground

/// The session and the shape of its set, from the sender; Specs/chunked-udp.md §4.1.
package struct Announce: ControlBody {
  package static let type = MessageType.announce
  /// Without padding.
  package static let minByteCount = 100
  /// The largest payload of a chunk: 65,507 bytes of UDP payload less the 32-byte header.
  package static let maxChunkByteCount = 65_475
  /// The largest manifest, bytes: 256 MiB.
  package static let maxManifestByteCount: UInt32 = 256 << 20
  /// The most files of a set: the largest manifest, filled with the shortest entries (20 bytes and a name of
  /// one).
  package static let maxFileCount: UInt32 = (maxManifestByteCount - 8) / 21

  /// XXH3-128 of the manifest's bytes; bytes 20..<36.
  package var setIdentity: SetIdentity
  /// All files together, without their digests, bytes; bytes 36..<44.
  package var totalFileByteCount: UInt64
  /// Chunks of all files; with those of the manifest at most 2^32; bytes 44..<52.
  package var fileChunkCount: UInt64
  /// ≤ 256 MiB; bytes 52..<56.
  package var manifestByteCount: UInt32
  /// ≤ 12,782,640; bytes 56..<60.
  package var fileCount: UInt32
  /// Receivers that the sender knows or was told of; bytes 60..<64.
  package var groupSize: UInt32
  /// When it was sent: microseconds of the sender's clock, low 32 bits; bytes 64..<68.
  package var timestamp: UInt32
  /// Payload bytes of every chunk but the last of the manifest or of a file: 1...65,475; bytes 68..<70.
  package var chunkByteCount: UInt16
  /// Byte 70.
  package var options: AnnounceOptions
  /// The sender's group round-trip time; byte 71.
  package var grttCode: GrttCode
  /// k, chunks in a block of parity: ≤ 200; 0: no parity; byte 72.
  package var blockChunkCount: UInt8
  /// The most repair symbols of one block; k + this ≤ 255; byte 73.
  package var maxParityCount: UInt8
  /// D, the distance between two successive chunks of a block: 0 exactly when k is 0; byte 74. Byte 75 is
  /// zero. Bytes 76..<100 are reserved and zero: a salt of 16 bytes and a key check of 8.
  package var blockStride: UInt8
  /// The datagram's own length, ≥ 100. The bytes behind 100 are padding (zeros), which probes the path, RFC
  /// 8899.
  package var datagramByteCount: Int

  package init(
    setIdentity: SetIdentity, totalFileByteCount: UInt64, fileChunkCount: UInt64, manifestByteCount: UInt32,
    fileCount: UInt32, groupSize: UInt32, timestamp: UInt32, chunkByteCount: UInt16,
    options: AnnounceOptions, grttCode: GrttCode, blockChunkCount: UInt8, maxParityCount: UInt8,
    blockStride: UInt8 = 0, datagramByteCount: Int = Announce.minByteCount
  ) {
    self.setIdentity = setIdentity
    self.totalFileByteCount = totalFileByteCount
    self.fileChunkCount = fileChunkCount
    self.manifestByteCount = manifestByteCount
    self.fileCount = fileCount
    self.groupSize = groupSize
    self.timestamp = timestamp
    self.chunkByteCount = chunkByteCount
    self.options = options
    self.grttCode = grttCode
    self.blockChunkCount = blockChunkCount
    self.maxParityCount = maxParityCount
    self.blockStride = blockStride
    self.datagramByteCount = datagramByteCount
  }
}

extension Announce {
  package var byteCount: Int { max(datagramByteCount, Self.minByteCount) }

  package init(decoding bytes: Span<UInt8>, flags: DatagramFlags) throws(WireError) {
    try bytes.requireAtLeast(Self.minByteCount)
    self.init(
      setIdentity: SetIdentity(high: bytes.bigEndianUInt64(at: 20), low: bytes.bigEndianUInt64(at: 28)),
      totalFileByteCount: bytes.bigEndianUInt64(at: 36), fileChunkCount: bytes.bigEndianUInt64(at: 44),
      manifestByteCount: bytes.bigEndianUInt32(at: 52), fileCount: bytes.bigEndianUInt32(at: 56),
      groupSize: bytes.bigEndianUInt32(at: 60), timestamp: bytes.bigEndianUInt32(at: 64),
      chunkByteCount: bytes.bigEndianUInt16(at: 68),
      options: AnnounceOptions(rawValue: bytes[70]).intersection(.known),
      grttCode: GrttCode(rawValue: bytes[71]), blockChunkCount: bytes[72], maxParityCount: bytes[73],
      blockStride: bytes[74], datagramByteCount: bytes.count)
    try checkFields()
    try checkSet()
  }

  package func writeBody(into body: UnsafeMutableRawBufferPointer) {
    var writer = ByteWriter(body)
    writer.write(setIdentity.high)
    writer.write(setIdentity.low)
    writer.write(totalFileByteCount)
    writer.write(fileChunkCount)
    writer.write(manifestByteCount)
    writer.write(fileCount)
    writer.write(groupSize)
    writer.write(timestamp)
    writer.write(chunkByteCount)
    writer.write(options.rawValue)
    writer.write(grttCode.rawValue)
    writer.write(blockChunkCount)
    writer.write(maxParityCount)
    writer.write(blockStride)
    writer.writeZeros(byteCount: body.count - writer.position)
  }
}
