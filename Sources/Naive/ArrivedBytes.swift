/// What can be told from the first bytes of what arrived.
package enum ArrivedBytes {
  /// Whether this is a datagram of the chunked protocol, version 1 or 2 (Specs/chunked-udp.md): magic `G`,
  /// the version, and at least its 20-byte header. No JPEG file begins with these bytes.
  package static func isChunkedDatagram(_ bytes: Span<UInt8>) -> Bool {
    bytes.count >= 20 && bytes[0] == 0x47 && (1...2).contains(bytes[1])
  }

  /// Whether these start a JPEG file: the SOI marker and the first byte of the next, ITU-T T.81 §B.1.
  package static func isJPEG(_ bytes: Span<UInt8>) -> Bool {
    bytes.count >= 3 && bytes[0] == 0xFF && bytes[1] == 0xD8 && bytes[2] == 0xFF
  }
}
