import Ground

/// The newest times in which the sender waited with a full window for a report. They are long when the peer's
/// timer is coarse, and say nothing about the path.
struct WindowPauses: Sendable {
  /// Pauses remembered. A peer with a coarse timer causes one or two between two reports.
  private static let capacity = 64

  private var pauses: [(firstPacket: UInt64, length: Nanoseconds)] = []
  private var oldest = 0

  /// It waited before it sent this packet.
  mutating func note(_ length: Nanoseconds, before packet: UInt64) {
    if pauses.count < Self.capacity {
      pauses.append((packet, length))
    } else {
      pauses[oldest] = (packet, length)
      oldest = (oldest + 1) % Self.capacity
    }
  }

  /// The pauses between these two packets, together.
  func length(after first: UInt64, through last: UInt64) -> Nanoseconds {
    pauses.reduce(0) { $1.firstPacket > first && $1.firstPacket <= last ? $0 + $1.length : $0 }
  }
}
