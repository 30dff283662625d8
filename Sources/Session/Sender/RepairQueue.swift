package import Ground
package import Wire

/// Chunks to send again, oldest request first. Each is queued once, however many receivers asked.
package struct RepairQueue: Sendable {
  /// Most repairs that are remembered, to distinguish a NACK that crossed a repair on the way from one that
  /// shows that the repair was lost too.
  private static let memoryCount = 262_144

  private var ranges = Queue<Range<UInt64>>()
  private var queued: ChunkMap
  private var lastRepair: [UInt64: UInt64] = [:]
  private var order = Queue<UInt64>()
  /// When the oldest chunk in the queue was asked for.
  package private(set) var oldestAt = Instant.never

  /// Requests for chunks whose repair was queued or under way. These are not sent again.
  package private(set) var suppressedCount: UInt64 = 0
  package private(set) var requestedCount: UInt64 = 0

  package init(chunkCount: UInt64) { queued = ChunkMap(capacity: chunkCount) }

  package var isEmpty: Bool { queued.count == 0 }
  package var count: UInt64 { queued.count }

  /// A receiver asks. It had seen packets up to `highestPacket` then. Chunks from `limit` on have not been
  /// sent at all. At most `budget` chunks are queued for it. Returns how many were.
  @discardableResult
  package mutating func request(
    _ range: Range<UInt64>, limit: UInt64, highestPacket: UInt64, budget: UInt64 = .max, now: Instant
  ) -> UInt64 {
    var start = range.lowerBound
    let end = min(range.upperBound, limit)
    var count: UInt64 = 0
    while start < end {
      requestedCount += 1
      let isUnderWay = lastRepair[start].map { $0 > highestPacket } ?? false
      if isUnderWay || count >= budget || !queue(start, now: now) {
        suppressedCount += 1
      } else {
        count += 1
      }
      start += 1
    }
    return count
  }

  /// Queues a chunk; false when it is queued already.
  mutating func queue(_ chunk: UInt64, now: Instant) -> Bool {
    guard queued.insert(chunk) else { return false }
    if let last = ranges.last, last.upperBound == chunk {
      ranges.replaceLast(last.lowerBound..<chunk + 1)
    } else {
      ranges.append(chunk..<chunk + 1)
    }
    if oldestAt == .never { oldestAt = now }
    return true
  }

  /// Whether a chunk is queued, or was sent behind this packet.
  func isUnderWay(_ chunk: UInt64, highestPacket: UInt64) -> Bool {
    queued.contains(chunk) || (lastRepair[chunk].map { $0 > highestPacket } ?? false)
  }

  /// Takes up to `maximumCount` chunks in at most `maximumRuns` runs, which packets from `firstPacket` on
  /// will carry.
  package mutating func take(maximumCount: Int, maximumRuns: Int, firstPacket: UInt64, now: Instant)
    -> [ChunkRange]
  {
    var runs: [ChunkRange] = []
    var packet = firstPacket
    while runs.count < maximumRuns, packet - firstPacket < UInt64(maximumCount), let range = ranges.first {
      ranges.removeFirst()
      let count = min(range.upperBound - range.lowerBound, UInt64(maximumCount) - (packet - firstPacket))
      for chunk in range.lowerBound..<range.lowerBound + count {
        queued.remove(chunk)
        remember(chunk, packet: packet)
        packet += 1
      }
      runs.append(ChunkRange(first: UInt32(range.lowerBound), count: UInt32(count)))
      if range.lowerBound + count < range.upperBound {
        ranges.prepend(range.lowerBound + count..<range.upperBound)
      }
    }
    if isEmpty { oldestAt = .never }
    return runs
  }

  private mutating func remember(_ chunk: UInt64, packet: UInt64) {
    if lastRepair.updateValue(packet, forKey: chunk) == nil {
      order.append(chunk)
      if order.count > Self.memoryCount, let forgotten = order.first {
        order.removeFirst()
        lastRepair[forgotten] = nil
      }
    }
  }
}
