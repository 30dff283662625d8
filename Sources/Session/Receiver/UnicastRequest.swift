package import Ground
import Wire

/// A receiver that hears a group and gets none of its chunks leaves the group, and asks its sender for a
/// session of its own, Specs/chunked-udp.md §6.14. It asks from the socket that is to be served, again and
/// again, until this session begins.
package struct UnicastRequest: Sendable {
  /// The second request follows after this time, each later one after twice the time before it.
  private static let firstInterval: Nanoseconds = .milliseconds(100)
  private static let countLimit = 6

  /// The group's session.
  package let sessionID: UInt64
  package let receiverID: UInt64
  /// What was found, for people on both sides. Long enough for a request to be no shorter than the announce
  /// that answers it.
  package let reason: String
  private var packetNumber: UInt64
  private var credit: AnswerCredit
  private var count = 0

  init(
    sessionID: UInt64, receiverID: UInt64, packetNumber: UInt64, credit: AnswerCredit,
    finding: GroupHearing.Finding
  ) {
    self.sessionID = sessionID
    self.receiverID = receiverID
    self.packetNumber = packetNumber
    self.credit = credit
    let tenths = finding.nanoseconds / .milliseconds(100)
    reason =
      "the group's announces arrived, but only \(finding.arrived) of its "
      + "\(finding.missing + finding.arrived) other packets in \(tenths / 10).\(tenths % 10) s"
  }

  /// The next request, and the time until the one behind it; nil when there is none: the credit of the
  /// group's session is used up, or nobody answers.
  package mutating func next() -> (transmission: ReceiverTransmission, wait: Nanoseconds)? {
    let abort = Abort(receiverID: receiverID, reason: .needsUnicast, text: reason)
    guard count < Self.countLimit, credit.allows(abort.byteCount) else { return nil }
    credit.noteSent(byteCount: abort.byteCount)
    defer {
      packetNumber += 1
      count += 1
    }
    let transmission = ReceiverTransmission(
      sessionID: sessionID, message: .abort(abort), flags: [],
      packetNumber: UInt32(truncatingIfNeeded: packetNumber))
    return (transmission, Self.firstInterval << UInt64(count))
  }
}

extension UnicastRequest: Equatable {
  package static func == (a: UnicastRequest, b: UnicastRequest) -> Bool {
    (a.sessionID, a.receiverID, a.packetNumber, a.count) == (
      b.sessionID, b.receiverID, b.packetNumber, b.count
    )
      && a.reason == b.reason
  }
}
