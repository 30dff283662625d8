import Ground

/// Whether the announce of a large group names a receiver.
struct PeerNaming: Sendable {
  /// Since when it is named. A receiver that was silent then keeps this, and is not named again before it is
  /// heard.
  fileprivate var namedAt: Instant?
  /// The report that it sends when it is named is about the time before.
  fileprivate var isNew = false

  /// True for its first report since it is named.
  mutating func takeNew() -> Bool {
    defer { isNew = false }
    return isNew
  }
}

extension SenderPeer {
  /// Whether the announce may name it: it is under way, and was heard lately if it was named before.
  func mayRepresent(patience: Nanoseconds, now: Instant) -> Bool {
    isUnderWay && !isDeaf && !lag.isLagging && !storage.isFull
      && (naming.namedAt.map { now < max($0, lastHeardAt) + patience } ?? true)
  }

  /// The announce names it from now on. It delays nobody before its first message.
  mutating func beginRepresenting(now: Instant) {
    naming.namedAt = now
    naming.isNew = true
    isLeftOut = true
  }

  mutating func endRepresenting(patience: Nanoseconds, now: Instant) {
    if mayRepresent(patience: patience, now: now) { naming.namedAt = nil }
  }
}
