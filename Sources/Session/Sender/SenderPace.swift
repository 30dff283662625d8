import Ground
import Wire

/// When a sender may send, and how much: the rate, the window and the trains, Specs/chunked-udp.md §6.8.
struct SenderPace: Sendable {
  /// Pacing may catch up this much after a late wake-up.
  private static let burstNanoseconds: Nanoseconds = .milliseconds(2)
  /// Or this many datagrams, if its host was busy (RFC 9002 §7.7): otherwise a slow rate sinks for ever.
  private static let lateDatagramCount = 16.0
  /// What leaves in one train, at most.
  private static let trainNanoseconds: Nanoseconds = .microseconds(250)
  /// As many repairs of a notice leave in one train, if the pacing can catch up.
  private static let repairTrainCount = 8
  /// Bytes that one GSO write takes, at most.
  private static let trainByteCount = 65_000

  private let isGroup: Bool
  /// The group goes on without those that fall behind.
  private let leavesStragglers: Bool
  private var servesStragglers = false
  private let kind: RateControllerKind
  private let rateLimitBitsPerSecond: Double?
  private let datagramByteCount: Int
  /// Datagrams of this size in one train, at most.
  private let trainDatagramCount: Int
  private var controller: AnyRateController
  /// In a group: reports are gathered until then.
  private var roundEndsAt = Instant.zero
  /// The receiver whose sample was the newest one of the group.
  private var slowestMember = SlowestMember()
  /// The next packet number when the controller last looked for the rate. Full queues drop datagrams then.
  private var searchedUntilPacket: UInt64 = 0
  /// The group has gone on without its slowest member.
  private var hasWidened = false
  /// The next train may leave then.
  private(set) var nextTrainAt = Instant.zero
  /// The next packet number when the sender last had nothing to send: samples up to it are limited by that.
  private var idleUntilPacket: UInt64 = 0
  /// The next packet number when a train last left later than the pace can catch up: this host was busy.
  private var lateUntilPacket: UInt64 = 0
  /// The window was open when the newest train had left.
  private var wasOpen = false
  /// It was not, and there has been something to send since.
  private var isPaused = false
  private var pauses = WindowPauses()
  /// Whether datagrams may be marked in place of being dropped.
  var marking = CongestionMarking()
  /// How often a group's members report.
  private var stage = FeedbackShare.Stage.beginning

  init(_ configuration: SenderMachine.Configuration, datagramByteCount: Int) {
    isGroup = configuration.isGroup
    leavesStragglers = configuration.stragglerNanoseconds != nil
    rateLimitBitsPerSecond = configuration.rateLimitBitsPerSecond
    self.datagramByteCount = datagramByteCount
    trainDatagramCount = max(
      1, min(configuration.trainDatagramCount, Self.trainByteCount / datagramByteCount))
    kind = configuration.controller
    controller = AnyRateController(kind, datagramByteCount: datagramByteCount)
  }

  /// Datagrams that the rate controller lets be in flight.
  var windowCount: UInt64 { controller.windowCount }

  /// Datagrams per second: the controller's, under the limit that was set.
  func datagramsPerSecond(_ peers: PeerTable) -> Double {
    var rate = peers.underWayCount > 0 ? controller.datagramsPerSecond : .infinity
    if let limit = rateLimitBitsPerSecond { rate = min(rate, limit / 8 / Double(datagramByteCount)) }
    return rate.isFinite ? max(1, rate) : 1_000
  }

  /// Datagrams in a train: what the rate gives in 250 µs, and no more than the window. So a burst is bounded
  /// by time as well as by number.
  func trainDatagramLimit(_ peers: PeerTable) -> Int {
    let byTime = Int(min(1e6, datagramsPerSecond(peers) * Double(Self.trainNanoseconds) / 1e9))
    return max(1, min(trainDatagramCount, Int(clamping: controller.windowCount), byTime))
  }

  /// Repairs behind one notice: a few more, because a notice has a tenth of a repair's bytes.
  func repairTrainDatagramLimit(_ peers: PeerTable) -> Int {
    let byTime = datagramsPerSecond(peers) * Double(Self.burstNanoseconds) / 1e9
    let few = min(Self.repairTrainCount, trainDatagramCount, Int(clamping: controller.windowCount))
    return max(trainDatagramLimit(peers), Int(min(byTime, Double(few))))
  }

  // MARK: What leaves

  /// Data is about to flow. The longest round trip of the joins counts.
  mutating func begin(_ peers: PeerTable, nextPacket: UInt64, now: Instant) {
    nextTrainAt = now
    marking.begin(peers, nextPacket: nextPacket)
    controller.begin(
      rttNanoseconds: peers.longestMinimumRtt, feedbackNanoseconds: roundNanoseconds(peers))
  }

  /// A train left. Behind the first pass repairs are gathered: the host is not what makes them late.
  mutating func noteSent(_ count: UInt64, _ peers: PeerTable, _ ledger: SentLedger, now: Instant) {
    stage = FeedbackShare.stage(packet: ledger.nextPacket, isEnding: stage == .ending)
    let isLate = wasOpen && now > nextTrainAt + Self.burstNanoseconds
    if isLate { lateUntilPacket = ledger.nextPacket }
    if isPaused { pauses.note(now - nextTrainAt, before: ledger.nextPacket - min(ledger.nextPacket, count)) }
    wasOpen = isWindowOpen(peers, ledger)
    isPaused = !wasOpen
    let each = 1e9 / datagramsPerSecond(peers)
    let late = isLate && stage != .ending ? Nanoseconds(Self.lateDatagramCount * each) : 0
    let catchesUp = max(Self.burstNanoseconds, late)
    let earliest = Instant(nanoseconds: now.nanoseconds - min(now.nanoseconds, catchesUp))
    nextTrainAt = max(nextTrainAt, earliest) + Nanoseconds(Double(count) * each)
  }

  /// There is nothing to send.
  mutating func noteIdle(_ ledger: SentLedger) {
    idleUntilPacket = ledger.nextPacket
    (wasOpen, isPaused) = (false, false)
  }

  /// True when each receiver under way has room for more. In a group repairs have twice the window, because
  /// while their notice waits, one receiver after the other asks for the same chunks.
  func isWindowOpen(_ peers: PeerTable, _ ledger: SentLedger, forRepairs: Bool = false) -> Bool {
    var window = controller.windowCount
    if forRepairs, isGroup { window.addSaturating(window) }
    let rate = controller.datagramsPerSecond
    // The kernel charges the socket's buffer with a page and its own header for a datagram of 1,472 bytes
    // (seen on veth), and with twice the size of large ones. Datagrams on the way are not in the buffer yet.
    let charge = UInt64(max(2 * datagramByteCount, datagramByteCount + 3_072))
    return peers.allHaveRoom { peer in
      let buffer = max(8, peer.receiveBufferByteCount / charge)
      // Nor are those that the receiver has read, and that a peer with a coarse timer has not reported yet.
      let late = isGroup ? 0 : feedbackNanoseconds(peer, peers)
      let outside = peer.rtt.hasSample ? rate * Double(peer.rtt.minimum + late) / 1e9 : 0
      return peer.inFlightCount(ledger) < min(window, buffer + UInt64(saturating: min(outside, 1e9)))
    }
  }

  // MARK: What is reported

  /// Between two reports of one receiver of a group; 0 in unicast, where reports are a part of the round trip
  /// apart.
  func groupReportInterval(_ peers: PeerTable) -> Nanoseconds {
    guard isGroup else { return 0 }
    return FeedbackShare.reportInterval(
      groupSize: UInt64(peers.groupSize), isRepresentative: true, stage: stage, grtt: peers.grttNanoseconds,
      spacing: Nanoseconds(saturating: 1e9 / datagramsPerSecond(peers)))
  }

  /// A receiver draws its interval up to one and a half: within this time each has reported, unless reports
  /// are lost.
  private func roundNanoseconds(_ peers: PeerTable) -> Nanoseconds {
    let interval = groupReportInterval(peers)
    return interval + interval / 2
  }

  /// What the window must cover beyond the round trip: a group's report interval, or a peer's timer that is
  /// coarser than the protocol asks for.
  private func feedbackNanoseconds(_ peer: SenderPeer, _ peers: PeerTable) -> Nanoseconds {
    guard !isGroup else { return roundNanoseconds(peers) }
    let expected = ReportTiming.interval(
      grtt: peers.grttNanoseconds, isGroup: false, groupSize: peers.groupSize)
    return peer.feedback.beyond(expected)
  }

  /// A receiver has reported. With one receiver this gives a sample for the controller. To the controller a
  /// group is one path, as wide as the path of its slowest receiver: when each has had the time to report,
  /// the slowest one's sample stands for all. With a controller for each receiver, the smallest of a hundred
  /// rates, which differ by chance and by the receivers' clocks, would slow all.
  mutating func noteReport(from index: Int, _ peers: inout PeerTable, _ ledger: SentLedger, now: Instant) {
    if isGroup {
      guard !peers.isLarge || isOfRepresentative(index, &peers, ledger, now: now) else { return }
      guard now >= roundEndsAt else { return }
      let round = roundNanoseconds(peers)
      roundEndsAt = now + round
      if slowestMember.takeGivenUp(peers) { widen() }
      if let sample = groupSample(&peers, ledger, feedbackNanoseconds: round, now: now) {
        if controller.isSearching, !hasWidened { searchedUntilPacket = ledger.nextPacket }
        controller.handle(marking.heed(sample))
      }
    } else {
      let feedback = feedbackNanoseconds(peers[index], peers)
      let sample = peers[index].takeSample(
        ledger: ledger, pauses: pauses, idleUntilPacket: idleUntilPacket, lateUntilPacket: lateUntilPacket,
        feedbackNanoseconds: feedback, now: now)
      if let sample { controller.handle(marking.heed(sample)) }
    }
  }

  /// A member's sample, which tells what its path carries, and what it loses.
  private func takeSample(
    of peer: inout SenderPeer, _ ledger: SentLedger, feedback: Nanoseconds, now: Instant
  ) -> RateSample? {
    let sample = peer.takeSample(
      ledger: ledger, pauses: pauses, idleUntilPacket: idleUntilPacket, lateUntilPacket: lateUntilPacket,
      feedbackNanoseconds: feedback, now: now)
    guard let sample else { return nil }
    peer.carried.add(sample)
    peer.recentLoss.add(
      sent: sample.sentCount + sample.smallCount, lost: sample.lostCount,
      isOfSearch: controller.isSearching && !hasWidened || sample.previousPacket < searchedUntilPacket)
    return sample
  }

  /// Every chunk was sent once. What follows is too little to find a rate with, and the queue of a search
  /// would lose much of it.
  mutating func noteEnding(_ ledger: SentLedger, endsSearch: Bool, now: Instant) {
    stage = .ending
    if endsSearch { controller.endSearch(nextPacket: ledger.nextPacket, now: now) }
  }

  /// True for a report of a representative. The other reports of a large group only show who is slow.
  private func isOfRepresentative(
    _ index: Int, _ peers: inout PeerTable, _ ledger: SentLedger, now: Instant
  ) -> Bool {
    guard !peers.isRepresentative(index) || peers[index].naming.takeNew() else { return true }
    _ = takeSample(of: &peers[index], ledger, feedback: 0, now: now)
    peers.noteUnnamed(index)
    return false
  }

  /// The slowest receiver's sample, with the round trip of the farthest one and the slowest one's queue. Nil
  /// when its report was lost, or before all were heard: the others would show a wider path.
  private mutating func groupSample(
    _ peers: inout PeerTable, _ ledger: SentLedger, feedbackNanoseconds: Nanoseconds, now: Instant
  ) -> RateSample? {
    if leavesStragglers { noteSlow(&peers, ledger, now: now) }
    var least = Double.infinity
    var slowest: RateSample?
    for index in peers.pacingIndices where peers[index].isCounted {
      let sample = takeSample(of: &peers[index], ledger, feedback: feedbackNanoseconds, now: now)
      guard let carried = peers[index].carried.unmarkedFraction, carried < least else { continue }
      least = carried
      slowest = sample
      slowestMember.note(index)
    }
    guard var sample = slowest, peers.isEachPathKnown(now: now) else { return nil }
    if let rate = slowestMember.narrowRate(sample) {
      controller.handleNarrowing(to: rate, nextPacket: sample.nextPacket, now: now)
    }
    if let rtt = sample.rttNanoseconds, let longest = peers.longestMinimumRtt {
      sample.rttNanoseconds = longest + (rtt - min(rtt, sample.minimumRttNanoseconds))
      sample.minimumRttNanoseconds = longest
    }
    return sample
  }

  /// Members that lag set no pace, but their reports show when they keep up again.
  private mutating func noteSlow(_ peers: inout PeerTable, _ ledger: SentLedger, now: Instant) {
    for index in peers.indices where peers[index].isUnderWay && peers[index].lag.isLagging {
      let round = roundNanoseconds(peers)
      _ = takeSample(of: &peers[index], ledger, feedback: round, now: now)
    }
    peers.noteSlow()
    noteStragglers(&peers)
  }

  /// The path is wider than the rate of now. What this search loses is in the middle of the set, and is
  /// repaired soon.
  mutating func widen() {
    controller.handleWidening()
    hasWidened = true
  }

  /// When the others have everything, the paths of the stragglers are the group's: their rate and their loss
  /// are found anew.
  mutating func noteStragglers(_ peers: inout PeerTable) {
    if peers.hasNewStraggler {
      peers.hasNewStraggler = false
      widen()
    }
    guard servesStragglers != peers.isOfStragglers else { return }
    servesStragglers = peers.isOfStragglers
    controller = AnyRateController(kind, datagramByteCount: datagramByteCount)
    controller.begin(rttNanoseconds: peers.longestMinimumRtt, feedbackNanoseconds: roundNanoseconds(peers))
  }

  /// Datagrams in flight to silent receivers no longer count. When no message of another receiver arrived
  /// either, the path is the cause, and the controller is told if `isPathTold`. Otherwise the silent receiver
  /// is left out until its next message.
  mutating func writeOffSilent(
    _ peers: inout PeerTable, _ ledger: SentLedger, isPathTold: Bool, now: Instant
  ) {
    let groupSpread = 3 * groupReportInterval(peers)
    func isSilent(_ peer: SenderPeer) -> Bool {
      let spread = isGroup ? groupSpread : 3 * feedbackNanoseconds(peer, peers)
      let own = max(3 * peer.rtt.smoothed + .milliseconds(50), .milliseconds(100))
      let patience = (leavesStragglers ? peer.rtt.smoothed + .milliseconds(10) : own) + spread
      return peer.inFlightCount(ledger) > 0 && now - peer.progressAt > patience
    }
    let pacing = peers.pacingIndices.filter { peers[$0].isUnderWay }
    let isAnyoneHeard = pacing.contains { !peers[$0].isLeftOut && !isSilent(peers[$0]) }
    var isTold = !isPathTold || isAnyoneHeard
    for index in pacing where isSilent(peers[index]) {
      peers[index].writeOff(ledger, now: now)
      peers[index].isLeftOut = isGroup && isAnyoneHeard
      marking.noteSilence(of: peers[index], isPath: !isAnyoneHeard)
      if !isTold {
        isTold = true
        controller.handleSilence(now: now)
      }
    }
  }
}
