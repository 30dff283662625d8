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
  /// What is still to be sent in the first pass, as the only receiver said; nil: everything.
  private var rest: [Range<UInt64>]?
  /// Chunks that the first pass left out, because the receiver had them.
  private(set) var leftOutCount: UInt64 = 0
  private(set) var repairs: RepairQueue
  /// Nil in a session without parity.
  private(set) var blocks: BlockRepairs?
  private var deferred = DeferredRepairs()
  /// Repairs that may leave during the first pass. Each chunk that is sent for the first time allows one
  /// more. So a flood of requests cannot stop the first pass.
  private var repairAllowance = firstRepairAllowance

  /// `fixedShare`: symbols for each chunk that follow a span; nil: as the loss asks for.
  init(_ candidate: PathCandidate, isGroup: Bool, fixedShare: Double? = nil) {
    chunkCount = candidate.shape.chunkCount
    repairs = RepairQueue(chunkCount: chunkCount)
    blocks = BlockGeometry(candidate.announce).map {
      BlockRepairs($0, isGroup: isGroup, fixedShare: fixedShare)
    }
  }

  var isFirstPassDone: Bool { next >= chunkCount }
  var mayRepair: Bool { isFirstPassDone || repairAllowance > 0 }
  var hasChunks: Bool { !isFirstPassDone || hasRepairs }
  var hasRepairs: Bool { !repairs.isEmpty || !(blocks?.isEmpty ?? true) }
  /// Chunks and symbols.
  var repairCount: UInt64 { repairs.count + (blocks?.count ?? 0) }
  /// When the oldest of them was asked for.
  var oldestRepairAt: Instant { min(repairs.oldestAt, blocks?.oldestAt ?? .never) }
  /// Chunks that were asked for, and those for which nothing was queued.
  var requestedCount: UInt64 { repairs.requestedCount + (blocks?.requestedCount ?? 0) }
  var suppressedCount: UInt64 { repairs.suppressedCount + (blocks?.suppressedCount ?? 0) }

  /// Chunks and symbols of a one-way session's later rounds, and symbols of its rounds.
  private var circulatedCount: UInt64 = 0
  /// Symbols that were queued, and repairs that were sent, before a receiver asked.
  var unaskedCount: UInt64 { (blocks?.unaskedCount ?? 0) + circulatedCount }

  /// Chunks that were sent again, or symbols that were sent, though nobody asked.
  mutating func noteUnasked(_ count: UInt64) { circulatedCount += count }

  /// As `RepairQueue.request`. Chunks of the first pass that have not left yet are not repaired.
  mutating func request(_ range: Range<UInt64>, highestPacket: UInt64, budget: UInt64, now: Instant) -> UInt64
  {
    repairs.request(range, limit: next, highestPacket: highestPacket, budget: budget, now: now)
  }

  /// A receiver asks, and symbols do for it as well as chunks. Returns how many repairs were queued.
  /// `defersRest`: what is beyond the budget is repaired when the others have been served.
  mutating func request(
    _ ranges: MissingRanges, maximumCount: UInt64, highestPacket: UInt64, budget: UInt64, defersRest: Bool,
    now: Instant
  ) -> UInt64 {
    guard budget > 0 || defersRest else {
      blocks?.suppress(ranges, limit: next, maximumCount: maximumCount)
      return 0
    }
    guard let requests = blocks?.requests(ranges, limit: next, maximumCount: maximumCount) else { return 0 }
    var left = budget
    for request in requests {
      if defersRest {
        deferred.note(.init(block: request.block, count: request.chunks.count, seenPacket: highestPacket))
      }
      left -= blocks?.note(request, &repairs, highestPacket: highestPacket, budget: left, now: now) ?? 0
    }
    return budget - left
  }

  /// Every chunk was sent once. The last `count` datagrams, and so at most as many chunks, are so new that no
  /// receiver can have asked for what it misses of their blocks.
  mutating func beginTail(count: UInt64, nextPacket: UInt64) {
    blocks?.beginTail(
      chunk: chunkCount - min(count, chunkCount), packet: nextPacket - min(count, nextPacket))
  }

  /// Every chunk was sent, and nothing else waits to be repaired: what was put off is queued.
  mutating func queueDeferred(now: Instant) {
    guard isFirstPassDone, !hasRepairs, !deferred.isEmpty else { return }
    for need in deferred.take() {
      blocks?.queueUnasked(need.count, of: need.block, sentBehind: need.seenPacket, now: now)
    }
  }

  /// Symbols of these blocks are queued, as many as this loss asks for.
  mutating func coverTail(loss: Double, receiverCount: Double, now: Instant) {
    blocks?.coverTail(loss: loss, receiverCount: receiverCount, now: now)
  }

  /// The next chunks of the first pass.
  mutating func takeFirst(maximumCount: Int) -> ChunkRange {
    let end = rest?.first?.upperBound ?? chunkCount
    let count = min(UInt64(maximumCount), end - next)
    defer {
      next += count
      passOver()
    }
    repairAllowance = min(repairAllowance + count, Self.firstRepairAllowance)
    return ChunkRange(first: UInt32(next), count: UInt32(count))
  }

  /// The blocks of spans that were sent once get the symbols that the sender's user wants. A receiver that
  /// had chunks before gets none unasked: it may have the whole span.
  mutating func coverSpans(now: Instant) {
    if rest == nil { blocks?.coverSpans(sentUpTo: next, now: now) }
  }

  /// The only receiver has all chunks but these.
  mutating func leaveOut(allBut ranges: MissingRanges) {
    // A datagram may name chunks that the set does not have.
    rest = ranges.filter { UInt64($0.first) < chunkCount }.map { UInt64($0.first)..<min($0.end, chunkCount) }
    passOver()
  }

  /// The first pass goes on with the next chunk of the rest.
  private mutating func passOver() {
    guard var ranges = rest else { return }
    while let first = ranges.first, first.upperBound <= next { ranges.removeFirst() }
    let target = ranges.first.map { max(next, $0.lowerBound) } ?? chunkCount
    leftOutCount += target - next
    next = target
    rest = ranges
  }

  /// The next repairs, which packets from `firstPacket` on will carry.
  mutating func takeRepairs(
    maximumCount: Int, maximumRuns: Int, firstPacket: UInt64, now: Instant
  ) -> [ChunkRange] {
    let runs = repairs.take(
      maximumCount: allowed(maximumCount), maximumRuns: maximumRuns, firstPacket: firstPacket, now: now)
    noteRepaired(runs.reduce(0) { $0 + UInt64($1.count) })
    return runs
  }

  /// Likewise the next symbols. Empty when chunks were asked for earlier.
  mutating func takeSymbols(
    maximumCount: Int, maximumRuns: Int, firstPacket: UInt64, now: Instant
  ) -> [SymbolRun] {
    guard blocks?.oldestAt ?? .never < repairs.oldestAt else { return [] }
    let count = allowed(maximumCount)
    let runs = blocks?.take(maximumCount: count, maximumRuns: maximumRuns, firstPacket: firstPacket, now: now)
    noteRepaired(runs?.reduce(0) { $0 + UInt64($1.count) } ?? 0)
    return runs ?? []
  }

  private func allowed(_ count: Int) -> Int {
    isFirstPassDone ? count : min(count, Int(clamping: repairAllowance))
  }

  private mutating func noteRepaired(_ count: UInt64) { repairAllowance -= min(repairAllowance, count) }
}
