import Ground

/// One repair symbol: bytes 20..<32 of a parity datagram, before the symbol; Specs/chunked-udp.md §4.4.
package struct ParityHeader: Equatable, Sendable {
  /// The whole header, the common 20 bytes included.
  package static let byteCount = DataHeader.byteCount
  /// The largest k: chunks that one block covers.
  package static let maxBlockChunkCount = 200
  /// The largest k + parity, for the code works over GF(2^8).
  package static let maxSymbolCount = 255

  /// The first chunk index of the block; bytes 20..<24.
  package var firstChunk: UInt32
  /// When it was sent: microseconds of the sender's clock, low 32 bits; bytes 24..<28.
  package var timestamp: UInt32
  /// The sender's group round-trip time; byte 28.
  package var grttCode: GrttCode
  /// Which repair symbol of the block this is, from 0; with k, at most 254; byte 29.
  package var symbolIndex: UInt8
  /// k, the number of chunks in the block: 1...200; byte 30.
  package var blockChunkCount: UInt8
  /// D: the block is the chunks first, first + D, first + 2 D…: 1...255; byte 31.
  package var blockStride: UInt8

  package init(
    firstChunk: UInt32, timestamp: UInt32, grttCode: GrttCode, symbolIndex: UInt8, blockChunkCount: UInt8,
    blockStride: UInt8
  ) {
    self.firstChunk = firstChunk
    self.timestamp = timestamp
    self.grttCode = grttCode
    self.symbolIndex = symbolIndex
    self.blockChunkCount = blockChunkCount
    self.blockStride = blockStride
  }

  /// Reads the fields of a parity datagram: at least 33 bytes. Does not verify the checksum.
  ///
  /// Throws `truncated`, `fieldOutOfRange`, `beyondSequenceSpace`.
  package static func decode(_ bytes: Span<UInt8>) throws(WireError) -> ParityHeader {
    try bytes.requireAtLeast(byteCount + 1)
    let header = ParityHeader(
      firstChunk: bytes.bigEndianUInt32(at: 20), timestamp: bytes.bigEndianUInt32(at: 24),
      grttCode: GrttCode(rawValue: bytes[28]), symbolIndex: bytes[29], blockChunkCount: bytes[30],
      blockStride: bytes[31])
    guard (1...maxBlockChunkCount).contains(Int(header.blockChunkCount)) else {
      throw .fieldOutOfRange(field: "block chunk count", value: UInt64(header.blockChunkCount))
    }
    guard Int(header.blockChunkCount) + Int(header.symbolIndex) < maxSymbolCount else {
      throw .fieldOutOfRange(field: "symbol index", value: UInt64(header.symbolIndex))
    }
    guard header.blockStride > 0 else { throw .fieldOutOfRange(field: "block stride", value: 0) }
    let steps = UInt64(header.blockChunkCount) - 1
    let end = UInt64(header.firstChunk) + steps * UInt64(header.blockStride) + 1
    guard end <= ChunkRange.sequenceSpace else { throw .beyondSequenceSpace(chunkCount: end) }
    return header
  }

  /// Writes the 32 bytes before a symbol whose CRC32 is `payloadChecksum`, checksum included.
  ///
  /// `header` must have at least 32 bytes; the symbol need not follow it in memory.
  package func write(
    into header: UnsafeMutableRawBufferPointer, sessionID: UInt64, packetNumber: UInt32, flags: DatagramFlags,
    payloadChecksum: UInt32
  ) {
    let common = DatagramHeader(
      type: .parity, flags: flags, sessionID: sessionID, packetNumber: packetNumber, checksum: 0)
    PayloadHeader.write(
      into: header, common: common, chunkIndex: firstChunk, timestamp: timestamp,
      lastBytes: (grttCode.rawValue, symbolIndex, blockChunkCount, blockStride),
      payloadChecksum: payloadChecksum)
  }
}
