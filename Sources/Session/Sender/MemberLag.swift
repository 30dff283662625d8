import Ground

/// Whether a member of a group falls behind the others, Specs/chunked-udp.md §6.7. Only ``Stragglers`` says
/// so.
struct MemberLag: Sendable {
  /// Its path carries much less than the others' paths.
  var isSlow = false
  /// Its path loses more than the others' paths. It is served like the others when it is half the limit
  /// behind.
  var isLossy = false
  /// It holds much less than the others.
  var isLate = false
  /// So the group goes on without it, and its requests wait until the others have everything.
  var isLagging = false
  /// Half of the time is over after which it would be left behind.
  var isFarBehind = false
  /// It has lagged before.
  var hasLagged = false
  var fallsBehind: Bool { isSlow || isLate || (isLossy && !isFarBehind) }
  /// When it was told last that it is left behind.
  fileprivate var toldAt: Instant?
}

extension SenderPeer {
  /// The others do not wait for it.
  package var isLagging: Bool { lag.isLagging }

  var isLeftBehind: Bool { if case .leftBehind = outcome { true } else { false } }

  /// It is left behind, and was not told so for a while. Notes that it is told now.
  mutating func takeTelling(now: Instant) -> Bool {
    guard isLeftBehind else { return false }
    if let toldAt = lag.toldAt, now - toldAt <= .milliseconds(500) + 3 * rtt.smoothed { return false }
    lag.toldAt = now
    return true
  }

  /// It was told so in this time.
  func wasTold(within nanoseconds: Nanoseconds, now: Instant) -> Bool {
    lag.toldAt.map { now - $0 < nanoseconds } ?? false
  }
}
