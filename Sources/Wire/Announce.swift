package import Checksum
import Ground

/// The session and the shape of its set, from the sender; Specs/chunked-udp.md §4.1.
package struct Announce: ControlBody {
  package static let type = MessageType.announce
  /// Without padding.
  package static let minByteCount = 100
  private static let representativeByteCount = 8

  /// XXH3-128 of the manifest's bytes; bytes 20..<36.
  package var setIdentity: SetIdentity
  /// The numbers of the set: the bytes of all files, 36..<44; the chunks of all files, 44..<52; the bytes of
  /// the manifest, 52..<56; the files, 56..<60; the payload bytes of every chunk but the last of the manifest
  /// or of a file, 68..<70.
  package var shape: SetShape
  /// Receivers that the sender knows or was told of; bytes 60..<64.
  package var groupSize: UInt32
  /// When it was sent: microseconds of the sender's clock, low 32 bits; bytes 64..<68.
  package var timestamp: UInt32
  /// Byte 70.
  package var options: AnnounceOptions
  /// The sender's group round-trip time; byte 71.
  package var grttCode: GrttCode
  /// k, chunks in a block of parity: ≤ 200; 0: no parity; byte 72.
  package var blockChunkCount: UInt8
  /// The most repair symbols of one block; k + this ≤ 255; byte 73.
  package var maxParityCount: UInt8
  /// D, the distance between two successive chunks of a block: 0 exactly when k is 0; byte 74. Bytes 76..<100
  /// are reserved and zero: a salt of 16 bytes and a key check of 8.
  package var blockStride: UInt8
  /// The datagram's own length, ≥ 100; a smaller one than the ids need counts as what they need. The rest is
  /// padding (zeros), which probes the path, RFC 8899.
  package var datagramByteCount: Int
  /// The receivers of a large group that report often; byte 75 is their number, and their ids of 8 bytes
  /// each begin at byte 100. A receiver ignores ids that the datagram has no room for. At most 255.
  package var representatives: [UInt64] = []
  /// The last 128 bytes of an announce with the option *signed*; nil in all others.
  package var signature: AnnounceSignature?

  package init(
    setIdentity: SetIdentity, shape: SetShape, groupSize: UInt32, timestamp: UInt32,
    options: AnnounceOptions, grttCode: GrttCode, blockChunkCount: UInt8, maxParityCount: UInt8,
    blockStride: UInt8 = 0, datagramByteCount: Int = Announce.minByteCount
  ) {
    self.setIdentity = setIdentity
    self.shape = shape
    self.groupSize = groupSize
    self.timestamp = timestamp
    self.options = options
    self.grttCode = grttCode
    self.blockChunkCount = blockChunkCount
    self.maxParityCount = maxParityCount
    self.blockStride = blockStride
    self.datagramByteCount = datagramByteCount
  }
}

extension Announce {
  package var byteCount: Int {
    max(
      datagramByteCount,
      Self.minByteCount + Self.representativeByteCount * representatives.count
        + (signature == nil ? 0 : AnnounceSignature.byteCount))
  }

  package init(decoding bytes: Span<UInt8>, flags: DatagramFlags) throws(WireError) {
    try bytes.requireAtLeast(Self.minByteCount)
    self.init(
      setIdentity: SetIdentity(high: bytes.bigEndianUInt64(at: 20), low: bytes.bigEndianUInt64(at: 28)),
      shape: SetShape(
        chunkByteCount: Int(bytes.bigEndianUInt16(at: 68)),
        manifestByteCount: Int(bytes.bigEndianUInt32(at: 52)),
        fileCount: Int(bytes.bigEndianUInt32(at: 56)), fileByteCount: bytes.bigEndianUInt64(at: 36),
        fileChunkCount: bytes.bigEndianUInt64(at: 44)),
      groupSize: bytes.bigEndianUInt32(at: 60), timestamp: bytes.bigEndianUInt32(at: 64),
      options: AnnounceOptions(rawValue: bytes[70]).intersection(.known),
      grttCode: GrttCode(rawValue: bytes[71]), blockChunkCount: bytes[72], maxParityCount: bytes[73],
      blockStride: bytes[74], datagramByteCount: bytes.count)
    var end = bytes.count
    if options.contains(.signed) {
      try bytes.requireAtLeast(Self.minByteCount + AnnounceSignature.byteCount)
      end -= AnnounceSignature.byteCount
      signature = AnnounceSignature(bytes.extracting(end..<bytes.count))
    }
    let room = (end - Self.minByteCount) / Self.representativeByteCount
    for place in 0..<min(Int(bytes[75]), room) {
      let offset = Self.minByteCount + Self.representativeByteCount * place
      representatives.append(bytes.bigEndianUInt64(at: offset))
    }
    try shape.check(isSigned: options.contains(.signed))
    try checkOptions()
  }

  private func checkOptions() throws(WireError) {
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

  package func writeBody(into body: UnsafeMutableRawBufferPointer) {
    var writer = ByteWriter(body)
    writer.write(setIdentity.high)
    writer.write(setIdentity.low)
    writer.write(shape.fileByteCount)
    writer.write(shape.fileChunkCount)
    writer.write(UInt32(clamping: shape.manifestByteCount))
    writer.write(UInt32(clamping: shape.fileCount))
    writer.write(groupSize)
    writer.write(timestamp)
    writer.write(UInt16(clamping: shape.chunkByteCount))
    writer.write(options.rawValue)
    writer.write(grttCode.rawValue)
    writer.write(blockChunkCount)
    writer.write(maxParityCount)
    writer.write(blockStride)
    writer.write(UInt8(clamping: representatives.count))
    writer.writeZeros(byteCount: Self.minByteCount - DatagramHeader.byteCount - writer.position)
    for receiverID in representatives { writer.write(receiverID) }
    let tail = signature?.bytes ?? []
    writer.writeZeros(byteCount: body.count - writer.position - tail.count)
    writer.write(tail)
  }
}
