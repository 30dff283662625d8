import Ground

/// How long a session stays open for receivers that nobody has heard yet, because it began before all of them
/// had joined, Specs/chunked-udp.md §6.1.
struct LateJoins: Sendable {
  private static let leastNanoseconds: Nanoseconds = .seconds(1)

  /// `.zero`: nobody is awaited.
  private var openUntil: Instant

  init(areAwaited: Bool) { openUntil = areAwaited ? .never : .zero }

  func areOver(now: Instant) -> Bool { openUntil <= now }

  /// Every chunk was sent, or a receiver was heard for the first time since: others may follow for as long as
  /// their completes are spread.
  mutating func extend(_ session: SenderSession, passNanoseconds: Nanoseconds, now: Instant) {
    guard openUntil > .zero else { return }
    let spread = FeedbackShare.completeSpread(
      groupSize: UInt64(session.peers.groupSize),
      spacing: FeedbackShare.spacing(of: session.line.ledger.nextPacket, in: passNanoseconds))
    openUntil = now + Self.leastNanoseconds + 2 * spread
  }
}
