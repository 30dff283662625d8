import Ground

/// Every chunk has been sent; Specs/chunked-udp.md §4.8. It replaces the naive protocol's sleep and empty
/// datagram.
package struct End: ControlBody {
  package static let type = MessageType.end

  /// How many ends went before; bytes 20..<24.
  package var round: UInt32
  /// When it was sent: microseconds of the sender's clock, low 32 bits; bytes 24..<28.
  package var timestamp: UInt32
  /// Chunks of the whole session, ≤ 2^32; bytes 28..<36.
  package var totalChunkCount: UInt64
  /// The sender's group round-trip time; byte 36. Bytes 37..<40 are zero.
  package var grttCode: GrttCode

  package init(round: UInt32, timestamp: UInt32, totalChunkCount: UInt64, grttCode: GrttCode) {
    self.round = round
    self.timestamp = timestamp
    self.totalChunkCount = totalChunkCount
    self.grttCode = grttCode
  }

  package var byteCount: Int { 40 }

  package init(decoding bytes: Span<UInt8>, flags: DatagramFlags) throws(WireError) {
    try bytes.requireExactly(40)
    self.init(
      round: bytes.bigEndianUInt32(at: 20), timestamp: bytes.bigEndianUInt32(at: 24),
      totalChunkCount: bytes.bigEndianUInt64(at: 28), grttCode: GrttCode(rawValue: bytes[36]))
    guard totalChunkCount <= ChunkRange.sequenceSpace else {
      throw .beyondSequenceSpace(chunkCount: totalChunkCount)
    }
  }

  package func writeBody(into body: UnsafeMutableRawBufferPointer) {
    var writer = ByteWriter(body)
    writer.write(round)
    writer.write(timestamp)
    writer.write(totalChunkCount)
    writer.write(grttCode.rawValue)
    writer.writeZeros(byteCount: 3)
  }
}
