import FileSet
import Ground
import NIOCore
import Network
import Session
import Wire

/// What a group's sender says of the members that it serves by unicast.
extension UDPSendSession {
  /// The longest wait for a member that has just joined its own session.
  private static let sideJoinSeconds = 5.0

  /// A member has joined the session that it asked for.
  func beginSide(_ receiverID: UInt64, sessionID: UInt64, at address: SocketAddress) {
    guard let sides, let peer = handler?.machine.peer(receiverID),
      case .left(.needsUnicast, let reason) = peer.outcome
    else { return }
    let (name, reasonText) = (name(of: receiverID), reason.printable)
    tell(.notice("serving \(name) by unicast: \(reasonText)"))
    tell(
      .unicast(
        UnicastReceiver(
          name: peer.hostName, address: handler?.notes.addresses[receiverID] ?? "",
          receiverID: receiverID.hexadecimal, reason: reasonText)))
    let (tell, hostName, place) = (tell, peer.hostName, handler?.notes.addresses[receiverID] ?? "")
    sides.begin(receiverID, sessionID: sessionID, at: address, joinSeconds: Self.sideJoinSeconds) { ending in
      guard !ending.isWhole else { return tell(.notice("\(name), by unicast: whole")) }
      tell(
        .lost(
          LostReceiver(
            name: hostName, address: place, receiverID: receiverID.hexadecimal, outcome: ending.outcome,
            reason: ending.reason ?? ending.outcome)))
    }
  }

  /// A member of the group, with the outcome of its own session when it had one.
  func receiver(_ peer: SenderPeer) -> UDPSendReport.Receiver {
    var receiver = UDPSendReport.Receiver(
      peer, name: name(of: peer.receiverID), reason: reason(peer.outcome),
      remark: handler?.notes.remarks[peer.receiverID]?.printable, seconds: seconds(until: peer.receiverID))
    guard case .left(.needsUnicast, let why) = peer.outcome, let ending = sides?.ending(of: peer.receiverID)
    else { return receiver }
    receiver.byUnicast = why.printable
    receiver.outcome = ending.outcome
    receiver.reason = ending.reason
    receiver.remark = ending.receiver?.remark
    receiver.filesVerified = ending.receiver?.filesVerified ?? 0
    receiver.rttMilliseconds = ending.receiver?.rttMilliseconds ?? receiver.rttMilliseconds
    receiver.seconds = seconds(until: peer.receiverID).map { $0 + ending.seconds }
    return receiver
  }

  /// Whether a member has every file, from the group's session or its own.
  func isWhole(_ peer: SenderPeer) -> Bool {
    peer.outcome.isWhole || sides?.ending(of: peer.receiverID)?.isWhole ?? false
  }

  /// Members that asked, and had no session of their own.
  func tellUnserved() {
    guard let peers = handler?.machine.peers, let sides else { return }
    for peer in peers {
      if case .left(.needsUnicast, _) = peer.outcome, sides.ending(of: peer.receiverID) == nil {
        tellLost(peer.receiverID, peer.outcome)
      }
    }
  }

  static func unserved(_ why: String) -> String {
    "asked for unicast (\(why.printable)), and got none: \(UDPSendHandler.refusalText), or it did not answer"
  }
}

extension SideSessions.Ending {
  var receiver: UDPSendReport.Receiver? { (try? result.get())?.receivers.first }
  var isWhole: Bool { (try? result.get())?.isWhole ?? false }

  /// The word of the report.
  var outcome: String { receiver?.outcome ?? PeerOutcome.silent.word }

  /// Why it is not whole.
  var reason: String? {
    switch result {
    case .success(let report): isWhole ? nil : report.problem ?? receiver?.reason
    case .failure(let error): error.description
    }
  }
}
