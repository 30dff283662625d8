import Accounting
import Datagrams
import Ground
import NIOCore
import Session
import Wire

/// A receiver that senders find by invitation. Invitations are of no session, and answers are in no session's
/// account.
extension UDPReceiveHandler {
  /// Whether this is an invitation. It is counted as foreign.
  func receiveInvitation(
    _ datagram: UnsafeRawBufferPointer, from: SocketAddress?, now: Instant
  ) -> Bool {
    guard invitations != nil, datagram.count > 2, datagram[2] == MessageType.invitation.rawValue,
      let (header, invitation) = try? Invitation.decode(
        datagram.assumingMemoryBound(to: UInt8.self).span)
    else { return false }
    counters.foreign.add(byteCount: datagram.count)
    if let from, let wait = invitations?.take(invitation, header: header, from: from, now: now) {
      loop.schedule(after: wait) { [weak self] in self?.answerInvitation(at: from) }
    }
    return true
  }

  private func answerInvitation(at address: SocketAddress) {
    guard loop.isOpen, let answer = invitations?.answer(to: address, isBusy: machine.isBusy) else { return }
    writer.write(ByteBuffer(bytes: answer), segmentByteCount: answer.count, to: address)
  }
}
