/// What one direction of a path does to datagrams. ``validated()`` checks the numbers once.
package struct Impairment: Equatable, Sendable {
  /// Datagrams that are overtaken: each chosen one is held back by an extra delay, while the rest keep their
  /// order.
  package struct Reordering: Equatable, Sendable {
    /// 0...1.
    package var probability: Double
    package var extraDelayNanoseconds: UInt64

    package init(probability: Double, extraDelayNanoseconds: UInt64) {
      self.probability = probability
      self.extraDelayNanoseconds = extraDelayNanoseconds
    }
  }

  /// The slowest link of the path: a rate and a first-in first-out buffer that drops what does not fit (tail
  /// drop).
  package struct Bottleneck: Equatable, Sendable {
    package var rateBitsPerSecond: UInt64
    package var bufferByteCount: UInt64
    /// A datagram that waits for this time or longer is marked "congestion experienced" (RFC 3168), if its
    /// sender allows it. Nil: none is marked.
    package var markNanoseconds: UInt64?

    package init(rateBitsPerSecond: UInt64, bufferByteCount: UInt64, markNanoseconds: UInt64? = nil) {
      self.rateBitsPerSecond = rateBitsPerSecond
      self.bufferByteCount = bufferByteCount
      self.markNanoseconds = markNanoseconds
    }
  }

  /// A time in which nothing passes, as when a cable is pulled or a station roams.
  package struct Outage: Equatable, Sendable {
    /// From the owner's time zero.
    package var startNanoseconds: UInt64
    package var durationNanoseconds: UInt64

    package init(startNanoseconds: UInt64, durationNanoseconds: UInt64) {
      self.startNanoseconds = startNanoseconds
      self.durationNanoseconds = durationNanoseconds
    }

    func covers(_ now: UInt64) -> Bool {
      now >= startNanoseconds && now - startNanoseconds < durationNanoseconds
    }
  }

  package var loss: LossModel
  /// Datagrams dropped by list, besides those lost at random.
  package var drops: [DropRule]
  /// Probability that a delivered copy has one bit flipped.
  package var corruption: Double
  /// Probability that a delivered copy ends early.
  package var truncation: Double
  /// Probability that a second copy is delivered.
  package var duplication: Double
  package var reordering: Reordering?
  package var delayNanoseconds: UInt64
  /// The most that jitter adds to the delay. The addition of each datagram is uniform in 0...jitter. Jitter
  /// alone does not reorder: a datagram waits for the one before it, as in a queue.
  package var jitterNanoseconds: UInt64
  package var bottleneck: Bottleneck?
  /// Counted as drops by list: both are on purpose.
  package var outage: Outage?

  package init(
    loss: LossModel = .none, drops: [DropRule] = [], corruption: Double = 0, truncation: Double = 0,
    duplication: Double = 0, reordering: Reordering? = nil, delayNanoseconds: UInt64 = 0,
    jitterNanoseconds: UInt64 = 0,
    bottleneck: Bottleneck? = nil, outage: Outage? = nil
  ) {
    self.loss = loss
    self.drops = drops
    self.corruption = corruption
    self.truncation = truncation
    self.duplication = duplication
    self.reordering = reordering
    self.delayNanoseconds = delayNanoseconds
    self.jitterNanoseconds = jitterNanoseconds
    self.bottleneck = bottleneck
    self.outage = outage
  }

  /// The path that does nothing to a datagram.
  package static let none = Impairment()

  /// Whether the owner may skip the link altogether.
  package var isNone: Bool { self == .none }

  /// Whether no datagram is ever delayed. The owner then needs no timer.
  package var isInstant: Bool {
    delayNanoseconds == 0 && jitterNanoseconds == 0 && reordering == nil && bottleneck == nil
  }

  /// This impairment, after its numbers have been checked. Delays are at most a minute, rates 1 kbit/s...1
  /// Tbit/s, buffers 1 byte...1 GiB.
  /// - Throws: ``ImpairmentError`` with the first number that is outside its range.
  package func validated() throws(ImpairmentError) -> Impairment {
    try loss.validate()
    try ImpairmentError.checkProbability(corruption, "corrupt", maximum: 1)
    try ImpairmentError.checkProbability(truncation, "truncate", maximum: 1)
    try ImpairmentError.checkProbability(duplication, "dup", maximum: 1)
    try Self.checkDelay(delayNanoseconds, "delay")
    try Self.checkDelay(jitterNanoseconds, "jitter")
    if let reordering {
      try ImpairmentError.checkProbability(reordering.probability, "reorder", maximum: 1)
      try Self.checkDelay(reordering.extraDelayNanoseconds, "reorder delay")
    }
    for case .occurrence(let kind, 0) in drops {
      throw .outOfRange(
        what: "drop \(MessageKind.name(of: kind))#", got: "0", allowed: "1 or more: 1 is the first")
    }
    if let outage,
      outage.startNanoseconds > Self.longestOutageNanoseconds
        || outage.durationNanoseconds > Self.longestOutageNanoseconds
    {
      throw .outOfRange(what: "outage", got: "\(outage)", allowed: "0...24h each for start and duration")
    }
    if let bottleneck {
      let (rate, buffer) = (bottleneck.rateBitsPerSecond, bottleneck.bufferByteCount)
      guard (1_000...1_000_000_000_000).contains(rate) else {
        throw .outOfRange(what: "rate", got: "\(rate) bit/s", allowed: "1kbit...1000Gbit")
      }
      guard (1...(1 << 30)).contains(buffer) else {
        throw .outOfRange(what: "buffer", got: "\(buffer) bytes", allowed: "1...1073741824 bytes")
      }
      if let mark = bottleneck.markNanoseconds { try Self.checkDelay(mark, "mark") }
    }
    return self
  }

  private static let longestOutageNanoseconds: UInt64 = 86_400_000_000_000

  private static func checkDelay(_ nanoseconds: UInt64, _ what: String) throws(ImpairmentError) {
    guard nanoseconds <= 60_000_000_000 else {
      throw .outOfRange(what: what, got: "\(nanoseconds) ns", allowed: "0...60s")
    }
  }
}
