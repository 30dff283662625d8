/// When each packet number left: what a report is held against. One entry a train.
struct SentLedger: Sendable {
  /// Trains remembered; a report on anything older is held against the oldest.
  private static let capacity = 16_384

  private struct Entry { var firstPacket: UInt64, at: Instant }

  private var entries: [Entry] = []
  private var oldest = 0
  private(set) var nextPacket: UInt64 = 0

  /// Notes datagrams sent, and gives them their packet numbers: the first one's.
  mutating func append(datagramCount: UInt64, now: Instant) -> UInt64 {
    let first = nextPacket
    nextPacket += datagramCount
    if entries.count < Self.capacity {
      entries.append(Entry(firstPacket: first, at: now))
    } else {
      entries[oldest] = Entry(firstPacket: first, at: now)
      oldest = (oldest + 1) % Self.capacity
    }
    return first
  }

  /// When a packet left; that of the oldest remembered for one that is forgotten.
  func sentAt(_ packet: UInt64) -> Instant {
    guard !entries.isEmpty else { return .zero }
    var low = 0
    var high = entries.count - 1
    while low < high {
      let middle = (low + high + 1) / 2
      if entries[(oldest + middle) % entries.count].firstPacket <= packet { low = middle } else { high = middle - 1 }
    }
    return entries[(oldest + low) % entries.count].at
  }
}
