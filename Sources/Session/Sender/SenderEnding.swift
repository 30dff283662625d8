import Ground
import Wire

/// Every chunk has been sent once: *end* is repeated until each receiver's outcome is known,
/// Specs/chunked-udp.md §6.7.
struct SenderEnding: Sendable {
  /// *end* datagrams behind the last train. Three, because a receiver counts a packet as lost once three
  /// later ones have arrived (RFC 9002 §6.1.1).
  private static let endsInRow = 3

  private var round: UInt32 = 0
  private var endsSinceProgress = 0
  /// *end* datagrams that leave at once.
  private var due = endsInRow
  /// When the next one leaves, once none is due.
  private(set) var nextAt = Instant.never

  func isDue(now: Instant) -> Bool { due > 0 || nextAt <= now }

  /// Chunks left: a receiver finds what is lost of them without a timer.
  mutating func noteSent() { due = Self.endsInRow }
  /// *end* becomes rare while nothing changes, and frequent again now.
  mutating func noteProgress() { endsSinceProgress = 0 }

  /// The number of the *end* that leaves now. `longest`: until the next one, at most.
  mutating func take(
    grttNanoseconds: Nanoseconds, longest: Nanoseconds, now: Instant
  ) -> UInt32 {
    due = max(0, due - 1)
    if due == 0 { endsSinceProgress += 1 }
    let interval = max(grttNanoseconds, .milliseconds(2)) << UInt64(min(max(endsSinceProgress - 6, 0), 8))
    nextAt = now + min(interval, longest)
    defer { round &+= 1 }
    return round
  }
}
