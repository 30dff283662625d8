package import Ground

/// How long a packet that others have overtaken may still come before it counts as lost, Specs/chunked-udp.md
/// §6.5.
///
/// RACK's reordering window (RFC 8985 §6.2), but measured: a receiver sees how late each packet is. Before
/// there is anything to measure by, a gap waits as on a path that reorders; a path without gaps never
/// notices.
package struct ReorderingWindow: Sendable {
  /// The least window before the path is known: more than hosts and parallel links usually reorder by, and at
  /// the start of a session no loss. RFC 8985 has a quarter of the round trip, which on a LAN is less than a
  /// timer's grain.
  package static let firstNanoseconds: Nanoseconds = .milliseconds(5)
  /// Gaps, lost or filled late, after which the path is known.
  package static let learningGapCount = 16
  /// Later than this it was held somewhere, not reordered.
  package static let longestNanoseconds: Nanoseconds = .seconds(1)
  /// What was seen is forgotten after so many recoveries without its like, at most twice as many (RFC 8985
  /// §6.2: 16).
  package static let spellRecoveryCount = 16

  /// The latest packet of this spell of recoveries, and of the spell before.
  private var latest: Nanoseconds = 0
  private var latestBefore: Nanoseconds = 0
  private var gapCount = 0
  private var recoveryCount = 0
  private var recoveryEndsAt = Instant.zero

  package init() {}

  /// The window on a path with this round trip. Twice the latest that is remembered, as the next may be
  /// later, and one needless repair costs more than some milliseconds; 0 on a path that keeps its order.
  package func nanoseconds(grtt: Nanoseconds) -> Nanoseconds {
    let seen = max(latest, latestBefore)
    let measured = seen == 0 ? 0 : 2 * seen + PacketLedger.grainNanoseconds
    return gapCount < Self.learningGapCount ? max(measured, Self.firstNanoseconds, grtt / 4) : measured
  }

  /// A packet came so long after one that overtook it.
  package mutating func noteLate(by lateness: Nanoseconds) {
    guard lateness < Self.longestNanoseconds else { return }
    latest = max(latest, lateness)
    countGaps(1)
  }

  /// So many gaps were given up as lost. Those found until their repairs can be here are one recovery.
  package mutating func noteLosses(_ count: Int, grtt: Nanoseconds, now: Instant) {
    guard count > 0 else { return }
    countGaps(count)
    guard now >= recoveryEndsAt else { return }
    recoveryEndsAt = now + grtt + nanoseconds(grtt: grtt)
    recoveryCount += 1
    guard recoveryCount >= Self.spellRecoveryCount else { return }
    recoveryCount = 0
    latestBefore = latest
    latest = 0
  }

  private mutating func countGaps(_ count: Int) {
    gapCount = min(gapCount + count, Self.learningGapCount)
  }
}
