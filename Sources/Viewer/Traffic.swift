/// What went over the network in the last seconds: what the strip under the map draws.
package struct Traffic: Sendable, Equatable {
  /// What was counted up to a time.
  package struct Sample: Sendable, Equatable {
    /// Since the start.
    package var seconds: Double
    package var byteCount: UInt64
    package var datagramCount: UInt64
    package var lostCount: UInt64
    package var nackCount: UInt64

    package init(
      seconds: Double, byteCount: UInt64, datagramCount: UInt64, lostCount: UInt64, nackCount: UInt64
    ) {
      self.seconds = seconds
      self.byteCount = byteCount
      self.datagramCount = datagramCount
      self.lostCount = lostCount
      self.nackCount = nackCount
    }
  }

  /// A part of the window: means over its time.
  package struct Bin: Sendable, Equatable {
    package var bytesPerSecond: Double
    /// In [0, 1].
    package var lossFraction: Double
    package var nackCount: UInt64
  }

  /// The time that the strip covers.
  package static let windowSeconds = 30.0

  /// In order of time.
  package private(set) var samples: [Sample] = []
  /// The times at the strip's ends.
  package private(set) var window: ClosedRange<Double> = 0...Self.windowSeconds

  package init() {}

  /// Of a run that was recorded: what lies before `seconds`, and the whole of a short run.
  package init(samples: some Collection<Sample>, at seconds: Double, of length: Double) {
    self.samples = Array(samples)
    let end = max(min(length, Self.windowSeconds), seconds)
    window = max(0, end - Self.windowSeconds)...max(end, .leastNonzeroMagnitude)
  }

  /// Adds what was counted now. What the window does not reach any more is forgotten.
  package mutating func add(_ sample: Sample) {
    if let last = samples.last, sample.seconds < last.seconds { samples = [] }
    samples.append(sample)
    let end = max(Self.windowSeconds, sample.seconds)
    window = end - Self.windowSeconds...end
    // One sample before the window is kept, for the rate at its edge.
    if let first = samples.firstIndex(where: { $0.seconds >= window.lowerBound }), first > 1 {
      samples.removeFirst(first - 1)
    }
  }

  /// The window in `count` equal parts; nil where nothing is known, as in the time to come.
  package func bins(count: Int) -> [Bin?] {
    guard count > 0, samples.count > 1, let last = samples.last else {
      return Array(repeating: nil, count: max(0, count))
    }
    let width = (window.upperBound - window.lowerBound) / Double(count)
    var place = 0
    var before = value(at: window.lowerBound, &place)
    return (0..<count).map { bin in
      let start = window.lowerBound + width * Double(bin)
      let end = start + width
      let after = value(at: end, &place)
      defer { before = after }
      guard start < last.seconds, end > samples[0].seconds, width > 0 else { return nil }
      let lost = after.lost - before.lost
      let all = lost + after.datagrams - before.datagrams
      return Bin(
        bytesPerSecond: max(0, after.bytes - before.bytes) / width,
        lossFraction: all > 0 ? min(1, max(0, lost / all)) : 0,
        nackCount: after.nacks - min(after.nacks, before.nacks))
    }
  }

  /// The counts at a time, between two samples in proportion; NACKs are whole. `place`: where it looked last.
  private func value(
    at seconds: Double, _ place: inout Int
  ) -> (bytes: Double, datagrams: Double, lost: Double, nacks: UInt64) {
    while place + 1 < samples.count, samples[place + 1].seconds <= seconds { place += 1 }
    let one = samples[place]
    guard seconds > one.seconds, place + 1 < samples.count else {
      return (Double(one.byteCount), Double(one.datagramCount), Double(one.lostCount), one.nackCount)
    }
    let two = samples[place + 1]
    let part = (seconds - one.seconds) / (two.seconds - one.seconds)
    func between(_ key: KeyPath<Sample, UInt64>) -> Double {
      Double(one[keyPath: key]) + part * (Double(two[keyPath: key]) - Double(one[keyPath: key]))
    }
    return (between(\.byteCount), between(\.datagramCount), between(\.lostCount), one.nackCount)
  }

  /// The last second's means, or those since the start of a younger run; nil where nothing is known.
  package var latest: Bin? {
    guard let last = samples.last else { return nil }
    var part = self
    let start = max(last.seconds - 1, samples[0].seconds)
    guard start < last.seconds else { return nil }
    part.window = start...last.seconds
    return part.bins(count: 1)[0]
  }
}
