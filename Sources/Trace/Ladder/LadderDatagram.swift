/// One datagram of a session, as the traces of both sides tell it, or that of one side.
///
/// Times are milliseconds of the sender's clock, or of the only trace's, since the session began there.
package struct LadderDatagram: Sendable {
  /// Where a datagram was lost, and why.
  package enum Loss: Hashable, Sendable {
    /// The emitter's own impairment took it.
    case leaving
    /// One side sent it, and the other side has not received it: the network, or a socket's buffer.
    case underway
    /// The impairment of the side that it reached took it.
    case arriving
    /// It arrived, but was not sound.
    case damaged
  }

  package var isFromSender: Bool
  /// As in the trace: "data", "nack", "repair_notice", …
  package var type: String
  package var packetNumber: UInt64
  /// Data: the chunk. Parity: the first chunk of its block.
  package var chunk: UInt64?
  package var isRepair = false
  /// What a NACK asks for.
  package var ranges: [ClosedRange<UInt64>] = []
  /// The receiver that sent it, or nil when the sender's trace does not say which one did.
  package var receiver: String?
  /// Nil when no trace says it.
  package var sentAt: Double?
  package var arrivedAt: Double?
  /// When it was lost at the side that it had reached.
  package var lostAt: Double?
  package var loss: Loss?

  /// When it first appears in a trace.
  package var firstAt: Double { sentAt ?? arrivedAt ?? lostAt ?? 0 }
  package var lastAt: Double { max(sentAt ?? firstAt, arrivedAt ?? firstAt, lostAt ?? firstAt) }
  package var isLost: Bool { loss != nil }
  /// Whether it repairs: a chunk that is sent again, or a symbol that was requested.
  var isData: Bool { type == "data" || type == "parity" }

  /// As people read the type.
  var name: String {
    switch type {
    case "data": isRepair ? "repair" : "data"
    case "parity": isRepair ? "parity repair" : "parity"
    case "nack": "NACK"
    case "repair_notice": "repair notice"
    default: type
    }
  }
}
