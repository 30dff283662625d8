import Ground
import NIOCore
import Session
import Wire

/// Packet numbers of the sender that an induced impairment dropped on their way in: each counts once, and
/// only between packets that arrived, so that the number can be taken from the packets missing there.
struct InducedLosses {
  private var seen = PacketLedger()
  private var droppedCount: UInt64 = 0
  /// Those that nothing later has arrived behind yet.
  private var newest: [UInt64] = []
  /// How far packets had arrived when these were looked at last.
  private var span: UInt64?

  /// A datagram that was dropped.
  mutating func note(_ datagram: ByteBuffer, machine: ReceiverMachine, now: Instant) {
    guard datagram.readableBytes >= DatagramHeader.byteCount, machine.packetSpan != nil,
      datagram.getInteger(at: datagram.readerIndex + 4, as: UInt64.self) == machine.sessionID,
      let truncated = datagram.getInteger(at: datagram.readerIndex + 12, as: UInt32.self)
    else { return }
    let packet = machine.packetNumber(truncated)
    guard seen.insert(packet, now: now) else { return }
    if machine.packetSpan != span {
      span = machine.packetSpan
      droppedCount += UInt64(newest.count { machine.spans(packet: $0) })
      newest.removeAll { machine.spans(packet: $0) }
    }
    newest.append(packet)
  }

  /// Those between the first and the last packet that arrived.
  func count(within machine: ReceiverMachine) -> UInt64 {
    droppedCount + UInt64(newest.count { machine.spans(packet: $0) })
  }
}
