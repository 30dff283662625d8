import Wire

/// What a trace says of one datagram, read from its bytes.
struct DatagramSummary {
  /// The type's name in the trace; "unknown" for a datagram of another protocol.
  var typeName: String
  /// As in the header: the low 32 bits.
  var packetNumber: UInt32?
  var byteCount: Int
  /// Data: the chunk. Parity: the first chunk of its block.
  var chunkIndex: UInt32?
  var symbolIndex: UInt8?
  var isRepair = false
  /// The message of a NACK, report or end; nil for other types, about which a trace says no more.
  var message: ControlMessage?

  /// Reads a datagram without verifying it.
  init(_ bytes: UnsafeRawBufferPointer) {
    byteCount = bytes.count
    guard bytes.count >= DatagramHeader.byteCount, bytes[0] == DatagramHeader.magic,
      let type = MessageType(rawValue: bytes[2])
    else {
      typeName = "unknown"
      return
    }
    typeName = Self.name(type)
    packetNumber = Self.word(bytes, at: 12)
    isRepair = type.carriesPayload && DatagramFlags(rawValue: bytes[3]).contains(.repair)
    if type.carriesPayload, bytes.count > DataHeader.byteCount {
      chunkIndex = Self.word(bytes, at: 20)
      if type == .parity { symbolIndex = bytes[29] }
    } else if type == .nack || type == .report || type == .end {
      let span = Span<UInt8>(_unsafeElements: bytes.assumingMemoryBound(to: UInt8.self))
      message = (try? ControlMessage.decode(span))?.1
    }
  }

  /// Why a reader of this version refuses the datagram, in the words of `WireError`; nil when it accepts it.
  /// While no session is known, a datagram of any session is accepted.
  static func refusal(_ bytes: UnsafeRawBufferPointer, sessionID: UInt64?) -> String? {
    let span = Span<UInt8>(_unsafeElements: bytes.assumingMemoryBound(to: UInt8.self))
    do throws(WireError) {
      let header = try Datagram.decodeHeader(span)
      if header.type.carriesPayload { _ = try DatagramChecksum.verifyData(span) }
      return sessionID == nil || header.sessionID == sessionID ? nil : "other_session"
    } catch { return error.name }
  }

  static func name(_ type: MessageType) -> String {
    switch type {
    case .announce: "announce"
    case .join: "join"
    case .data: "data"
    case .parity: "parity"
    case .nack: "nack"
    case .repairNotice: "repair_notice"
    case .report: "report"
    case .end: "end"
    case .complete: "complete"
    case .close: "close"
    case .abort: "abort"
    case .invitation: "invitation"
    case .invitationAnswer: "invitation_answer"
    }
  }

  private static func word(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> UInt32 {
    UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }
}
