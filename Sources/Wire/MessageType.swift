/// What a datagram is: byte 2 of its header, Specs/chunked-udp.md §4.
package enum MessageType: UInt8, CaseIterable, Sendable {
  /// Sender: the session, the set's identity and its shape.
  case announce = 1
  /// Receiver: it takes part.
  case join = 2
  /// Sender: one chunk.
  case data = 3
  /// Sender: one repair symbol of a block of chunks.
  case parity = 4
  /// Receiver: chunks that it misses.
  case nack = 5
  /// Sender: which packet numbers will carry which repairs.
  case repairNotice = 6
  /// Receiver: what rate control needs.
  case report = 7
  /// Sender: every chunk has been sent.
  case end = 8
  /// Receiver: its outcome.
  case complete = 9
  /// Sender: the receivers whose complete it has.
  case close = 10
  /// Either: the session is over, and why.
  case abort = 11
  /// Sender: looks for receivers. In no session, Specs/invitations.md.
  case invitation = 12
  /// Receiver: where it is. In no session either.
  case invitationAnswer = 13

  /// Data and parity have a 32-byte header and a payload; their CRC32 covers the payload first.
  package var carriesPayload: Bool { self == .data || self == .parity }
}
