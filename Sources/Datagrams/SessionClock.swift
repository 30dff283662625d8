package import Ground
import NIOCore

/// The machines' time from the monotonic clock: zero when the driver started.
package struct SessionClock: Sendable {
  private let start: NIODeadline

  package init() { start = .now() }

  package var now: Instant {
    Instant(nanoseconds: NIODeadline.now().uptimeNanoseconds - start.uptimeNanoseconds)
  }
}
