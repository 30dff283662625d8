import Ground

/// The time between a receiver's reports while data flow, as its sender sees it. The protocol asks for a
/// report each quarter of the round trip, but a peer's timer may be coarser (10 to 16 ms are common).
/// Datagrams between two reports stay unreported for this time, so the window must cover it,
/// Specs/chunked-udp.md §6.8.
struct FeedbackInterval: Sendable {
  /// Longer intervals are silence: the window does not grow for them.
  private static let longest: Nanoseconds = .milliseconds(200)
  /// The shortest of this many intervals counts. Lost reports lengthen the others, and say nothing about the
  /// peer's timer.
  private static let spellCount = 4

  private var lastAt: Instant?
  private var shortest = Nanoseconds.max
  private var shortestBefore: Nanoseconds = 0
  private var count = 0

  /// A report arrived. The time before the first one is that since the first chunk arrived at the peer.
  mutating func noteReport(firstArrivalAt: Instant, now: Instant) {
    let interval = now - (lastAt ?? firstArrivalAt)
    lastAt = now
    guard interval <= Self.longest else { return }
    if count == Self.spellCount {
      shortestBefore = shortest
      shortest = .max
      count = 0
    }
    shortest = min(shortest, interval)
    count += 1
  }

  /// How much longer the interval is than the protocol asks for; 0 for a peer that reports as often as that.
  func beyond(_ expected: Nanoseconds) -> Nanoseconds {
    let seen = count == 0 ? shortestBefore : max(shortest, shortestBefore)
    return seen > 2 * expected + .milliseconds(2) ? seen - expected : 0
  }
}
