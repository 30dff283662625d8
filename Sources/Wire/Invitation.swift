import Ground

/// A sender looks for the receivers of a room on its link; Specs/invitations.md §3.
///
/// The header's session id names the search: it is random, not 0. Its packet number is that of the round.
package struct Invitation: Equatable, Sendable {
  /// No answer is longer, so that nobody gains bytes by forging the source of an invitation.
  package static let byteCount = 128
  package static let maximumSpreadMilliseconds: UInt16 = 2_000

  /// How an invitation was sent: byte 30.
  package struct Ways: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// To the room's group.
    package static let group = Ways(rawValue: 1)
    /// To the broadcast address of a link.
    package static let broadcast = Ways(rawValue: 2)
    package static let known: Ways = [.group, .broadcast]
  }

  /// ``Room/digest``; bytes 20..<28.
  package var room: UInt64
  /// Receivers spread their answers over this time; bytes 28..<30. A receiver takes
  /// `maximumSpreadMilliseconds` for anything above it.
  package var spreadMilliseconds: UInt16
  /// One of the known ways; byte 30.
  package var way: Ways

  package init(room: UInt64, spreadMilliseconds: UInt16, way: Ways) {
    self.room = room
    self.spreadMilliseconds = spreadMilliseconds
    self.way = way
  }
}

extension Invitation: ControlBody {
  package static let type = MessageType.invitation

  package var byteCount: Int { Self.byteCount }

  /// The bytes behind the fields are zero; a reader does not look at them.
  package init(decoding bytes: Span<UInt8>, flags: DatagramFlags) throws(WireError) {
    try bytes.requireExactly(Self.byteCount)
    room = bytes.bigEndianUInt64(at: 20)
    spreadMilliseconds = min(bytes.bigEndianUInt16(at: 28), Self.maximumSpreadMilliseconds)
    way = Ways(rawValue: bytes[30])
    guard way == .group || way == .broadcast else {
      throw .fieldOutOfRange(field: "way", value: UInt64(bytes[30]))
    }
  }

  package func writeBody(into body: UnsafeMutableRawBufferPointer) {
    body.initializeMemory(as: UInt8.self, repeating: 0)
    var writer = ByteWriter(body)
    writer.write(room)
    writer.write(spreadMilliseconds)
    writer.write(way.rawValue)
  }

  /// Reads and verifies one datagram. Throws any `WireError`.
  package static func decode(_ bytes: Span<UInt8>) throws(WireError) -> (DatagramHeader, Invitation) {
    let header = try Datagram.decodeHeader(bytes)
    guard header.type == type else { throw .unexpectedMessageType(header.type) }
    return (header, try Invitation(decoding: bytes, flags: header.flags))
  }
}
