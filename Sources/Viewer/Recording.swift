/// A run that was recorded, and can be replayed: what the window needs to know of it. Whoever reads the
/// record makes it. All closures may be called from any thread, again and again.
package struct Recording: Sendable {
  /// The run after some of its datagrams.
  package struct Moment: Sendable {
    package var delivery: DeliveryMap
    /// What the last of these datagrams did.
    package var line: String
    /// What was counted by then; its time does not matter.
    package var counts: Traffic.Sample?
    /// The second of two runs, at the same time since its own start.
    package var beside: Side?

    package init(
      delivery: DeliveryMap, line: String, counts: Traffic.Sample? = nil, beside: Side? = nil
    ) {
      self.delivery = delivery
      self.line = line
      self.counts = counts
      self.beside = beside
    }
  }

  /// One of two runs at one moment.
  package struct Side: Sendable {
    package var title: String
    package var delivery: DeliveryMap
    package var line: String

    package init(title: String, delivery: DeliveryMap, line: String) {
      self.title = title
      self.delivery = delivery
      self.line = line
    }
  }

  /// Where two runs first differ.
  package struct Difference: Sendable, Equatable {
    /// Datagrams of both runs up to it.
    package var stepCount: Int
    package var seconds: Double
    /// "first difference after 0.4031 s".
    package var text: String

    package init(stepCount: Int, seconds: Double, text: String) {
      self.stepCount = stepCount
      self.seconds = seconds
      self.text = text
    }
  }

  /// What is replayed: "run.qlog · receiver · unicast".
  package var title: String
  /// Datagrams of the run.
  package var stepCount: Int
  /// The run's length.
  package var seconds: Double
  /// When a datagram was sent or arrived; its argument is in 0 ..< `stepCount`. Times do not fall.
  package var secondsOfStep: @Sendable (Int) -> Double
  /// Whether a datagram is a NACK.
  package var isNack: @Sendable (Int) -> Bool
  /// The run after this number of datagrams, 0 ... `stepCount`.
  package var moment: @Sendable (Int) -> Moment
  /// What was counted, in order of time.
  package var samples: [Traffic.Sample]
  /// The times of NACKs, for the time line.
  package var nackSeconds: [Double]
  /// Of two runs: what the time line says of them.
  package var comparison: String?
  /// Nil for one run, and for two that do not differ.
  package var difference: Difference?

  package init(
    title: String, stepCount: Int, seconds: Double, samples: [Traffic.Sample], nackSeconds: [Double],
    secondsOfStep: @escaping @Sendable (Int) -> Double, isNack: @escaping @Sendable (Int) -> Bool,
    moment: @escaping @Sendable (Int) -> Moment
  ) {
    self.title = title
    self.stepCount = stepCount
    self.seconds = seconds
    self.samples = samples
    self.nackSeconds = nackSeconds
    self.secondsOfStep = secondsOfStep
    self.isNack = isNack
    self.moment = moment
  }

  /// The datagrams up to a time, this one included.
  package func stepCount(at seconds: Double) -> Int {
    var (low, high) = (0, stepCount)
    while low < high {
      let middle = (low + high) / 2
      if secondsOfStep(middle) <= seconds { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// What the strip shows at a time, when `counts` had been counted.
  func traffic(at seconds: Double, _ counts: Traffic.Sample?) -> Traffic {
    var (low, high) = (0, samples.count)
    while low < high {
      let middle = (low + high) / 2
      if samples[middle].seconds <= seconds { low = middle + 1 } else { high = middle }
    }
    var first = 0
    if seconds > Traffic.windowSeconds {
      first = max(0, (samples.firstIndex { $0.seconds >= seconds - Traffic.windowSeconds } ?? 1) - 1)
    }
    var shown = Array(samples[first..<max(first, low)])
    if var counts {
      counts.seconds = seconds
      shown.append(counts)
    }
    return Traffic(samples: shown, at: seconds, of: self.seconds)
  }
}
