import Ground
import Wire

/// Repairs that leave twice, Specs/chunked-udp.md §6.6: behind the first pass of a session with one receiver,
/// when the sender has nothing else to send. A repair that gets lost costs a round trip, its copy next to
/// nothing.
struct RepairCopies: Sendable {
  private struct Sent {
    var chunk: UInt64
    var packet: UInt64
  }

  /// Repairs that the receiver may not have seen, in the order of their packets.
  private var sent = Queue<Sent>()
  /// Copies that are queued. They are not copied in turn.
  private var queued: Set<UInt64> = []

  /// Repairs leave, which packets from `firstPacket` on carry.
  mutating func note(_ runs: [ChunkRange], firstPacket: UInt64) {
    var packet = firstPacket
    for run in runs {
      for chunk in run.chunks {
        if queued.remove(chunk) == nil { sent.append(Sent(chunk: chunk, packet: packet)) }
        packet += 1
      }
    }
  }

  /// The receiver has seen all up to this packet: it has these repairs, or has asked again.
  mutating func forget(through packet: UInt64) {
    while let first = sent.first, first.packet <= packet { sent.removeFirst() }
  }

  /// Chunks to send once more, at most `limit`: the oldest. The others have had their chance.
  mutating func take(limit: Int) -> [UInt64] {
    var chunks: [UInt64] = []
    while let first = sent.first {
      sent.removeFirst()
      if chunks.count < limit, queued.insert(first.chunk).inserted { chunks.append(first.chunk) }
    }
    return chunks
  }
}
