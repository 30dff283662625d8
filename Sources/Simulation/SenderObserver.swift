package import Ground
package import Session
package import Wire

/// Watches a simulated session at its sender: the datagrams that it sends, and those that reach it, each with
/// its time.
package struct SenderObserver {
  /// A datagram that the sender sends: once, however many receivers there are.
  package enum Sent {
    case control(ControlMessage, flags: DatagramFlags, packetNumber: UInt32)
    case data(packetNumber: UInt32, chunkIndex: UInt32, isRepair: Bool, byteCount: Int)
    case parity(ParityHeader, packetNumber: UInt32, byteCount: Int)
  }

  package var sent: (Sent, Instant) -> Void
  /// What reached the sender, and what it knows since.
  package var received: (ControlMessage, DatagramHeader, SenderMachine, Instant) -> Void

  package init(
    sent: @escaping (Sent, Instant) -> Void,
    received: @escaping (ControlMessage, DatagramHeader, SenderMachine, Instant) -> Void
  ) {
    self.sent = sent
    self.received = received
  }
}
