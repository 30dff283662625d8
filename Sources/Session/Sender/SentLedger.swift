package import Ground

/// When each packet number left. A report is compared with this. One entry a train.
package struct SentLedger: Sendable {
  /// Trains remembered; a report on anything older is compared with the oldest.
  private static let capacity = 16_384

  private struct Entry {
    var firstPacket: UInt64
    var at: Instant
    var count: UInt64
    var carriesChunks: Bool
    /// Datagrams with a chunk sent before this entry.
    var chunksBefore: UInt64
  }

  private var entries: [Entry] = []
  private var oldest = 0
  package private(set) var nextPacket: UInt64 = 0
  /// Datagrams with a chunk sent so far.
  private(set) var chunkDatagramCount: UInt64 = 0

  package init() {}

  /// Notes datagrams sent, and gives them their packet numbers: the first one's.
  package mutating func append(datagramCount: UInt64, carriesChunks: Bool, now: Instant) -> UInt64 {
    let first = nextPacket
    nextPacket += datagramCount
    let entry = Entry(
      firstPacket: first, at: now, count: datagramCount, carriesChunks: carriesChunks,
      chunksBefore: chunkDatagramCount)
    if carriesChunks { chunkDatagramCount += datagramCount }
    if entries.count < Self.capacity {
      entries.append(entry)
    } else {
      entries[oldest] = entry
      oldest = (oldest + 1) % Self.capacity
    }
    return first
  }

  /// When a packet left; that of the oldest remembered for one that is forgotten.
  package func sentAt(_ packet: UInt64) -> Instant { entry(of: packet)?.at ?? .zero }

  /// Datagrams with a chunk, up to and including this packet. The others are so small that they say nothing
  /// about the rate at which a path carries full ones.
  package func chunkDatagrams(through packet: UInt64) -> UInt64 {
    guard let entry = entry(of: packet), packet >= entry.firstPacket else { return 0 }
    return entry.chunksBefore + (entry.carriesChunks ? min(packet - entry.firstPacket + 1, entry.count) : 0)
  }

  /// The newest packet that left at `time` or before; nil when none did, or when it is forgotten.
  package func newestPacket(sentBy time: Instant) -> UInt64? {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[(oldest + middle) % entries.count].at <= time { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return nil }
    let entry = entries[(oldest + low - 1) % entries.count]
    return entry.firstPacket + entry.count - 1
  }

  private func entry(of packet: UInt64) -> Entry? {
    guard !entries.isEmpty else { return nil }
    var low = 0
    var high = entries.count - 1
    while low < high {
      let middle = (low + high + 1) / 2
      if entries[(oldest + middle) % entries.count].firstPacket <= packet {
        low = middle
      } else {
        high = middle - 1
      }
    }
    return entries[(oldest + low) % entries.count]
  }
}
