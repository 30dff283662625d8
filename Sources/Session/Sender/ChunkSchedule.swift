import Ground
import Wire

/// Which chunks a sender sends next: the first pass, and repairs during and after it, Specs/chunked-udp.md
/// §6.6.
struct ChunkSchedule: Sendable {
  /// `repairAllowance` at the beginning, and at most.
  private static let firstRepairAllowance: UInt64 = 128

  let chunkCount: UInt64
  /// The next chunk of the first pass.
  private(set) var next: UInt64 = 0
  private(set) var repairs: RepairQueue
  /// Repairs that may leave during the first pass. Each chunk that is sent for the first time allows one
  /// more. So a flood of requests cannot stop the first pass.
  private var repairAllowance = firstRepairAllowance

  init(chunkCount: UInt64) {
    self.chunkCount = chunkCount
    repairs = RepairQueue(chunkCount: chunkCount)
  }

  var isFirstPassDone: Bool { next >= chunkCount }
  var mayRepair: Bool { isFirstPassDone || repairAllowance > 0 }
  var hasChunks: Bool { !isFirstPassDone || !repairs.isEmpty }

  /// As `RepairQueue.request`. Chunks of the first pass that have not left yet are not repaired.
  mutating func request(_ range: Range<UInt64>, highestPacket: UInt64, budget: UInt64, now: Instant) -> UInt64
  {
    repairs.request(range, limit: next, highestPacket: highestPacket, budget: budget, now: now)
  }

  /// The next chunks of the first pass.
  mutating func takeFirst(maximumCount: Int) -> ChunkRange {
    let count = min(UInt64(maximumCount), chunkCount - next)
    defer { next += count }
    repairAllowance = min(repairAllowance + count, Self.firstRepairAllowance)
    return ChunkRange(first: UInt32(next), count: UInt32(count))
  }

  /// The next repairs, which packets from `firstPacket` on will carry.
  mutating func takeRepairs(
    maximumCount: Int, maximumRuns: Int, firstPacket: UInt64, now: Instant
  ) -> [ChunkRange] {
    let allowed = isFirstPassDone ? maximumCount : min(maximumCount, Int(clamping: repairAllowance))
    let runs = repairs.take(
      maximumCount: allowed, maximumRuns: maximumRuns, firstPacket: firstPacket, now: now)
    let count = runs.reduce(0) { $0 + UInt64($1.count) }
    repairAllowance -= min(repairAllowance, count)
    return runs
  }
}
