import Datagrams
import Ground
import NIOCore
import Session
import Wire

/// Messages of other sessions than the one under way. They are not in its account.
extension UDPReceiveHandler {
  /// A sender that was not heard for this time may have been started anew.
  private static let stillNanoseconds: Nanoseconds = .milliseconds(250)

  /// Answers the announce of another session, when that is due.
  func answerOther(
    _ message: ControlMessage, header: DatagramHeader, byteCount: Int, to address: SocketAddress, now: Instant
  ) {
    guard !isSuccessor(message, header: header, now: now) else { return giveWay(now: now) }
    let answer = busyAnswer.datagram(
      to: message, header: header, byteCount: byteCount, machine: machine, now: now)
    guard let answer else { return }
    writer.write(ByteBuffer(bytes: answer), segmentByteCount: answer.count, to: address)
  }

  /// Whether the sender was started anew with the same set: it announces another session of it, and the
  /// sender of this one is silent. In unicast no other receiver is concerned.
  private func isSuccessor(_ message: ControlMessage, header: DatagramHeader, now: Instant) -> Bool {
    guard case .announce(let other) = message, header.sessionID != machine.sessionID,
      machine.phase == .receiving, let announce = machine.announce
    else { return false }
    return other.setIdentity == announce.setIdentity
      && other.options.union(announce.options).isDisjoint(with: [.group, .oneWay])
      && filter.isQuiet(for: Self.stillNanoseconds, now: now)
  }

  /// The successor repeats its announce: until the old sender was silent for long enough, it gets no answer.
  private func giveWay(now: Instant) {
    guard filter.isQuiet(for: SenderFilter.quietNanoseconds, now: now) else { return }
    isSuperseded = true
    machine.cancel(reason: .timeout, text: "the sender was started anew", now: now)
  }
}
