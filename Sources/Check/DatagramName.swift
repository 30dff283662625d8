package import Wire

/// A datagram by its contents, and not by the time at which it came: the same datagram has the same name in
/// each run.
///
/// A packet number is no such name, because a sender announces once more when its receiver starts slowly.
package struct DatagramName: Hashable, Sendable {
  package var isFromSender: Bool
  /// Nil for a datagram of another protocol than the chunked one.
  package var kind: MessageType?
  /// Of data: which chunk.
  package var chunk: UInt32?
  /// Counted from 1 among the datagrams of this direction, kind and chunk; of the naive protocol from 0, as
  /// in Specs/naive.md.
  package var ordinal: Int

  package init(isFromSender: Bool, kind: MessageType?, chunk: UInt32? = nil, ordinal: Int) {
    self.isFromSender = isFromSender
    self.kind = kind
    self.chunk = chunk
    self.ordinal = ordinal
  }
}

extension DatagramName: CustomStringConvertible {
  package var description: String {
    guard let kind else { return "datagram \(ordinal)" }
    guard let chunk else { return "\(kind.checkText) \(ordinal)" }
    return ordinal == 1 ? "chunk \(chunk)" : "chunk \(chunk), sending \(ordinal)"
  }
}

extension DatagramName: Comparable {
  /// The order in which people read them: what the sender sends is first.
  package static func < (a: DatagramName, b: DatagramName) -> Bool { a.key.lexicographicallyPrecedes(b.key) }

  /// Numbers that say all of it.
  var key: [UInt64] {
    [isFromSender ? 0 : 1, UInt64(kind?.rawValue ?? 0), UInt64(chunk ?? 0), UInt64(clamping: ordinal)]
  }
}

extension MessageType {
  /// In sentences.
  var checkText: String {
    switch self {
    case .announce: "announce"
    case .join: "join"
    case .data: "data"
    case .parity: "parity"
    case .nack: "NACK"
    case .repairNotice: "repair notice"
    case .report: "report"
    case .end: "end"
    case .complete: "complete"
    case .close: "close"
    case .abort: "abort"
    case .invitation: "invitation"
    case .invitationAnswer: "answer to an invitation"
    }
  }
}

/// Gives the datagrams of a run their names.
struct DatagramNames {
  private var counts: [DatagramName: Int] = [:]
  private var kindCounts: [DatagramName: Int] = [:]

  /// The name of the next datagram, and its place from 1 among those of its kind.
  mutating func next(_ datagram: [UInt8], isFromSender: Bool) -> (name: DatagramName, place: Int) {
    let kind = CheckedDatagram.kind(datagram)
    var name = DatagramName(isFromSender: isFromSender, kind: kind, ordinal: 0)
    let place = kindCounts[name, default: 0] + 1
    kindCounts[name] = place
    if kind == .data { name.chunk = CheckedDatagram.chunk(datagram) }
    let count = counts[name, default: 0]
    counts[name] = count + 1
    name.ordinal = kind == nil ? count : count + 1
    return (name, place)
  }
}
