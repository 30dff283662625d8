import Ground

/// Why a session ended early: byte 28 of an abort.
package enum AbortReason: Hashable, Sendable {
  /// 0.
  case unspecified
  /// 1: a person ended it.
  case endedByUser
  /// 2: the two sides speak different versions.
  case versionMismatch
  /// 3: a file changed while it was sent.
  case fileChanged
  /// 4: the sender cannot read a file.
  case cannotRead
  /// 5: the receiver cannot store a file.
  case cannotStore
  /// 6: a straggler was left behind.
  case tooSlow
  /// 7: the other side refuses the session.
  case refused
  /// 8: something exceeds a limit.
  case limitExceeded
  /// 9: a fault of the program.
  case `internal`
  /// 10: the other side fell silent.
  case timeout
  /// 11: a receiver hears its group's announces, and not its chunks: it asks for a session of its own.
  case needsUnicast
  /// A reason that version 2 does not know; treat it as unspecified.
  case unknown(UInt8)

  /// The known reasons in the order of their numbers.
  private static let known: [AbortReason] = [
    .unspecified, .endedByUser, .versionMismatch, .fileChanged, .cannotRead, .cannotStore, .tooSlow, .refused,
    .limitExceeded, .internal, .timeout, .needsUnicast,
  ]

  package init(rawValue: UInt8) {
    self = Int(rawValue) < Self.known.count ? Self.known[Int(rawValue)] : .unknown(rawValue)
  }

  package var rawValue: UInt8 {
    switch self {
    case .unspecified: 0
    case .endedByUser: 1
    case .versionMismatch: 2
    case .fileChanged: 3
    case .cannotRead: 4
    case .cannotStore: 5
    case .tooSlow: 6
    case .refused: 7
    case .limitExceeded: 8
    case .internal: 9
    case .timeout: 10
    case .needsUnicast: 11
    case .unknown(let value): value
    }
  }
}

/// The session is over, and why; Specs/chunked-udp.md §4.11.
package struct Abort: ControlBody {
  package static let type = MessageType.abort
  package static let maxTextByteCount = 200

  /// From a receiver: its own id. From the sender: the id of the receiver that is meant, or 0 for all; bytes
  /// 20..<28.
  package var receiverID: UInt64
  /// Byte 28.
  package var reason: AbortReason
  /// For people: UTF-8, ≤ 200 bytes; its byte count is byte 29. Escape control characters before it is shown.
  package let text: String

  /// A `text` longer than 200 bytes is cut between two characters.
  package init(receiverID: UInt64, reason: AbortReason, text: String = "") {
    self.receiverID = receiverID
    self.reason = reason
    self.text = WireText.clipped(text, byteCount: Self.maxTextByteCount)
  }

  package var byteCount: Int { 30 + text.utf8.count }

  package init(decoding bytes: Span<UInt8>, flags: DatagramFlags) throws(WireError) {
    let text = try WireText.decode(bytes, at: 29, maxByteCount: Self.maxTextByteCount, field: "abort text")
    self.init(
      receiverID: bytes.bigEndianUInt64(at: 20), reason: AbortReason(rawValue: bytes[28]), text: text)
  }

  package func writeBody(into body: UnsafeMutableRawBufferPointer) {
    var writer = ByteWriter(body)
    writer.write(receiverID)
    writer.write(reason.rawValue)
    WireText.write(text, into: &writer)
  }
}
