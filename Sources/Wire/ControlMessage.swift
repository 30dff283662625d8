/// Any message of a session but data and parity.
package enum ControlMessage: Equatable, Sendable {
  case announce(Announce)
  case join(Join)
  case nack(Nack)
  case repairNotice(RepairNotice)
  case report(Report)
  case end(End)
  case complete(Complete)
  case close(Close)
  case abort(Abort)

  /// Reads and verifies one datagram.
  ///
  /// Throws any `WireError`; `unexpectedMessageType` for data, parity and invitations, which
  /// `DataDatagram`, `ParityDatagram`, `Invitation` and `InvitationAnswer` read.
  package static func decode(_ bytes: Span<UInt8>) throws(WireError) -> (DatagramHeader, ControlMessage) {
    let header = try Datagram.decodeHeader(bytes)
    let flags = header.flags
    let message: ControlMessage
    switch header.type {
    case .announce: message = .announce(try Announce(decoding: bytes, flags: flags))
    case .join: message = .join(try Join(decoding: bytes, flags: flags))
    case .nack: message = .nack(try Nack(decoding: bytes, flags: flags))
    case .repairNotice: message = .repairNotice(try RepairNotice(decoding: bytes, flags: flags))
    case .report: message = .report(try Report(decoding: bytes, flags: flags))
    case .end: message = .end(try End(decoding: bytes, flags: flags))
    case .complete: message = .complete(try Complete(decoding: bytes, flags: flags))
    case .close: message = .close(try Close(decoding: bytes, flags: flags))
    case .abort: message = .abort(try Abort(decoding: bytes, flags: flags))
    case .data, .parity, .invitation, .invitationAnswer: throw .unexpectedMessageType(header.type)
    }
    return (header, message)
  }

  /// The message itself, whichever it is.
  package var body: any ControlBody {
    switch self {
    case .announce(let body): body
    case .join(let body): body
    case .nack(let body): body
    case .repairNotice(let body): body
    case .report(let body): body
    case .end(let body): body
    case .complete(let body): body
    case .close(let body): body
    case .abort(let body): body
    }
  }

  package var type: MessageType { Swift.type(of: body).type }

  /// The whole datagram's length, header included.
  package var byteCount: Int { body.byteCount }

  /// The datagram, checksum included.
  package func encode(sessionID: UInt64, packetNumber: UInt32, flags: DatagramFlags = []) -> [UInt8] {
    body.encode(sessionID: sessionID, packetNumber: packetNumber, flags: flags)
  }

  /// Writes the datagram, checksum included, to the start of `buffer`; returns the number of bytes written.
  @discardableResult
  package func encode(
    into buffer: UnsafeMutableRawBufferPointer, sessionID: UInt64, packetNumber: UInt32,
    flags: DatagramFlags = []
  ) -> Int {
    body.encode(into: buffer, sessionID: sessionID, packetNumber: packetNumber, flags: flags)
  }
}
