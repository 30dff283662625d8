import Ground
import Session
import Testing
import Wire

@Suite struct RepairQueueTests {
  private static let now = Instant(nanoseconds: 1_000)

  private func requested(_ ranges: [Range<UInt64>], highest: UInt64 = 100, limit: UInt64 = 1_000)
    -> RepairQueue
  {
    var queue = RepairQueue(chunkCount: 1_000)
    for range in ranges { queue.request(range, limit: limit, highestPacket: highest, now: Self.now) }
    return queue
  }

  @Test func eachChunkIsQueuedOnce() {
    let queue = requested([5..<8, 6..<10, 5..<6])
    #expect(queue.count == 5 && queue.requestedCount == 8 && queue.suppressedCount == 3)
    #expect(queue.oldestAt == Self.now)
  }

  @Test func takesTheOldestFirstWithinItsLimits() {
    var queue = requested([50..<60, 5..<8, 8..<10])
    let first = queue.take(maximumCount: 4, maximumRuns: 10, firstPacket: 200, now: Self.now)
    #expect(first == [ChunkRange(first: 50, count: 4)])
    let second = queue.take(maximumCount: 100, maximumRuns: 1, firstPacket: 204, now: Self.now)
    #expect(second == [ChunkRange(first: 54, count: 6)])
    let third = queue.take(maximumCount: 100, maximumRuns: 10, firstPacket: 210, now: Self.now)
    #expect(third == [ChunkRange(first: 5, count: 5)])
    #expect(queue.isEmpty && queue.oldestAt == .never)
    #expect(queue.take(maximumCount: 1, maximumRuns: 1, firstPacket: 215, now: Self.now).isEmpty)
  }

  /// The NACK left before the repair could have arrived: it says nothing about the repair.
  @Test func aNackThatCrossedTheRepairIsSuppressed() {
    var queue = requested([5..<6])
    _ = queue.take(maximumCount: 1, maximumRuns: 1, firstPacket: 150, now: Self.now)
    queue.request(5..<6, limit: 1_000, highestPacket: 149, now: Self.now)
    #expect(queue.isEmpty && queue.suppressedCount == 1)
    queue.request(5..<6, limit: 1_000, highestPacket: 150, now: Self.now)
    #expect(queue.count == 1, "it had seen packet 150 or a later one: the repair is lost too")
  }

  @Test func whatWasNotSentYetNeedsNoRepair() {
    #expect(requested([90..<200], limit: 100).count == 10)
    #expect(requested([0..<(1 << 32)], limit: 100).count == 100)
    #expect(requested([500..<600], limit: 100).isEmpty)
  }

  @Test func theLastChunkOfTheLargestSetIsRepaired() {
    var queue = RepairQueue(chunkCount: 1 << 32)
    queue.request((1 << 32) - 1..<(1 << 32), limit: 1 << 32, highestPacket: 0, now: Self.now)
    let runs = queue.take(maximumCount: 10, maximumRuns: 10, firstPacket: 1, now: Self.now)
    #expect(runs == [ChunkRange(first: .max, count: 1)])
  }
}
