package import Ground
import NIOCore

/// The machines' time: zero when the driver started.
package struct SessionClock: Sendable {
  private let start: NIODeadline
  /// Nil: the monotonic clock.
  private nonisolated(unsafe) let virtual: UnsafePointer<Instant>?

  package init() {
    start = .now()
    virtual = nil
  }

  /// A clock that shows the time at this place, which outlives it: a test lets time go on there.
  package init(virtual: UnsafePointer<Instant>) {
    start = .uptimeNanoseconds(0)
    self.virtual = virtual
  }

  package var now: Instant {
    if let virtual { return virtual.pointee }
    return Instant(nanoseconds: NIODeadline.now().uptimeNanoseconds - start.uptimeNanoseconds)
  }
}
