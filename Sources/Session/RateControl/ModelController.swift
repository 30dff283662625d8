/// The default: a model of the path, of BBR's family (draft-ietf-ccwg-bbr). It paces at what the path was seen to
/// deliver, probes for more now and then, and bounds what is in flight by delivery rate × minimum RTT. Loss by itself
/// says nothing to it; delivery that does not grow with the rate does.
package struct ModelController: RateController {
  private enum Mode: Sendable { case startup, drain, probe(step: Int) }

  /// Doubles the rate each round: 2/ln 2 (BBR §4.3.1).
  private static let startupGain = 2.885
  private static let probeGains: [Double] = [1.25, 0.75, 1, 1, 1, 1, 1, 1]
  /// Rounds over which the delivery rate's maximum is kept.
  private static let filterRounds = 10
  private static let initialWindow = 16.0
  /// Reports and timers have a granularity: the window always covers this much time, seconds.
  private static let windowFloorSeconds = 0.004

  private var mode = Mode.startup
  private var roundMaxima = [Double](repeating: 0, count: filterRounds)
  private var round = 0
  /// Loss of the last rounds, and what the present one has sent and lost.
  private var roundLosses: [Double] = []
  private var roundSent: UInt64 = 0
  private var roundLost: UInt64 = 0
  private var roundEnd: UInt64 = 0
  private var fullRate = 0.0
  private var flatRounds = 0
  private var minimumRttSeconds = 0.1
  private var hasRtt = false
  /// Between two reports, seconds: that much more is under way unreported.
  private var feedbackSeconds = 0.0
  private var stepBegan = Instant.zero

  package init() {}

  /// Datagrams per second that the path takes, as seen; 0 before there is a sample. What random loss takes away behind
  /// the bottleneck was carried by it too.
  private var bottleneck: Double { roundMaxima.reduce(0, max) / (1 - randomLoss) }

  /// The loss that is there in every round, whatever the rate: the least of the last rounds. Loss by congestion goes
  /// away in the rounds that drain the queue, so it does not count here. In [0, 0.9].
  private var randomLoss: Double { min(0.9, roundLosses.min() ?? 0) }

  package var datagramsPerSecond: Double {
    let rate = bottleneck
    guard rate > 0 else { return 2 * Self.initialWindow / minimumRttSeconds }
    switch mode {
    case .startup: return Self.startupGain * rate
    case .drain: return rate / Self.startupGain
    case .probe(let step): return Self.probeGains[step] * rate
    }
  }

  package var windowCount: UInt64 {
    let rate = bottleneck
    let floor = Self.initialWindow
    guard rate > 0 else { return UInt64(floor) }
    let gain: Double
    if case .startup = mode { gain = Self.startupGain } else { gain = 2 }
    let window = gain * rate * minimumRttSeconds + rate * (Self.windowFloorSeconds + 1.5 * feedbackSeconds)
    return UInt64(max(floor, window))
  }

  package mutating func handle(_ sample: RateSample) {
    feedbackSeconds = Double(sample.feedbackNanoseconds) / 1e9
    if sample.minimumRttNanoseconds != .max {
      hasRtt = true
      minimumRttSeconds = max(1e-5, Double(sample.minimumRttNanoseconds) / 1e9)
    }
    // Held back by something else, a path shows a lower bound of what it takes: nothing is forgotten meanwhile.
    let isNewRound = sample.highestPacket >= roundEnd && !sample.isApplicationLimited
    roundSent += sample.sentCount
    roundLost += sample.lostCount - min(sample.lostCount, sample.socketDropCount)
    if isNewRound {
      noteRoundLoss()
      roundEnd = sample.nextPacket
      round += 1
      roundMaxima[round % Self.filterRounds] = 0
    }
    if let rate = sample.deliveriesPerSecond, !sample.isApplicationLimited || rate > bottleneck {
      let slot = round % Self.filterRounds
      roundMaxima[slot] = max(roundMaxima[slot], rate)
    }
    advance(sample, isNewRound: isNewRound)
  }

  /// A round of fewer than 50 datagrams is taken together with the next: its loss would be noise.
  private mutating func noteRoundLoss() {
    guard roundSent >= 50 else { return }
    if roundLosses.count == Self.filterRounds { roundLosses.removeFirst() }
    roundLosses.append(Double(roundLost) / Double(roundSent))
    roundSent = 0
    roundLost = 0
  }

  private mutating func advance(_ sample: RateSample, isNewRound: Bool) {
    switch mode {
    case .startup:
      guard isNewRound, !sample.isApplicationLimited else { return }
      if bottleneck >= 1.25 * fullRate {
        fullRate = bottleneck
        flatRounds = 0
      } else {
        flatRounds += 1
        if flatRounds >= 3 {
          mode = .drain
          stepBegan = sample.now
        }
      }
    case .drain:
      let bandwidthDelay = bottleneck * (minimumRttSeconds + Self.windowFloorSeconds / 2 + feedbackSeconds)
      if Double(sample.inFlightCount) <= bandwidthDelay || sample.now - stepBegan > .seconds(1) {
        mode = .probe(step: 2)
        stepBegan = sample.now
      }
    case .probe(let step):
      if feedbackSeconds > 0 {
        // All receivers of a group probe at the same time: the slowest one's pace is everybody's, and would hide the rest.
        let stepSeconds = Double(sample.grttNanoseconds) / 1e9 + 3 * feedbackSeconds
        mode = .probe(step: Int(Double(sample.now.nanoseconds) / 1e9 / stepSeconds) % Self.probeGains.count)
        return
      }
      let stepSeconds = max(minimumRttSeconds, Self.windowFloorSeconds)
      if Double(sample.now - stepBegan) / 1e9 >= stepSeconds {
        mode = .probe(step: (step + 1) % Self.probeGains.count)
        stepBegan = sample.now
      }
    }
  }

  /// Half the rate for each silence, but not below the rate a session begins with: an outage of some seconds would
  /// otherwise leave a rate that takes minutes to grow back. What was known of the path is stale, so it is learnt anew.
  package mutating func handleSilence(now: Instant) {
    let floor = Self.initialWindow / max(minimumRttSeconds, 0.01)
    for i in roundMaxima.indices where roundMaxima[i] > floor {
      roundMaxima[i] = max(floor, roundMaxima[i] / 2)
    }
    mode = .startup
    fullRate = 0
    flatRounds = 0
  }
}
