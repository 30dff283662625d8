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

/// One of the controllers, without an existential for each datagram. Rate and window are kept apart from it,
/// because they are read for each train, and a `switch` would copy the controller each time.
package struct AnyRateController: Sendable {
  private enum Kind: Sendable {
    case model(ModelController)
    case aimd(AimdController)
    case fixed(FixedController)
  }

  private var kind: Kind
  package private(set) var datagramsPerSecond: Double
  package private(set) var windowCount: UInt64
  /// It looks for a rate that it does not know yet, and fills queues.
  private(set) var isSearching: Bool

  package init(_ kind: RateControllerKind, datagramByteCount: Int) {
    switch kind {
    case .model:
      let controller = ModelController()
      self.init(.model(controller), as: controller)
    case .aimd:
      let controller = AimdController()
      self.init(.aimd(controller), as: controller)
    case .fixed(let rate):
      let controller = FixedController(bitsPerSecond: rate, datagramByteCount: datagramByteCount)
      self.init(.fixed(controller), as: controller)
    }
  }

  private init(_ kind: Kind, as controller: some RateController) {
    self.kind = kind
    datagramsPerSecond = controller.datagramsPerSecond
    windowCount = controller.windowCount
    isSearching =
      if case .model(let model) = kind { model.mode == .startup || model.mode == .drain } else { false }
  }

  package mutating func begin(rttNanoseconds: Nanoseconds?, feedbackNanoseconds: Nanoseconds) {
    switch kind {
    case .model(var c):
      c.begin(rttNanoseconds: rttNanoseconds, feedbackNanoseconds: feedbackNanoseconds)
      self = Self(.model(c), as: c)
    case .aimd(var c):
      c.begin(rttNanoseconds: rttNanoseconds, feedbackNanoseconds: feedbackNanoseconds)
      self = Self(.aimd(c), as: c)
    case .fixed: break
    }
  }

  package mutating func handle(_ sample: RateSample) {
    switch kind {
    case .model(var c): c.handle(sample); self = Self(.model(c), as: c)
    case .aimd(var c): c.handle(sample); self = Self(.aimd(c), as: c)
    case .fixed(var c): c.handle(sample); self = Self(.fixed(c), as: c)
    }
  }

  package mutating func handleSilence(now: Instant) {
    switch kind {
    case .model(var c): c.handleSilence(now: now); self = Self(.model(c), as: c)
    case .aimd(var c): c.handleSilence(now: now); self = Self(.aimd(c), as: c)
    case .fixed(var c): c.handleSilence(now: now); self = Self(.fixed(c), as: c)
    }
  }

  package mutating func handleWidening() {
    switch kind {
    case .model(var c): c.handleWidening(); self = Self(.model(c), as: c)
    case .aimd(var c): c.handleWidening(); self = Self(.aimd(c), as: c)
    case .fixed(var c): c.handleWidening(); self = Self(.fixed(c), as: c)
    }
  }

  /// The path of a group's slowest member carries this, datagrams per second, which is far less than the rate
  /// that others gave.
  package mutating func handleNarrowing(to rate: Double, nextPacket: UInt64, now: Instant) {
    guard case .model(var model) = kind else { return }
    model.handleNarrowing(to: rate, nextPacket: nextPacket, now: now)
    self = Self(.model(model), as: model)
  }

  /// It takes the rate that it has seen, and looks for no higher one.
  package mutating func endSearch(nextPacket: UInt64, now: Instant) {
    guard case .model(var model) = kind else { return }
    model.endSearch(nextPacket: nextPacket, now: now)
    self = Self(.model(model), as: model)
  }
}
