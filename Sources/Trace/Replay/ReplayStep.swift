/// One datagram of a trace, as a replay keeps it: small, because a trace may have millions.
struct ReplayStep: Sendable {
  enum Event: UInt8, Sendable { case sent, received, droppedOutgoing, droppedIncoming, damaged }

  enum Kind: UInt8, Sendable {
    case data, parity, nack, report, end, announce, join, repairNotice, complete, close, abort, other

    init(_ name: String?) {
      self =
        switch name {
        case "data": .data
        case "parity": .parity
        case "nack": .nack
        case "report": .report
        case "end": .end
        case "announce": .announce
        case "join": .join
        case "repair_notice": .repairNotice
        case "complete": .complete
        case "close": .close
        case "abort": .abort
        default: .other
        }
    }

    /// As the text of a step says it.
    var name: String {
      switch self {
      case .data: "data"
      case .parity: "parity"
      case .nack: "NACK"
      case .report: "report"
      case .end: "end"
      case .announce: "announce"
      case .join: "join"
      case .repairNotice: "repair notice"
      case .complete: "complete"
      case .close: "close"
      case .abort: "abort"
      case .other: "datagram"
      }
    }
  }

  /// Milliseconds of the trace's clock.
  var milliseconds: Double
  var packetNumber: UInt32
  /// Data: the chunk. Parity: the first chunk of its block. NACK: its ordinal, from 1.
  var chunk: UInt32 = 0
  /// Packet numbers that are missing right before this one.
  var gap: UInt32 = 0
  /// The place of its first effect. Those of the next step follow.
  var firstEffect: UInt32 = 0
  var byteCount: UInt16
  var event: Event
  var kind: Kind
  var symbol: UInt8 = 0
  var isRepair = false
  /// Later packet numbers were here before it.
  var isLate = false

  var isOutgoing: Bool { event == .sent || event == .droppedOutgoing }
  var isLost: Bool { event == .droppedOutgoing || event == .droppedIncoming || event == .damaged }
}

/// What happened to chunks right after a datagram.
struct ReplayEffect: Sendable {
  enum Kind: UInt8, Sendable {
    case asked, resumed, rebuilt, forgotten
    /// Every receiver has everything: nothing is asked for any more.
    case settled
    /// The session begins, perhaps anew with another size of chunks.
    case began
  }

  var kind: Kind
  var first: UInt32 = 0
  var count: UInt32 = 0

  /// Within a set of this number of chunks.
  func chunks(of chunkCount: UInt64) -> Range<UInt64> {
    let first = min(UInt64(first), chunkCount)
    return first..<min(chunkCount, first + UInt64(count))
  }
}
