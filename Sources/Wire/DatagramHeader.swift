import Ground

/// The first 20 bytes of every datagram, Specs/chunked-udp.md §3.
package struct DatagramHeader: Equatable, Sendable {
  package static let byteCount = 20
  /// Byte 0 of every datagram: 'G'.
  package static let magic: UInt8 = 0x47
  /// Byte 1 of every datagram.
  package static let version: UInt8 = 2
  /// Where the CRC32 stands; these four bytes count as zero when it is computed.
  package static let checksumOffset = 16

  package var type: MessageType
  package var flags: DatagramFlags
  /// Random, chosen by the sender; names the session in every datagram of both directions.
  package var sessionID: UInt64
  /// The low 32 bits of the emitter's count of datagrams in this session; see `PacketNumber.reconstruct`.
  package var packetNumber: UInt32
  /// The CRC32 as it stands in the datagram; see `DatagramChecksum`.
  package var checksum: UInt32

  package init(
    type: MessageType, flags: DatagramFlags, sessionID: UInt64, packetNumber: UInt32, checksum: UInt32
  ) {
    self.type = type
    self.flags = flags
    self.sessionID = sessionID
    self.packetNumber = packetNumber
    self.checksum = checksum
  }
}

extension DatagramHeader {
  /// The session that a datagram names, without a look at anything else; nil when it has no whole header.
  package static func sessionID(of datagram: UnsafeRawBufferPointer) -> UInt64? {
    guard datagram.count >= byteCount else { return nil }
    return UInt64(bigEndian: datagram.loadUnaligned(fromByteOffset: 4, as: UInt64.self))
  }

  /// Reads the header of a datagram of any type, without its checksum being verified.
  ///
  /// Throws `truncated`, `badMagic`, `unknownVersion`, `unknownMessageType`.
  @inline(__always)
  init(decoding bytes: Span<UInt8>) throws(WireError) {
    try bytes.requireAtLeast(Self.byteCount)
    guard bytes[0] == Self.magic else { throw .badMagic(bytes[0]) }
    guard bytes[1] == Self.version else { throw .unknownVersion(bytes[1]) }
    guard let type = MessageType(rawValue: bytes[2]) else { throw .unknownMessageType(bytes[2]) }
    self.type = type
    flags = DatagramFlags(rawValue: bytes[3]).intersection(.known)
    sessionID = bytes.bigEndianUInt64(at: 4)
    packetNumber = bytes.bigEndianUInt32(at: 12)
    checksum = bytes.bigEndianUInt32(at: Self.checksumOffset)
  }

  /// Writes 20 bytes.
  @inline(__always)
  func write(into writer: inout ByteWriter) {
    writer.write(Self.magic)
    writer.write(Self.version)
    writer.write(type.rawValue)
    writer.write(flags.rawValue)
    writer.write(sessionID)
    writer.write(packetNumber)
    writer.write(checksum)
  }
}
