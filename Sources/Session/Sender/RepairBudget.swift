import Ground

/// How many repairs one receiver may cause, Specs/chunked-udp.md §6.6. Chunks that it holds earn it more. A
/// receiver that gains nothing gets a few, and these ever more rarely: neither a broken path nor a hostile
/// receiver turns NACKs into a flood.
struct RepairBudget: Sendable {
  /// Repairs for a receiver that has nothing yet. This is enough to begin with, because each chunk that
  /// arrives earns more. In a group it is an eighth of the set, so that some members that nothing reaches do
  /// not use up the cost limit of the session.
  private static let firstOfUnicast: UInt64 = 1_024
  private static let firstOfGroup: ClosedRange<UInt64> = 64...4_096
  /// Repairs that each chunk at the receiver earns. At 80 % loss a chunk takes four repairs.
  static let perChunkHeld: UInt64 = 4
  /// Repairs that time alone brings.
  static let refillCount: UInt64 = 8
  static let refillNanoseconds: (least: Nanoseconds, most: Nanoseconds) = (.milliseconds(100), .seconds(2))

  private var free: UInt64
  private(set) var used: UInt64 = 0
  /// A report that says less than the one before takes nothing back.
  private var mostHeld: UInt64 = 0
  private var refillAt = Instant.zero
  private var refillInterval = refillNanoseconds.least

  init(isGroup: Bool, chunkCount: UInt64) {
    let range = Self.firstOfGroup
    free = isGroup ? min(max(chunkCount / 8, range.lowerBound), range.upperBound) : Self.firstOfUnicast
  }

  /// Repairs that may be queued for this receiver now. `chunksHeld` ≤ 2^32, from its newest report.
  /// `isDeaf`: no chunk gets through to it, so it gets what time alone brings, which shows when one does.
  mutating func left(chunksHeld: UInt64, isDeaf: Bool, now: Instant) -> UInt64 {
    mostHeld = max(mostHeld, chunksHeld)
    let allowed = free + Self.perChunkHeld * mostHeld
    guard used >= allowed || isDeaf else { return allowed - used }
    guard now >= refillAt else { return 0 }
    if used >= allowed { free += Self.refillCount }
    refillAt = now + refillInterval
    refillInterval = min(2 * refillInterval, Self.refillNanoseconds.most)
    return min(Self.refillCount, free + Self.perChunkHeld * mostHeld - used)
  }

  /// No more than `left` has said.
  mutating func use(_ count: UInt64) { used += count }

  /// It holds more than before.
  mutating func noteGain() { refillInterval = Self.refillNanoseconds.least }
}
