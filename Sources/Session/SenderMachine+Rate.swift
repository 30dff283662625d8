import Ground
import Wire

/// What the reports make of the rate, Specs/chunked-udp.md §6.8.
extension SenderMachine {
  /// Bytes of UDP payload in a full datagram of this session.
  package var datagramByteCount: Int { candidate.datagramByteCount }

  /// Datagrams per second: the controller's, under the limit that was set.
  package var datagramsPerSecond: Double {
    var rate = underWayCount > 0 ? controller.datagramsPerSecond : .infinity
    if let limit = configuration.rateLimitBitsPerSecond {
      rate = min(rate, limit / 8 / Double(datagramByteCount))
    }
    return rate.isFinite ? max(1, rate) : 1_000
  }

  /// Between two reports of one receiver of a group; 0 in unicast, where reports are a part of the round trip apart.
  var groupReportInterval: Nanoseconds {
    guard configuration.isGroup else { return 0 }
    return ReportTiming.interval(grtt: grttNanoseconds, isGroup: true, groupSize: groupSize)
  }

  /// A receiver draws its interval up to one and a half: within this time each has reported, but for lost reports.
  private var roundNanoseconds: Nanoseconds { groupReportInterval + groupReportInterval / 2 }

  /// The joins told the round trip, the longest of which counts.
  mutating func beginRate() {
    controller.begin(rttNanoseconds: longestMinimumRtt, feedbackNanoseconds: roundNanoseconds)
  }

  /// What the window must cover beyond the round trip: a group's report interval, or a peer's timer that is coarser than
  /// the protocol asks for.
  private func feedbackNanoseconds(_ peer: SenderPeer) -> Nanoseconds {
    let expected = ReportTiming.interval(
      grtt: grttNanoseconds, isGroup: configuration.isGroup, groupSize: groupSize)
    return configuration.isGroup ? roundNanoseconds : peer.feedback.beyond(expected)
  }

  private var longestMinimumRtt: Nanoseconds? {
    peers.lazy.filter { $0.isUnderWay && $0.rtt.hasSample }.map(\.rtt.minimum).max()
  }

  /// True when each receiver under way has room for more. In a group repairs have twice the window: while their notice
  /// waits, one receiver after the other asks for the same.
  func isWindowOpen(forRepairs: Bool = false) -> Bool {
    var window = controller.windowCount
    if forRepairs, configuration.isGroup { window.addSaturating(window) }
    let rate = controller.datagramsPerSecond
    // The kernel charges the socket's buffer with the memory that a datagram lies in: a page and its own header for
    // one of 1,472 bytes (seen on veth), twice its size for large ones. What is on its way is not in the buffer yet.
    let charge = UInt64(max(2 * datagramByteCount, datagramByteCount + 3_072))
    func hasRoom(_ peer: SenderPeer) -> Bool {
      let buffer = max(8, peer.receiveBufferByteCount / charge)
      // Nor is what has left it, and was not reported yet because the peer's timer is coarse.
      let late = configuration.isGroup ? 0 : feedbackNanoseconds(peer)
      let outside = peer.rtt.hasSample ? rate * Double(peer.rtt.minimum + late) / 1e9 : 0
      let limit = buffer + UInt64(saturating: min(outside, 1e9))
      return peer.inFlightCount(ledger) < min(window, limit)
    }
    guard activeIndices.isEmpty else {
      return activeIndices.allSatisfy { peers[$0].isLeftOut || peers[$0].isDeaf || hasRoom(peers[$0]) }
    }
    return peers.allSatisfy { !$0.isUnderWay || $0.isLeftOut || hasRoom($0) }
  }

  /// A receiver has reported. One receiver: a sample for the controller. A group is one path to it, as wide as that of
  /// its slowest receiver: when each had the time to report, what that one saw stands for all. With a controller for
  /// each, the least of a hundred rates that luck and their own clocks disperse would hold all back.
  mutating func sampleRate(after index: Int, now: Instant) {
    if configuration.isGroup {
      guard now >= roundEndsAt else { return }
      let round = roundNanoseconds
      roundEndsAt = now + round
      if let sample = groupSample(feedbackNanoseconds: round, now: now) { controller.handle(sample) }
    } else if let sample = peers[index].takeSample(
      ledger: ledger, idleUntilPacket: idleUntilPacket,
      feedbackNanoseconds: feedbackNanoseconds(peers[index]),
      now: now)
    {
      controller.handle(sample)
    }
  }

  /// The slowest receiver's sample, with the round trip of the farthest one and the slowest one's queue. Nil when its
  /// report was lost: the others would tell of a wider path.
  private mutating func groupSample(feedbackNanoseconds: Nanoseconds, now: Instant) -> RateSample? {
    var least = Double.infinity
    var slowest: RateSample?
    for index in peers.indices
    where peers[index].isUnderWay && !peers[index].isLeftOut && !peers[index].isDeaf {
      let sample = peers[index].takeSample(
        ledger: ledger, idleUntilPacket: idleUntilPacket, feedbackNanoseconds: feedbackNanoseconds, now: now)
      if let sample { peers[index].carried.add(sample) }
      guard let carried = peers[index].carried.fraction, carried < least else { continue }
      least = carried
      slowest = sample
    }
    guard var sample = slowest else { return nil }
    if let rtt = sample.rttNanoseconds, let longest = longestMinimumRtt {
      sample.rttNanoseconds = longest + (rtt - min(rtt, sample.minimumRttNanoseconds))
      sample.minimumRttNanoseconds = longest
    }
    return sample
  }

  mutating func writeOffFlight(now: Instant) {
    for index in peers.indices where peers[index].isUnderWay {
      peers[index].progressAt = now
      peers[index].writtenOff = ledger.nextPacket
    }
  }

  /// What is in flight to receivers that fell silent does not count any more. When no other one was heard either, that is
  /// the path's doing, and the controller is told; else who fell silent is left out until it is heard again.
  mutating func writeOffSilent(now: Instant) {
    let groupSpread = 3 * groupReportInterval
    func isSilent(_ peer: SenderPeer) -> Bool {
      let spread = configuration.isGroup ? groupSpread : 3 * feedbackNanoseconds(peer)
      let patience = max(3 * peer.rtt.smoothed + .milliseconds(50), .milliseconds(100)) + spread
      return peer.inFlightCount(ledger) > 0 && now - peer.progressAt > patience
    }
    let isAnyoneHeard = peers.contains { $0.isUnderWay && !$0.isLeftOut && !isSilent($0) }
    var isTold = false
    for index in peers.indices where peers[index].isUnderWay && isSilent(peers[index]) {
      peers[index].progressAt = now
      peers[index].writtenOff = ledger.nextPacket
      peers[index].isLeftOut = configuration.isGroup && isAnyoneHeard
      if !isAnyoneHeard, phase == .sending, !isTold {
        isTold = true
        controller.handleSilence(now: now)
      }
    }
  }
}
