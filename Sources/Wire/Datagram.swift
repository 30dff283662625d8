/// Reading a datagram of which nothing is known yet.
package enum Datagram {
  /// Reads the header: magic, version, type, length, and the checksum of every type but data and parity.
  ///
  /// Data and parity are verified by `DataDatagram`, `ParityDatagram` or `DatagramChecksum.verifyData`, which
  /// also give the payload's CRC32. Throws `truncated`, `badMagic`, `unknownVersion`, `unknownMessageType`,
  /// `checksumMismatch`.
  package static func decodeHeader(_ bytes: Span<UInt8>) throws(WireError) -> DatagramHeader {
    let header = try DatagramHeader(decoding: bytes)
    if header.type.carriesPayload {
      try bytes.requireAtLeast(DataHeader.byteCount + 1)
    } else {
      try DatagramChecksum.verifyControl(bytes)
    }
    return header
  }

  /// The type alone, to choose a decoder: checks magic, version and type, nothing else.
  @inline(__always)
  package static func type(of bytes: Span<UInt8>) throws(WireError) -> MessageType {
    try bytes.requireAtLeast(DatagramHeader.byteCount)
    guard bytes[0] == DatagramHeader.magic else { throw .badMagic(bytes[0]) }
    guard bytes[1] == DatagramHeader.version else { throw .unknownVersion(bytes[1]) }
    guard let type = MessageType(rawValue: bytes[2]) else { throw .unknownMessageType(bytes[2]) }
    return type
  }
}
