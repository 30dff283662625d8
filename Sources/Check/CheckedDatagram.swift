import Checksum
import Ground
package import Wire

/// Reads and changes the bytes of a datagram of the chunked protocol.
package enum CheckedDatagram {
  /// Nil when it is no datagram of the chunked protocol.
  package static func kind(_ datagram: [UInt8]) -> MessageType? { try? Datagram.type(of: datagram.span) }

  /// Of data.
  package static func chunk(_ datagram: [UInt8]) -> UInt32? {
    datagram.count > DataHeader.byteCount ? datagram.span.bigEndianUInt32(at: 20) : nil
  }

  package static func sessionID(_ datagram: [UInt8]) -> UInt64 { datagram.span.bigEndianUInt64(at: 4) }

  package static func packetNumber(_ datagram: [UInt8]) -> UInt32 { datagram.span.bigEndianUInt32(at: 12) }

  /// Puts bytes in place of those from `offset` on, as many as there are.
  package static func put(_ bytes: some Collection<UInt8>, into datagram: inout [UInt8], at offset: Int) {
    for (place, byte) in zip(offset..<datagram.count, bytes) { datagram[place] = byte }
  }

  /// Puts the CRC32 of a changed datagram in its place, Specs/chunked-udp.md §3.2.
  package static func sign(_ datagram: inout [UInt8]) {
    let hasPayload = datagram.count > 2 && MessageType(rawValue: datagram[2])?.carriesPayload == true
    let headerByteCount = hasPayload ? DataHeader.byteCount : DatagramHeader.byteCount
    guard datagram.count >= headerByteCount else { return }
    put([0, 0, 0, 0], into: &datagram, at: DatagramHeader.checksumOffset)
    let body = CRC32.checksum(Array(datagram[headerByteCount...]).span)
    var checksum: [UInt8] = []
    checksum.appendBigEndian(CRC32.checksum(Array(datagram[..<headerByteCount]).span, continuing: body))
    put(checksum, into: &datagram, at: DatagramHeader.checksumOffset)
  }
}
