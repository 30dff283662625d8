import Accounting
import Datagrams
import Ground
import Keys
import NIOCore
import Session
import Wire

/// A sender's session with a key.
extension UDPSendHandler {
  /// The ordinary datagram: itself without a key. Nil for one that is not sealed with this session's key, or
  /// that came before.
  func opened(_ datagram: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    guard let seal else { return datagram }
    if let opened = seal.open(datagram) { return opened }
    counters.foreign.add(byteCount: datagram.count)
    return nil
  }

  /// A message as it is sent: an announce with its signature, where the sender signs.
  func signed(_ message: ControlMessage, _ flags: DatagramFlags) -> ControlMessage? {
    do { return try signer?.signed(message, flags: flags) ?? message } catch {
      machine.cancel(reason: .internal, text: error.description)
      return nil
    }
  }

  /// Lets the trace see datagrams before they are sealed.
  func traceSealed() {
    guard tracing != nil else { return }
    seal?.watch = { [weak self] datagram in
      guard let self else { return }
      self.tracing?.sent(ByteBuffer(bytes: datagram), segment: datagram.count, now: self.clock.now)
    }
  }

  /// What was sent, for the trace. It has seen sealed datagrams already.
  func traceSent(_ train: ByteBuffer, segment: Int, now: Instant) {
    if seal == nil { tracing?.sent(train, segment: segment, now: now) }
  }

  /// No packet number is used twice with a key, Specs/security.md §5.
  func endIfKeyIsUsedUp() {
    guard let seal, seal.isExhausted, !machine.hasEnded else { return }
    machine.cancel(
      reason: .internal,
      text: "the key of this session has sealed 2^32 datagrams; send the rest in another session")
  }
}
