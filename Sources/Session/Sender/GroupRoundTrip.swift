import Ground

/// GRTT of a large group, Specs/chunked-udp.md §6.3: as long as the longest round trip that was seen lately.
/// It rises at once, because a timer that is too short makes receivers ask for what is on its way, and falls
/// slowly (RFC 5401 §3.2.3.1). Costs the same for any number of receivers.
struct GroupRoundTrip: Sendable {
  /// The longest round trip of this time counts; then GRTT falls by a quarter of the difference.
  private static let periodNanoseconds: Nanoseconds = .milliseconds(100)
  private static let fallingParts: Nanoseconds = 4

  /// Nil before a sample.
  private(set) var nanoseconds: Nanoseconds?
  private var longest: Nanoseconds = 0
  private var periodEndsAt = Instant.zero

  mutating func add(_ sample: Nanoseconds, now: Instant) {
    longest = max(longest, sample)
    guard let value = nanoseconds, sample < value else {
      nanoseconds = sample
      return
    }
    guard now >= periodEndsAt else { return }
    nanoseconds = value - (value - min(value, longest)) / Self.fallingParts
    longest = 0
    periodEndsAt = now + Self.periodNanoseconds
  }
}
