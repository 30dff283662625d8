/// Sets the rate and the window of one receiver's path from its reports. Write one: a struct with these members, a
/// case in `AnyRateController`, a row in the simulator's table (CONTRIBUTING.md "A rate controller").
package protocol RateController: Sendable {
  /// Datagrams per second to pace at.
  var datagramsPerSecond: Double { get }
  /// Datagrams that may be in flight.
  var windowCount: UInt64 { get }
  /// A join's round trip: all that is known of the path before its first report.
  mutating func handleFirstRoundTrip(_ nanoseconds: Nanoseconds)
  mutating func handle(_ sample: RateSample)
  /// Nothing was reported for several round trips, with datagrams in flight.
  mutating func handleSilence(now: Instant)
}

extension RateController {
  package mutating func handleFirstRoundTrip(_ nanoseconds: Nanoseconds) {}
}

/// Which controller, by the name the command line gives it.
package enum RateControllerKind: Sendable, Equatable {
  case model
  case aimd
  /// Bits per second of UDP payload.
  case fixed(bitsPerSecond: Double)
}

/// One of the controllers, without an existential on the path of each datagram.
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

  package mutating func handleFirstRoundTrip(_ nanoseconds: Nanoseconds) {
    switch self {
    case .model(var c): c.handleFirstRoundTrip(nanoseconds); self = .model(c)
    case .aimd(var c): c.handleFirstRoundTrip(nanoseconds); self = .aimd(c)
    case .fixed(var c): c.handleFirstRoundTrip(nanoseconds); self = .fixed(c)
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
}
