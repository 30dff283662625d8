import Datagrams
import Ground
import NIOCore
import Network
import Session
import Wire

/// Messages of other sessions than the one under way. They are not in its account.
extension UDPReceiveHandler {
  /// Whether an announce is not signed by a sender that is trusted here. It is not heard then.
  func refuses(_ announce: Announce, _ header: DatagramHeader, from: SocketAddress?, now: Instant) -> Bool {
    switch signatures.judge(announce, header, from: from?.text ?? "?", now: now) {
    case .admitted: return false
    case .refused(let text):
      if let text, machine.phase == .listening { onEvent(.stranger(text)) }
      return true
    }
  }

  /// A sender that was started anew is heard beside the old one's last datagrams. When both are heard after
  /// this time, they are two senders.
  private static let twoSendersNanoseconds: Nanoseconds = .milliseconds(1_500)

  func countBad(_ error: WireError, _ datagram: UnsafeRawBufferPointer) {
    let isCorrupt = UnreadableDatagram.isCorrupt(datagram, error, sessionID: machine.sessionID)
    counters.countUnreadable(byteCount: datagram.count, isCorrupt: isCorrupt)
  }

  /// Answers the announce of another session, when that is due.
  func answerOther(
    _ message: ControlMessage, header: DatagramHeader, byteCount: Int, to address: SocketAddress, now: Instant
  ) {
    if isRefusal(message, header: header) { return }
    if isSameSet(message, header: header), !isSecondSender(header.sessionID, now: now) {
      return giveWay(now: now)
    }
    // Its packet numbers may be used with the key of that session already.
    guard seal == nil else { return }
    let answer = busyAnswer.datagram(
      to: message, header: header, byteCount: byteCount, machine: machine, now: now)
    guard let answer else { return }
    writer.write(ByteBuffer(bytes: answer), segmentByteCount: answer.count, to: address)
  }

  /// Whether another session of the set is announced, in which no other receiver is concerned.
  private func isSameSet(_ message: ControlMessage, header: DatagramHeader) -> Bool {
    guard case .announce(let other) = message, header.sessionID != machine.sessionID,
      machine.phase == .receiving, let announce = machine.announce
    else { return false }
    return other.setIdentity == announce.setIdentity
      && other.options.union(announce.options).isDisjoint(with: [.group, .oneWay])
  }

  /// Whether the announced session is that of a second sender, beside the one that is heard.
  private func isSecondSender(_ sessionID: UInt64, now: Instant) -> Bool {
    if successor?.sessionID != sessionID { successor = (sessionID, now) }
    guard let firstAt = successor?.firstAt, now - firstAt >= Self.twoSendersNanoseconds else { return false }
    return !filter.isQuiet(for: SenderFilter.quietNanoseconds, now: now)
  }

  /// To a sender that was started anew, which repeats its announce. Until the old one was silent for long
  /// enough, there is no answer.
  private func giveWay(now: Instant) {
    guard filter.isQuiet(for: SenderFilter.quietNanoseconds, now: now) else { return }
    isSuperseded = true
    machine.cancel(reason: .timeout, text: "the sender was started anew", now: now)
  }
}
