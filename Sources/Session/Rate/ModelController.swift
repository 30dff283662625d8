package import Ground

/// The default: a model of the path, of BBR's family (draft-ietf-ccwg-bbr-03: §4.3 state machine, §4.5.1 rate
/// filter, §4.6.4 window). It paces at the rate that the path was seen to carry, probes for more from time to
/// time, drains the queue that a probe built, and bounds the datagrams in flight by rate × round trip. A
/// phase measures only datagrams that were sent in it.
///
/// Loss alone is no signal. What differs from BBR: the loss that remains in the phase that drains, at a
/// quarter below the path's rate and with the path's own round trip, cannot be the queue's. So it is taken
/// for random, and delivery is counted as if it had not happened. Loss above it lowers the measured rate.
package struct ModelController: RateController {
  enum Mode: Sendable, Equatable {
    case startup, drain, up, down
    case cruise(remaining: Int)
    /// Almost nothing in flight for a moment. This shows the round trip without our own queue (BBR §4.3.4).
    case probeRtt
  }

  private(set) var mode = Mode.startup
  private(set) var phase = PathPhase()
  var rates: [RateMemory] = []
  /// Datagrams per second that the path carries, random loss included; 0 before a sample.
  var pathRate = 0.0
  private var random = RandomLoss()
  var randomLoss: Double { random.fraction }
  private(set) var signs = QueueSigns()
  var passage = QueuePassage()

  private var fullRate = 0.0
  /// Rounds of start-up without growth. A round in which the sender offered no more counts for a part.
  private var flatRounds = 0.0
  private var (roundEnd, roundBeganAt) = (UInt64(0), Instant.zero)
  /// Start-up: datagrams of this round, and of all rounds with growth.
  private var roundCounts = LossCounts()
  private var roundIsMarked = false
  private var growthCounts = LossCounts()

  private(set) var minimumRtt: Nanoseconds = .milliseconds(100)
  private var hasRtt = false
  private var (minimumRttAt, phaseMinimumRtt) = (Instant.zero, Nanoseconds.max)
  /// The time between two samples in a group, or of a coarse timer; datagrams are unreported for this time.
  /// Seconds; 0 when reports come as often as the protocol asks for.
  private(set) var feedbackSeconds = 0.0
  private(set) var isGroup = false
  /// A receiver whose reports come by a coarse timer. They show the queue of long ago.
  var isCoarse: Bool { !isGroup && feedbackSeconds > 0 }
  /// Marks lower the rate once in a round trip: the next time when this packet has arrived.
  var slowsAgainAt: UInt64 = 0

  package init() {}

  // MARK: What it sees

  package mutating func begin(rttNanoseconds: Nanoseconds?, feedbackNanoseconds: Nanoseconds) {
    // A join that was answered late must not make the session begin with one datagram a second.
    if let rttNanoseconds { minimumRtt = min(rttNanoseconds, Constants.longestFirstRttNanoseconds) }
    isGroup = feedbackNanoseconds > 0
    feedbackSeconds = Constants.feedbackSeconds(feedbackNanoseconds)
  }

  package mutating func handle(_ sample: RateSample) {
    noteRtt(sample)
    signs.note(sample)
    if isOfPhase(sample) {
      phase.add(sample, isQuiet: signs.isQuiet && signs.wasQuiet)
    }
    feedbackSeconds = Constants.feedbackSeconds(sample.feedbackNanoseconds)
    if mode == .startup { return startUp(sample) }
    if mode == .drain, isTooMuch(sample) { enter(.drain, sample) }
    // A probe that was cut short says too little about the rate to be remembered.
    if mode == .up, overflows(sample) { return enter(.down, sample) }
    if sample.markedCount > 0, heedMarks(sample) { return }
    guard phase.isOver(lossFraction: randomLoss, atLeast: max(Constants.phaseNanoseconds, minimumRtt)),
      isDrained(sample)
    else {
      // No report about this phase arrives. It ends all the same.
      let patience = 8 * (minimumRtt + min(sample.feedbackNanoseconds, Constants.longestRttNanoseconds))
      if sample.now - phase.beganAt > patience + .milliseconds(200) { conclude(sample) }
      return
    }
    conclude(sample)
  }

  /// A probe has filled the queue. On a long path it would lose datagrams for several round trips.
  private func overflows(_ sample: RateSample) -> Bool {
    guard phase.sentCount >= 32, sample.sentCount >= 32 else { return false }
    return Double(sample.lostCount) > (0.1 + 1.2 * randomLoss) * Double(sample.sentCount)
  }

  /// The queue is gone and the loss without it is known; or draining takes too long, because others fill it.
  private func isDrained(_ sample: RateSample) -> Bool {
    let feedback = Nanoseconds(saturating: 1e9 * feedbackSeconds)
    switch mode {
    case .drain:
      return phase.lossFraction == 0 || phase.isQuietEnough
        || sample.now - phase.beganAt > 4 * (minimumRtt + feedback) + .milliseconds(50)
    case .down:
      return phase.quietLossFraction != nil
        || sample.now - phase.beganAt > 3 * (minimumRtt + feedback) + .milliseconds(10)
    default: return true
    }
  }

  /// A round trip without a queue: the path's own, and the time of a few datagrams.
  private var quietRtt: Nanoseconds {
    let few = pathRate > 0 ? Nanoseconds(saturating: min(8e9 / pathRate, 1e9)) : 0
    return minimumRtt + max(minimumRtt / 8, .milliseconds(4), few)
  }

  /// Halves the rate at each silence, and forgets what was measured. A rate below that of a session's
  /// beginning would take minutes to grow again.
  package mutating func handleSilence(now: Instant) {
    let floor = Constants.initialWindow / max(seconds(minimumRtt), 0.01)
    if pathRate > floor { pathRate = max(floor, pathRate / 2) }
    startAnew()
  }

  /// The rate was that of a member that does not count any more: it grows as in the beginning.
  package mutating func handleWidening() { if mode != .startup { startAnew() } }

  /// What was measured is the rate of wider paths, and does not count any more. A few datagrams a round trip
  /// remain, whatever a receiver says.
  mutating func handleNarrowing(to rate: Double, nextPacket: UInt64, now: Instant) {
    guard rate < pathRate / 4 else { return }
    pathRate = max(rate, min(pathRate, Constants.markedWindow / max(seconds(minimumRtt), 0.01)))
    rates.removeAll()
    enter(.drain, nextPacket: nextPacket, now: now)
  }

  /// The rate that was measured is that of the path, or less. Its queue may be full.
  package mutating func endSearch(nextPacket: UInt64, now: Instant) {
    if mode == .startup, pathRate > 0 { enter(.drain, nextPacket: nextPacket, now: now) }
  }

  private mutating func startAnew() {
    rates.removeAll()
    (mode, fullRate, flatRounds) = (.startup, 0, 0)
    (roundCounts, growthCounts) = (LossCounts(), LossCounts())
  }

  private mutating func noteRtt(_ sample: RateSample) {
    guard let rtt = sample.rttNanoseconds.map({ min($0, Constants.longestRttNanoseconds) }) else { return }
    phaseMinimumRtt = min(phaseMinimumRtt, rtt)
    signs.noteRtt(rtt, minimum: hasRtt ? minimumRtt : rtt, isQuiet: !hasRtt || rtt <= quietRtt)
    if !hasRtt || rtt <= minimumRtt {
      minimumRtt = rtt
      minimumRttAt = sample.now
      hasRtt = true
    } else if rtt <= minimumRtt + minimumRtt / 8 + .milliseconds(1) {
      minimumRttAt = sample.now  // almost as good as a new measurement
    }
  }

  // MARK: Startup

  /// Each report raises the rate. A round trip that raised it by less than a quarter, or built a queue, is
  /// flat.
  private mutating func startUp(_ sample: RateSample) {
    if let rate = sample.deliveriesPerSecond(randomLoss: growthCounts.fraction) {
      pathRate = max(pathRate, rate)
    }
    if sample.areManyMarked, pathRate > 0 { return enter(.drain, sample) }
    roundIsMarked = roundIsMarked || sample.markedCount > 0
    roundCounts.add(
      LossCounts(sent: Double(sample.sentCount) + Double(sample.smallCount), lost: Double(sample.lostCount)))
    // Much more is lost than while the rate grew, and the rate does not grow: the queue is full already. In a
    // group the slowest member may have become another one, so the round trip must show the queue.
    let isFull = roundCounts.sent >= 64 && roundCounts.fraction > growthCounts.fraction + 0.25
    if isFull, !isGroup || hasQueue, pathRate < 1.25 * fullRate { return enter(.drain, sample) }
    guard isRoundOver(sample), !sample.isApplicationLimited else { return }
    // A few datagrams of a group's slowest member say little where many get lost by chance.
    guard !isGroup || hasQueue || roundIsMarked || roundCounts.isEnough else { return }
    (roundEnd, roundBeganAt) = (sample.nextPacket, sample.now)
    defer { (roundCounts, roundIsMarked) = (LossCounts(), false) }
    // RFC 9406 §4.2: we have built a queue of an eighth of the round trip, at least 4 ms.
    let queue = phaseMinimumRtt == .max ? 0 : phaseMinimumRtt - min(phaseMinimumRtt, minimumRtt)
    phaseMinimumRtt = .max
    let isQueueing = roundIsMarked || queue > max(minimumRtt / 8, .milliseconds(8))
    if pathRate >= 1.25 * fullRate, !isQueueing {
      growthCounts.add(roundCounts)
      fullRate = pathRate
      flatRounds = 0
    } else {
      fullRate = max(fullRate, pathRate)
      let isOffered = sample.sendsPerSecond.map { $0 > 1.2 * fullRate } ?? true
      flatRounds += isOffered || isQueueing ? 1 : 0.34
      // One round with a queue is enough, unless chance may have made what it shows.
      let isSure = isGroup || (!isCoarse && roundCounts.isEnough)
      guard flatRounds >= 3 || (isQueueing && flatRounds >= (isSure ? 1 : 2)) else { return }
      enter(.drain, sample)
    }
  }

  /// What was sent since the round began has arrived. Behind a queue that stays this takes ever longer, and
  /// the queue becomes full meanwhile: then the path's own round trip is enough.
  private func isRoundOver(_ sample: RateSample) -> Bool {
    guard sample.highestPacket < roundEnd else { return true }
    guard !isCoarse, roundCounts.sent >= 32 else { return false }
    return signs.isStanding(minimumRtt: minimumRtt) && sample.now - roundBeganAt >= minimumRtt
  }

  /// All its datagrams were sent in this phase.
  func isOfPhase(_ sample: RateSample) -> Bool {
    phase.firstPacket == 0 || sample.previousPacket >= phase.firstPacket - 1
  }

  // MARK: Phases

  mutating func enter(_ next: Mode, _ sample: RateSample) {
    enter(next, nextPacket: sample.nextPacket, now: sample.now)
  }

  private mutating func enter(_ next: Mode, nextPacket: UInt64, now: Instant) {
    mode = next
    phase = PathPhase(firstPacket: nextPacket, beganAt: now)
    phaseMinimumRtt = .max
    passage = QueuePassage()
  }

  private mutating func conclude(_ sample: RateSample) {
    let rateBefore = pathRate
    noteLoss()
    noteRate(sample)
    let isRttStale = sample.now - minimumRttAt > Constants.rttMemoryNanoseconds
    switch mode {
    case .startup: break
    case .drain: enter(.cruise(remaining: Constants.cruiseCount / 2), sample)
    // The path carried nearly all of it, so it has become wider, and the next probe follows at once.
    case .up where pathRate >= 1.15 * rateBefore: enter(.up, sample)
    case .up: enter(.down, sample)
    // A group's round trip is that of the joins. A window below what its reports leave open would stop it.
    case .down where isRttStale && feedbackSeconds == 0: enter(.probeRtt, sample)
    case .down: enter(.cruise(remaining: Constants.cruiseCount), sample)
    case .cruise(let remaining) where remaining > 1: enter(.cruise(remaining: remaining - 1), sample)
    case .cruise: enter(.up, sample)
    case .probeRtt:
      if phaseMinimumRtt != .max { minimumRtt = phaseMinimumRtt }
      minimumRttAt = sample.now
      enter(.cruise(remaining: Constants.cruiseCount), sample)
    }
  }

  /// Only phases well below the path's rate show the loss that has other causes.
  private mutating func noteLoss() {
    switch mode {
    case .drain:
      random.begin(phase, growth: growthCounts)
      // The rates of start-up were measured without this correction.
      pathRate /= 1 - randomLoss
      rates.removeAll()
    case .down: random.note(phase, growth: growthCounts, isQuiet: signs.isQuiet)
    default: break
    }
  }

  mutating func noteRate(_ sample: RateSample) {
    if mode == .drain {
      rates = [RateMemory(rate: pathRate, at: sample.now, isGuess: true)]
      return
    }
    guard mode != .probeRtt, let rate = phase.carriedRate(lossFraction: randomLoss) else { return }
    // Remembered, the delays of a late sender would lower its rate again and again.
    let isOurs = phase.isLate(losing: max(randomLoss, growthCounts.fraction)) && phaseMinimumRtt <= quietRtt
    guard !(phase.isApplicationLimited || isOurs) || rate > pathRate else { return }
    rates.append(RateMemory(rate: rate, at: sample.now))
    if mode != .up, let loss = phase.lossFraction, loss > randomLoss + 0.05 + 0.2 * randomLoss,
      phase.sentCount >= 64, !isGroup || hasQueue
    {
      rates.removeFirst(max(0, rates.count - 2))  // the path became narrower: older rates do not count
    }
    while rates.count > Constants.memoryPhases, sample.now - rates[0].at > Constants.memoryNanoseconds {
      rates.removeFirst()
    }
    if rates.count > 2, rates[0].isGuess { rates.removeFirst() }
    pathRate = rates.reduce(0) { max($0, $1.rate) }
  }
}
