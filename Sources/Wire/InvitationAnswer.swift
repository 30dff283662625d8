import Ground

/// A receiver that was invited says where and who it is; Specs/invitations.md §4.
///
/// The header repeats the search's id and the number of the round.
package struct InvitationAnswer: Equatable, Sendable {
  package static let maximumByteCount = 41 + Join.maxHostNameByteCount

  /// ``Room/digest``; bytes 20..<28.
  package var room: UInt64
  /// The id with which the receiver would join a session; not 0; bytes 28..<36.
  package var receiverID: UInt64
  /// The ways by which this search's invitations arrived from this address; byte 36.
  package var ways: Invitation.Ways
  /// It has a session and takes no other; byte 37: 0 or 1. A reader takes any other value for 1.
  package var isBusy: Bool
  /// Where it accepts connections; 0: nowhere; bytes 38..<40.
  package var tcpPort: UInt16
  /// As that of a join: UTF-8, ≤ 64 bytes; its byte count is byte 40. Escape control characters before it is
  /// shown.
  package let hostName: String

  /// A `hostName` longer than 64 bytes is cut between two characters.
  package init(
    room: UInt64, receiverID: UInt64, ways: Invitation.Ways, isBusy: Bool, tcpPort: UInt16, hostName: String
  ) {
    self.room = room
    self.receiverID = receiverID
    self.ways = ways
    self.isBusy = isBusy
    self.tcpPort = tcpPort
    self.hostName = WireText.clipped(hostName, byteCount: Join.maxHostNameByteCount)
  }
}

extension InvitationAnswer: ControlBody {
  package static let type = MessageType.invitationAnswer

  package var byteCount: Int { 41 + hostName.utf8.count }

  package init(decoding bytes: Span<UInt8>, flags: DatagramFlags) throws(WireError) {
    let hostName = try WireText.decode(
      bytes, at: 40, maxByteCount: Join.maxHostNameByteCount, field: "host name")
    self.init(
      room: bytes.bigEndianUInt64(at: 20), receiverID: bytes.bigEndianUInt64(at: 28),
      ways: Invitation.Ways(rawValue: bytes[36]).intersection(.known), isBusy: bytes[37] != 0,
      tcpPort: bytes.bigEndianUInt16(at: 38), hostName: hostName)
    guard receiverID != 0 else { throw .fieldOutOfRange(field: "receiver id", value: 0) }
    guard !ways.isEmpty else { throw .fieldOutOfRange(field: "ways", value: UInt64(bytes[36])) }
  }

  package func writeBody(into body: UnsafeMutableRawBufferPointer) {
    var writer = ByteWriter(body)
    writer.write(room)
    writer.write(receiverID)
    writer.write(ways.rawValue)
    writer.write(UInt8(isBusy ? 1 : 0))
    writer.write(tcpPort)
    WireText.write(hostName, into: &writer)
  }

  /// Reads and verifies one datagram. Throws any `WireError`.
  package static func decode(_ bytes: Span<UInt8>) throws(WireError) -> (DatagramHeader, InvitationAnswer) {
    let header = try Datagram.decodeHeader(bytes)
    guard header.type == type else { throw .unexpectedMessageType(header.type) }
    return (header, try InvitationAnswer(decoding: bytes, flags: header.flags))
  }
}
