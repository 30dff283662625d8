/// A length of time, in nanoseconds.
@usableFromInline package typealias Nanoseconds = UInt64

extension Nanoseconds {
  @inlinable package static func microseconds(_ count: UInt64) -> Nanoseconds { count * 1_000 }
  @inlinable package static func milliseconds(_ count: UInt64) -> Nanoseconds { count * 1_000_000 }
  @inlinable package static func seconds(_ count: UInt64) -> Nanoseconds { count * 1_000_000_000 }
}

extension Nanoseconds {
  /// This length times the factor; the greatest length when the product is greater.
  @inlinable package func times(_ factor: UInt64) -> Nanoseconds {
    let (product, overflow) = multipliedReportingOverflow(by: factor)
    return overflow ? .max : product
  }
}

/// A point in a session's own time, which starts at zero. The protocol's machines never read a clock: their
/// driver tells them the time, so a simulation runs the same code as a real transfer.
@frozen @usableFromInline package struct Instant: Comparable, Hashable, Sendable {
  /// Nanoseconds since the driver's start.
  @usableFromInline package var nanoseconds: UInt64

  @inlinable package static var zero: Instant { Instant(nanoseconds: 0) }
  /// Later than every instant that happens: "no deadline".
  @inlinable package static var never: Instant { Instant(nanoseconds: .max) }

  @inlinable package init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

  /// The low 32 bits of the microseconds, as a datagram carries them, Specs/chunked-udp.md §3.4. Wraps every
  /// 71.6 min.
  @inlinable package var timestamp: UInt32 { UInt32(truncatingIfNeeded: nanoseconds / 1_000) }

  @inlinable package static func < (a: Instant, b: Instant) -> Bool { a.nanoseconds < b.nanoseconds }

  @inlinable package static func + (a: Instant, b: Nanoseconds) -> Instant {
    let (sum, overflow) = a.nanoseconds.addingReportingOverflow(b)
    return Instant(nanoseconds: overflow ? .max : sum)
  }

  /// The time from `b` to `a`; zero when `b` is the later one.
  @inlinable package static func - (a: Instant, b: Instant) -> Nanoseconds {
    a.nanoseconds > b.nanoseconds ? a.nanoseconds - b.nanoseconds : 0
  }
}
