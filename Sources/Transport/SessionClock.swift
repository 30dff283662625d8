import NIOCore
package import Session

/// The machines' time from the monotonic clock: zero when the driver started.
package struct SessionClock: Sendable {
  private let start: NIODeadline

  package init() { start = .now() }

  package var now: Instant {
    Instant(nanoseconds: NIODeadline.now().uptimeNanoseconds - start.uptimeNanoseconds)
  }

  /// The event loop's deadline for an instant of the session.
  func deadline(_ instant: Instant) -> NIODeadline {
    let far: UInt64 = 3_600 * 1_000_000_000
    return start + .nanoseconds(Int64(min(instant.nanoseconds, now.nanoseconds + far)))
  }
}
