package import Ground

/// How long an overtaken packet may still arrive before it counts as lost, Specs/chunked-udp.md §6.5.
///
/// RACK's reordering window (RFC 8985 §6.2), but measured: a receiver sees how late each packet is. Before
/// there are measurements, a gap waits as on a path that reorders. A path without gaps is not affected.
package struct ReorderingWindow: Sendable {
  /// The smallest window before the path is known. It is longer than the usual reordering of hosts and
  /// parallel links, and at the start of a session it costs nothing. RFC 8985 has a quarter of the round
  /// trip, which on a LAN is less than a timer's grain.
  package static let firstNanoseconds: Nanoseconds = .milliseconds(5)
  /// Gaps, lost or filled late, after which the path is known.
  package static let learningGapCount = 16
  /// Later than this it was held somewhere, not reordered.
  package static let longestNanoseconds: Nanoseconds = .seconds(1)
  /// A lateness is forgotten after this many recoveries without a similar one, at most after twice as many
  /// (RFC 8985 §6.2: 16).
  package static let spellRecoveryCount = 16

  /// The latest packet of this spell of recoveries, and of the spell before.
  private var latest: Nanoseconds = 0
  private var latestBefore: Nanoseconds = 0
  private var gapCount = 0
  private var recoveryCount = 0
  private var recoveryEndsAt = Instant.zero

  package init() {}

  /// The window on a path with this round trip: twice the largest lateness remembered, because the next
  /// packet may be later, and a needless repair costs more than some milliseconds. 0 on a path that keeps its
  /// order.
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

  /// Notes that this many gaps were given up as lost. All gaps that are found until their repairs can be here
  /// belong to one recovery.
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
