import Ground

/// The time of a session is the time since a start that the program chooses. It must not run backwards.
extension Instant {
  /// A negative time counts as zero.
  init(_ time: Duration) {
    let (seconds, attoseconds) = time.components
    guard seconds >= 0, attoseconds >= 0 else {
      self = .zero
      return
    }
    let (whole, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
    self = overflow ? .never : Instant(nanoseconds: whole) + UInt64(attoseconds / 1_000_000_000)
  }

  /// Nil for `never`.
  var duration: Duration? { self == .never ? nil : .nanoseconds(Int64(clamping: nanoseconds)) }
}
