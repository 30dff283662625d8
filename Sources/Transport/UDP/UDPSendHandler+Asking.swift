import Datagrams
import FileSet
import Ground
import NIOCore
import Session
import Wire

/// Members of a group that ask for unicast, at the sender's driver. What is said to them before their own
/// session begins is in no session's account.
extension UDPSendHandler {
  /// Handles a request, or the join that follows it. The machine has had the message.
  func answerAsking(
    _ message: ControlMessage, header: DatagramHeader, byteCount: Int, from: () -> SocketAddress?,
    now: Instant
  ) {
    guard let own = asking?.sessionID else { return }
    switch message {
    case .abort(let abort) where abort.reason == .needsUnicast && header.sessionID == own:
      guard let address = from(), isMember(abort.receiverID) else { return }
      switch asking?.request(from: abort.receiverID, at: address, now: now) {
      case .announce(let sessionID): announce(sessionID, to: address, within: byteCount, now: now)
      case .refuse: refuse(abort.receiverID, to: address, within: byteCount)
      case .some(.none), nil: break
      }
    case .join where header.sessionID != own:
      guard let address = from(), let id = asking?.takeJoin(of: header.sessionID, from: address) else {
        return
      }
      onSide?(id, header.sessionID, address)
    default: break
    }
  }

  /// It has taken part in the group, and left it for this reason.
  private func isMember(_ receiverID: UInt64) -> Bool {
    guard let peer = machine.peer(receiverID), case .left(.needsUnicast, _) = peer.outcome else {
      return false
    }
    return !peer.hostName.isEmpty || peer.hasReported
  }

  private func announce(_ sessionID: UInt64, to address: SocketAddress, within byteCount: Int, now: Instant) {
    var announce = source.candidate(source.shape, isGroup: false).announce
    announce.timestamp = now.timestamp
    write(.announce(announce), sessionID: sessionID, flags: .provisional, to: address, within: byteCount)
  }

  private func refuse(_ receiverID: UInt64, to address: SocketAddress, within byteCount: Int) {
    let abort = Abort(receiverID: receiverID, reason: .limitExceeded, text: Self.refusalText)
    write(.abort(abort), sessionID: machine.sessionID, flags: [], to: address, within: byteCount)
  }

  static let refusalText = "\(UnicastAsking.limits.atOnce) are served by unicast already"

  /// No answer is longer than the request.
  private func write(
    _ message: ControlMessage, sessionID: UInt64, flags: DatagramFlags, to address: SocketAddress,
    within byteCount: Int
  ) {
    guard message.byteCount <= byteCount else { return }
    let bytes = message.encode(sessionID: sessionID, packetNumber: 0, flags: flags)
    writer.write(ByteBuffer(bytes: bytes), segmentByteCount: bytes.count, to: address)
  }

  /// When the loop goes on although the session is over: a member has asked for its own session, and has not
  /// joined it yet.
  var awaitsMember: Bool { (asking?.awaitedUntil ?? .zero) > clock.now }
}
