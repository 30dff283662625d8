package import Ground
package import Wire

/// The sender of one session, Specs/chunked-udp.md §6.1. Sans-I/O: any number of `handle…(…, now:)`, then drain
/// `pollTransmit` and `pollEvent`, then sleep until `nextDeadline` and call `handleWake`.
///
/// It never touches a payload: it says which chunks go next, by index.
package struct SenderMachine: Sendable {
  package struct Configuration: Sendable {
    package var sessionID: UInt64
    /// The sizes of datagram that are possible, from the largest to the smallest. The path is probed for the largest that
    /// it carries (§6.9); with one there is no choice. A group has the first.
    package var candidates: [PathCandidate]
    package var isGroup: Bool
    /// Receivers to wait for; 1 in unicast.
    package var receiverCount: Int
    /// How long to wait for them. Then those that joined are served; with none the session ends.
    package var joinNanoseconds: Nanoseconds
    /// Silence after which a receiver is given up on.
    package var silenceNanoseconds: Nanoseconds
    package var controller: RateControllerKind
    /// Upper bound of the rate, bits per second of UDP payload; nil: none.
    package var rateLimitBitsPerSecond: Double?
    /// Datagrams that leave in one train, at most; 44 of 1,472 bytes fill a GSO write, and of larger ones fewer.
    package var trainDatagramCount: Int
    package var seed: UInt64

    package init(
      sessionID: UInt64, announce: Announce, shape: SessionShape, smaller: [PathCandidate] = [],
      isGroup: Bool = false, receiverCount: Int = 1,
      joinNanoseconds: Nanoseconds = .seconds(10), silenceNanoseconds: Nanoseconds = .seconds(8),
      controller: RateControllerKind = .model, rateLimitBitsPerSecond: Double? = nil,
      trainDatagramCount: Int = 44, seed: UInt64 = 0
    ) {
      self.sessionID = sessionID
      candidates = [PathCandidate(announce: announce, shape: shape)] + smaller
      self.isGroup = isGroup
      self.receiverCount = receiverCount
      self.joinNanoseconds = joinNanoseconds
      self.silenceNanoseconds = silenceNanoseconds
      self.controller = controller
      self.rateLimitBitsPerSecond = rateLimitBitsPerSecond
      self.trainDatagramCount = trainDatagramCount
      self.seed = seed
    }
  }

  package enum Phase: Sendable, Equatable {
    /// Announcing; waiting for receivers.
    case announcing
    /// First pass and repairs.
    case sending
    /// Everything went out at least once; *end* is repeated until each receiver's outcome is known.
    case ending
    /// All outcomes are known; late duplicates are still answered for a moment.
    case lingering
    case ended(SenderEnd)
  }

  enum Timer: Int, CaseIterable, Sendable { case announce, join, end, linger, silence }

  /// As `receiverCount`: wait for the whole time, then serve whoever joined.
  package static let anyNumberOfReceivers = Int.max
  /// Receivers a sender keeps account of, at most.
  static let maximumPeerCount = 100_000
  /// Bytes that one GSO write takes, at most.
  private static let trainByteCount = 65_000
  /// Completes answered in one turn, at most; the others come again.
  static let maximumCloseCount = 1_024
  /// `repairAllowance` at the beginning, and at most.
  static let firstRepairAllowance: UInt64 = 128

  let configuration: Configuration
  /// The size of datagram: the largest candidate, until the path has told otherwise. It does not change once data flow.
  package internal(set) var candidate: PathCandidate
  /// Nil in a group, which is not probed.
  var probe: PathProbe?
  /// The announce that holds may not have arrived: it is repeated until the receiver says what only one with it can say.
  var awaitsBeginning = false
  var hasAnnouncedBeginning = false
  private var isWaitExtended = false
  package internal(set) var phase = Phase.announcing
  package internal(set) var counters = SenderCounters()
  package internal(set) var peers: [SenderPeer] = []
  var peerIndices: [UInt64: Int] = [:]
  var underWayCount = 0
  /// Receivers under way that have reported: these pace the session. None before the first report.
  var activeIndices: [Int] = []
  var hasActiveBegun = false

  var ledger = SentLedger()
  /// Datagrams of this size that leave in one train, at most.
  var trainDatagramCount = 1
  var repairs: RepairQueue
  var timers = TimerTable<Timer>()
  /// The next chunk of the first pass.
  package internal(set) var nextChunk: UInt64 = 0
  var pendingRepair: Train?
  /// Repairs that may leave while the first pass goes on: each first sending brings one. A flood of requests then cannot
  /// stop the first pass, whatever it asks for.
  var repairAllowance = firstRepairAllowance
  /// When data began to flow, and when every chunk had been sent once.
  var startedAt = Instant.zero
  var firstPassEndedAt: Instant?
  var controller: AnyRateController
  /// In a group: reports are gathered until then.
  var roundEndsAt = Instant.zero
  /// Pacing: the next train may leave then.
  var nextTrainAt = Instant.zero
  /// The last time that there was nothing to send but the window and the pace allowed it.
  var idleUntilPacket: UInt64 = 0
  var endRound: UInt32 = 0
  var endsSinceProgress = 0
  /// *end* datagrams to send one behind the other.
  var endsDue = 0
  var closeDue: [UInt64] = []
  var aborts: [Abort] = []
  var lingerLimit = Instant.never
  var events = Queue<SenderEvent>()

  package init(_ configuration: Configuration, now: Instant) {
    precondition(!configuration.candidates.isEmpty, "a session has a size")
    self.configuration = configuration
    candidate = configuration.candidates[0]
    probe = configuration.isGroup ? nil : PathProbe(configuration.candidates)
    repairs = RepairQueue(chunkCount: candidate.shape.chunkCount)
    controller = AnyRateController(
      configuration.controller, datagramByteCount: candidate.datagramByteCount)
    trainDatagramCount = trainDatagramCountOfSize
    timers[.announce] = now
    timers[.join] = now + configuration.joinNanoseconds
  }

  /// What the session is at this size. Nothing of it has been sent.
  mutating func use(_ candidate: PathCandidate) {
    guard candidate != self.candidate else { return }
    self.candidate = candidate
    repairs = RepairQueue(chunkCount: candidate.shape.chunkCount)
    controller = AnyRateController(
      configuration.controller, datagramByteCount: candidate.datagramByteCount)
    trainDatagramCount = trainDatagramCountOfSize
  }

  private var trainDatagramCountOfSize: Int {
    max(1, min(configuration.trainDatagramCount, Self.trainByteCount / datagramByteCount))
  }

  package var shape: SessionShape { candidate.shape }
  package var hasEnded: Bool { if case .ended = phase { true } else { false } }
  package var repairsSuppressed: UInt64 { repairs.suppressedCount }

  /// The largest smoothed RTT of the receivers under way: GRTT. A guess until one has answered.
  package var grttNanoseconds: Nanoseconds {
    var largest: Nanoseconds = 0
    if activeIndices.isEmpty {
      for peer in peers where peer.rtt.hasSample && peer.isUnderWay {
        largest = max(largest, peer.rtt.smoothed)
      }
    } else {
      for index in activeIndices where peers[index].rtt.hasSample {
        largest = max(largest, peers[index].rtt.smoothed)
      }
    }
    if largest == 0 {
      for peer in peers where peer.rtt.hasSample { largest = max(largest, peer.rtt.smoothed) }
    }
    return largest == 0 ? .milliseconds(100) : largest
  }

  // MARK: Time

  package var nextDeadline: Instant {
    if hasEnded { return aborts.isEmpty ? .never : .zero }
    if !aborts.isEmpty || !closeDue.isEmpty { return .zero }
    guard phase == .sending || phase == .ending else { return timers.earliest }
    guard hasChunksToSend else { return endsDue > 0 ? .zero : timers.earliest }
    // *end* waits until the repairs are out: its deadline would wake the driver for nothing, again and again.
    let mayRepairMore = configuration.isGroup && mayRepair
    let readyAt =
      isWindowOpen()
      ? repairsReadyAt : mayRepairMore && isWindowOpen(forRepairs: true) ? repairsGatheredAt : .never
    return min(timers.earliest(except: .end), max(nextTrainAt, readyAt))
  }

  package mutating func handleWake(now: Instant) {
    if phase == .announcing, timers.isDue(.join, now: now) {
      timers.disarm(.join)
      endWaiting(now: now)
    }
    if phase == .lingering, timers.isDue(.linger, now: now) { end(.finished) }
    if timers.isDue(.silence, now: now) { checkSilence(now: now) }
  }

  mutating func start(now: Instant) {
    guard phase == .announcing else { return }
    phase = .sending
    timers.disarm(.join)
    nextTrainAt = now
    startedAt = now
    beginService(now: now)
    if let probe {
      awaitsBeginning = probe.isProvisional
      timers[.announce] = probe.isProvisional ? now : .never
    }
    timers[.silence] = now
    beginRate()
    events.append(.started)
    finishIfSettled(now: now)
  }

  /// Nobody more is waited for: those who came are served, at the largest size that is known to arrive.
  private mutating func endWaiting(now: Instant) {
    guard !peers.isEmpty else { return end(.nobodyListening) }
    if let probe, probe.isSearching {
      guard let arrived = probe.arrived else {
        // Who came in the last moment has not answered yet what was tried since: the search has its time, once.
        guard !isWaitExtended else { return endTooNarrow(datagramByteCount: probe.smallestByteCount) }
        isWaitExtended = true
        timers[.join] = now + max(configuration.joinNanoseconds, .seconds(5))
        return
      }
      use(arrived)
    }
    start(now: now)
  }

  /// Probes that were lost are not in flight in unicast, and the wait for others was no silence.
  private mutating func beginService(now: Instant) {
    for index in peers.indices {
      if probe != nil {
        peers[index].beginAnew(ledger, now: now)
      } else {
        peers[index].beginJudging(now: now)
      }
    }
  }

  /// This process did not run, or waited for its disk: it could hear nothing, so that the time is nobody's silence.
  package mutating func noteAbsence(_ nanoseconds: Nanoseconds) {
    for index in peers.indices { peers[index].postpone(by: nanoseconds) }
    timers[.join] = timers[.join] + nanoseconds
  }

  /// Nothing was heard of it for so long that it may have been started anew: several reports are missing by then.
  func isQuiet(_ peer: SenderPeer, now: Instant) -> Bool {
    peer.isUnderWay && now - peer.lastHeardAt > .milliseconds(500) + 3 * peer.rtt.smoothed
  }

  /// Receivers that fell silent: first their flight is written off, then they are.
  private mutating func checkSilence(now: Instant) {
    guard phase == .sending || phase == .ending else {
      timers.disarm(.silence)
      return
    }
    let spreading =
      configuration.isGroup
      ? GroupTiming.meaninglessSilence(grtt: grttNanoseconds, groupSize: UInt64(groupSize)) : 0
    let limit = max(configuration.silenceNanoseconds, spreading)
    noteDeaf(now: now)
    writeOffSilent(now: now)
    for index in peers.indices where peers[index].isUnderWay {
      if now - peers[index].lastHeardAt > limit + 10 * peers[index].rtt.smoothed {
        settle(index, .silent, now: now)
      } else if isStalled(peers[index], limit: 2 * limit, now: now) {
        tell(
          peers[index].receiverID, .limitExceeded,
          "the path carries the sender's small datagrams, but no longer those with chunks")
        settle(index, .stalled, now: now)
      } else if let reason = leftBehindReason(index, now: now) {
        leave(index, reason, now: now)
      }
    }
    guard phase == .sending || phase == .ending else { return }
    timers[.silence] = now + .milliseconds(25)
    // A group is told of the session all the time.
    if !configuration.isGroup, timers[.announce] == .never, peers.contains(where: { isQuiet($0, now: now) }) {
      timers[.announce] = now
    }
  }

  // MARK: Ends

  /// Ends the session from this side, and tells all receivers.
  package mutating func cancel(reason: AbortReason, text: String) {
    guard !hasEnded else { return }
    tell(0, reason, text)
    end(.cancelled(reason, text))
  }

  /// The path carries none of the sizes. The receiver, which hears announces without padding, is told.
  mutating func endTooNarrow(datagramByteCount: Int) {
    guard !hasEnded else { return }
    tell(0, .limitExceeded, "the path does not carry datagrams of \(datagramByteCount) bytes")
    end(.pathTooNarrow(datagramByteCount: datagramByteCount))
  }

  mutating func end(_ outcome: SenderEnd) {
    guard !hasEnded else { return }
    phase = .ended(outcome)
    timers.disarmAll()
    events.append(.ended(outcome))
  }

  /// A receiver's outcome is known.
  mutating func settle(_ index: Int, _ outcome: PeerOutcome, now: Instant) {
    guard peers[index].isUnderWay else { return }
    peers[index].outcome = outcome
    underWayCount -= 1
    if peers[index].isActive {
      peers[index].isActive = false
      activeIndices.removeAll { $0 == index }
    }
    events.append(.peerEnded(receiverID: peers[index].receiverID, outcome))
    finishIfSettled(now: now)
  }

  private mutating func finishIfSettled(now: Instant) {
    guard phase == .sending || phase == .ending, underWayCount == 0 else { return }
    phase = .lingering
    tellSilent()
    timers.disarmAll()
    timers[.linger] = now + lingerNanoseconds
    lingerLimit = now + max(.seconds(2), lingerNanoseconds)
  }

  /// Longer than a receiver waits before it says *complete* again, so that a lost *close* is said again as well.
  var lingerNanoseconds: Nanoseconds {
    let spread = configuration.isGroup ? GroupTiming.answerSpread(groupSize: UInt64(groupSize)) : 0
    return min(max(4 * grttNanoseconds, .milliseconds(6)), .seconds(2)) + spread
  }

  package mutating func pollEvent() -> SenderEvent? {
    let event = events.first
    events.removeFirst()
    return event
  }
}
