import Datagrams
import FileSet
import Ground
import NIOCore
import Session
import Wire

/// What a receiver needs in order to be served by unicast beside its group: the request, and where to send
/// it.
struct UnicastCall: Sendable {
  var request: UnicastRequest
  var sender: SocketAddress
}

/// A receiver whose group's chunks do not get through, Specs/chunked-udp.md §6.14: it leaves the group's
/// socket, and asks from another one. What it says before the new session begins is in no session's account.
extension UDPReceiveHandler {
  func leaveGroup(_ request: UnicastRequest) {
    guard call == nil, failure == nil, !isSettling, seal == nil,
      signatures.signer(ofSession: request.sessionID) == nil,
      let sender = request.sessionID == machine.sessionID ? filter.sender : announcers[request.sessionID]
    else { return }
    call = UnicastCall(request: request, sender: sender)
    loop.close()
  }

  /// Asks the group's sender, until a session begins.
  func ask() {
    guard machine.phase == .listening, refusal == nil, var call = origin, let next = call.request.next()
    else {
      return
    }
    origin = call
    let message = next.transmission
    let bytes = message.message.encode(
      sessionID: message.sessionID, packetNumber: message.packetNumber, flags: message.flags)
    writer.write(ByteBuffer(bytes: bytes), segmentByteCount: bytes.count, to: call.sender)
    loop.schedule(after: next.wait) { [weak self] in self?.ask() }
  }

  /// Whether the group's sender says that it does not serve this receiver: then the wait is over.
  func isRefusal(_ message: ControlMessage, header: DatagramHeader) -> Bool {
    guard let request = origin?.request, machine.phase == .listening, header.sessionID == request.sessionID,
      case .abort(let abort) = message, abort.receiverID == request.receiverID
    else { return false }
    refusal = abort.text.isEmpty ? abort.reason.text : abort.text.printable
    machine.cancel(reason: abort.reason, text: abort.text, now: clock.now)
    return true
  }
}
