package import Ground

/// Sets a session's rate and window from the reports on its path: those of its one receiver, or of a group's
/// slowest. To write one: a struct with these members, a case in `AnyRateController`, a row in the
/// simulator's table (CONTRIBUTING.md "A rate controller").
package protocol RateController: Sendable {
  /// Datagrams per second to pace at.
  var datagramsPerSecond: Double { get }
  /// Datagrams that may be in flight.
  var windowCount: UInt64 { get }
  /// Data is about to flow. `rttNanoseconds`: the round trip of the joins, the longest of a group; nil when
  /// none gave one. `feedbackNanoseconds`: the time between two samples in a group; 0 in unicast.
  mutating func begin(rttNanoseconds: Nanoseconds?, feedbackNanoseconds: Nanoseconds)
  mutating func handle(_ sample: RateSample)
  /// No report arrived for several round trips, with datagrams in flight.
  mutating func handleSilence(now: Instant)
  /// The slowest member of a group takes no part any more: the path is now as wide as the others'.
  mutating func handleWidening()
}

/// Which controller, by the name the command line gives it.
package enum RateControllerKind: Sendable, Equatable {
  case model
  case aimd
  /// Bits per second of UDP payload.
  case fixed(bitsPerSecond: Double)
}

/// One of the controllers, without an existential for each datagram.
package enum AnyRateController: Sendable {
  case model(ModelController)
  case aimd(AimdController)
  case fixed(FixedController)

  package init(_ kind: RateControllerKind, datagramByteCount: Int) {
    switch kind {
    case .model: self = .model(ModelController())
    case .aimd: self = .aimd(AimdController())
    case .fixed(let rate):
      self = .fixed(FixedController(bitsPerSecond: rate, datagramByteCount: datagramByteCount))
    }
  }

  package var datagramsPerSecond: Double {
    switch self {
    case .model(let c): c.datagramsPerSecond
    case .aimd(let c): c.datagramsPerSecond
    case .fixed(let c): c.datagramsPerSecond
    }
  }

  package var windowCount: UInt64 {
    switch self {
    case .model(let c): c.windowCount
    case .aimd(let c): c.windowCount
    case .fixed(let c): c.windowCount
    }
  }

  package mutating func begin(rttNanoseconds: Nanoseconds?, feedbackNanoseconds: Nanoseconds) {
    switch self {
    case .model(var c):
      c.begin(rttNanoseconds: rttNanoseconds, feedbackNanoseconds: feedbackNanoseconds)
      self = .model(c)
    case .aimd(var c):
      c.begin(rttNanoseconds: rttNanoseconds, feedbackNanoseconds: feedbackNanoseconds)
      self = .aimd(c)
    case .fixed: break
    }
  }

  package mutating func handle(_ sample: RateSample) {
    switch self {
    case .model(var c): c.handle(sample); self = .model(c)
    case .aimd(var c): c.handle(sample); self = .aimd(c)
    case .fixed(var c): c.handle(sample); self = .fixed(c)
    }
  }

  package mutating func handleSilence(now: Instant) {
    switch self {
    case .model(var c): c.handleSilence(now: now); self = .model(c)
    case .aimd(var c): c.handleSilence(now: now); self = .aimd(c)
    case .fixed(var c): c.handleSilence(now: now); self = .fixed(c)
    }
  }

  package mutating func handleWidening() {
    switch self {
    case .model(var c): c.handleWidening(); self = .model(c)
    case .aimd(var c): c.handleWidening(); self = .aimd(c)
    case .fixed(var c): c.handleWidening(); self = .fixed(c)
    }
  }
}
