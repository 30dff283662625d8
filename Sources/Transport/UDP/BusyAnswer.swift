import Ground
import Session
import Wire

/// What a receiver with a session under way answers to another sender: else that one hears nothing and tells
/// its user that nobody is listening.
///
/// The answer is an abort in the other's session, shorter than the announce, and sent at most four times a
/// second: it is of no use to somebody who forges the announce's source.
struct BusyAnswer {
  /// A sender knows the answer by it.
  static let text = "busy with another session"
  private static let intervalNanoseconds: Nanoseconds = .milliseconds(250)

  private let receiverID: UInt64
  private var nextAt = Instant.zero
  private var packetNumber: UInt32 = 0

  init(receiverID: UInt64) { self.receiverID = receiverID }

  /// The datagram that answers this one of another session; nil when none is due.
  ///
  /// Groups get none: a group's sender serves those who are free, and all who are not would answer at once.
  mutating func datagram(
    to message: ControlMessage, header: DatagramHeader, byteCount: Int, machine: ReceiverMachine, now: Instant
  ) -> [UInt8]? {
    guard case .announce(let announce) = message, header.sessionID != machine.sessionID,
      machine.phase == .receiving, now >= nextAt,
      announce.options.isDisjoint(with: [.group, .oneWay])
    else { return nil }
    let abort = Abort(receiverID: receiverID, reason: .refused, text: Self.text)
    guard abort.byteCount <= byteCount else { return nil }
    nextAt = now + Self.intervalNanoseconds
    packetNumber &+= 1
    return ControlMessage.abort(abort).encode(sessionID: header.sessionID, packetNumber: packetNumber)
  }
}
