/// A verified data datagram: the per-datagram path of a receiver. Nothing here allocates.
package struct DataDatagram: Equatable, Sendable {
  package var flags: DatagramFlags
  package var sessionID: UInt64
  /// The low 32 bits; see `PacketNumber.reconstruct`.
  package var packetNumber: UInt32
  package var chunkIndex: UInt32
  /// Microseconds of the sender's clock, low 32 bits.
  package var timestamp: UInt32
  package var grttCode: GrttCode
  /// Where the payload stands in the datagram's bytes; never empty.
  package var payload: Range<Int>
  /// The CRC32 of the payload alone, to be joined into the file's.
  package var payloadChecksum: UInt32

  package init(
    flags: DatagramFlags, sessionID: UInt64, packetNumber: UInt32, chunkIndex: UInt32, timestamp: UInt32,
    grttCode: GrttCode, payload: Range<Int>, payloadChecksum: UInt32
  ) {
    self.flags = flags
    self.sessionID = sessionID
    self.packetNumber = packetNumber
    self.chunkIndex = chunkIndex
    self.timestamp = timestamp
    self.grttCode = grttCode
    self.payload = payload
    self.payloadChecksum = payloadChecksum
  }

  /// Reads and verifies a data datagram.
  ///
  /// Throws `truncated`, `badMagic`, `unknownVersion`, `unknownMessageType`, `unexpectedMessageType`,
  /// `checksumMismatch`.
  package static func decode(_ bytes: Span<UInt8>) throws(WireError) -> DataDatagram {
    let header = try DatagramHeader(decoding: bytes)
    guard header.type == .data else { throw .unexpectedMessageType(header.type) }
    let fields = try DataHeader.decode(bytes)
    let payloadChecksum = try DatagramChecksum.verifyData(bytes)
    return DataDatagram(
      flags: header.flags, sessionID: header.sessionID, packetNumber: header.packetNumber,
      chunkIndex: fields.chunkIndex, timestamp: fields.timestamp, grttCode: fields.grttCode,
      payload: DataHeader.byteCount..<bytes.count, payloadChecksum: payloadChecksum)
  }
}

/// A verified parity datagram. Nothing here allocates.
package struct ParityDatagram: Equatable, Sendable {
  package var flags: DatagramFlags
  package var sessionID: UInt64
  /// The low 32 bits; see `PacketNumber.reconstruct`.
  package var packetNumber: UInt32
  package var fields: ParityHeader
  /// Where the symbol stands in the datagram's bytes; never empty.
  package var payload: Range<Int>
  /// The CRC32 of the symbol alone.
  package var payloadChecksum: UInt32

  package init(
    flags: DatagramFlags, sessionID: UInt64, packetNumber: UInt32, fields: ParityHeader, payload: Range<Int>,
    payloadChecksum: UInt32
  ) {
    self.flags = flags
    self.sessionID = sessionID
    self.packetNumber = packetNumber
    self.fields = fields
    self.payload = payload
    self.payloadChecksum = payloadChecksum
  }

  /// Reads and verifies a parity datagram.
  ///
  /// Throws `truncated`, `badMagic`, `unknownVersion`, `unknownMessageType`, `unexpectedMessageType`,
  /// `checksumMismatch`, `fieldOutOfRange`, `beyondSequenceSpace`.
  package static func decode(_ bytes: Span<UInt8>) throws(WireError) -> ParityDatagram {
    let header = try DatagramHeader(decoding: bytes)
    guard header.type == .parity else { throw .unexpectedMessageType(header.type) }
    let payloadChecksum = try DatagramChecksum.verifyData(bytes)
    let fields = try ParityHeader.decode(bytes)
    return ParityDatagram(
      flags: header.flags, sessionID: header.sessionID, packetNumber: header.packetNumber, fields: fields,
      payload: ParityHeader.byteCount..<bytes.count, payloadChecksum: payloadChecksum)
  }
}
