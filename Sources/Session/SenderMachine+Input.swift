package import Ground
package import Wire

extension SenderMachine {
  /// A receiver's message. Bad ones are counted and dropped.
  package mutating func handle(_ message: ControlMessage, header: DatagramHeader, now: Instant) {
    guard !hasEnded else {
      counters.lateDatagrams += 1
      return
    }
    guard header.sessionID == configuration.sessionID else {
      counters.strayDatagrams += 1
      return
    }
    switch message {
    case .join(let join): handleJoin(join, now: now)
    case .nack(let nack): handleNack(nack, now: now)
    case .report(let report): handleReport(report, now: now)
    case .complete(let complete): handleComplete(complete, now: now)
    case .abort(let abort):
      // One that cannot take this set at all says so before it joins.
      guard
        let index = phase == .announcing
          ? peer(abort.receiverID, isIntroduced: true, now: now) : peerIndices[abort.receiverID]
      else {
        // While receivers are awaited, `peer` has counted the one it has no room for.
        if phase != .announcing { counters.strayDatagrams += 1 }
        return
      }
      counters.abortsReceived += 1
      settle(index, .left(abort.reason, abort.text), now: now)
      if phase == .announcing, peers.count >= configuration.receiverCount { start(now: now) }
    case .announce, .repairNotice, .end, .close:
      counters.strayDatagrams += 1  // a sender's message; our own, looped back
    }
  }

  /// The receiver's place. One that was not known gets one, as its join may have been lost; while announcing only a join
  /// or an abort makes one, as nothing has been sent that could be answered otherwise. Nil when there is no place.
  private mutating func peer(_ receiverID: UInt64, isIntroduced: Bool = false, now: Instant) -> Int? {
    if !configuration.isGroup, phase != .announcing, !awaitsBeginning { timers.disarm(.announce) }
    if let index = peerIndices[receiverID] {
      peers[index].lastHeardAt = now
      if peers[index].outcome == .silent { revive(index, now: now) }
      return index
    }
    let limit = configuration.isGroup ? Self.maximumPeerCount : 1
    guard receiverID != 0, peers.count < limit, phase != .lingering, isIntroduced || phase != .announcing
    else {
      counters.strayDatagrams += 1
      return nil
    }
    peers.append(
      SenderPeer(
        receiverID: receiverID, hostName: "", isGroup: configuration.isGroup, chunkCount: shape.chunkCount,
        now: now))
    peerIndices[receiverID] = peers.count - 1
    underWayCount += 1
    // What went out before it came is not in flight to it.
    peers[peers.count - 1].beginAnew(ledger, now: now)
    return peers.count - 1
  }

  /// In unicast the announce goes to one address and port: who answers it under another id, while the one before is quiet,
  /// is a receiver that was started anew there, and is served in its place.
  private mutating func makeRoom(for receiverID: UInt64, now: Instant) {
    guard !configuration.isGroup, receiverID != 0, peerIndices[receiverID] == nil,
      phase == .announcing || phase == .sending || phase == .ending, let former = peers.first,
      isQuiet(former, now: now)
    else { return }
    peers.removeAll()
    peerIndices.removeAll()
    activeIndices = []
    underWayCount = 0
    endsSinceProgress = 0
    events.append(.peerEnded(receiverID: former.receiverID, .silent))
  }

  /// A receiver that was given up on is heard again: after an outage it is served like any other.
  private mutating func revive(_ index: Int, now: Instant) {
    guard phase == .sending || phase == .ending else { return }
    peers[index].outcome = .underWay
    peers[index].beginAnew(ledger, now: now)
    underWayCount += 1
    noteActive(index)
  }

  /// A receiver that reports takes part. Mere joins cost nothing: ten thousand forged ones hold nobody up.
  private mutating func noteActive(_ index: Int) {
    guard !peers[index].isActive, peers[index].hasReported, peers[index].isUnderWay else { return }
    peers[index].isActive = true
    hasActiveBegun = true
    activeIndices.append(index)
  }

  private mutating func handleJoin(_ join: Join, now: Instant) {
    makeRoom(for: join.receiverID, now: now)
    guard let index = peer(join.receiverID, isIntroduced: true, now: now) else { return }
    counters.joinsReceived += 1
    _ = peers[index].noteRtt(
      echoedTimestamp: join.echoedTimestamp, holdMicroseconds: join.holdMicroseconds, now: now)
    peers[index].receiveBufferByteCount = UInt64(join.receiveBufferByteCount)
    if peers[index].hostName.isEmpty {
      peers[index].hostName = join.hostName.isEmpty ? "receiver" : join.hostName
      events.append(.joined(receiverID: join.receiverID, hostName: peers[index].hostName))
    }
    guard phase == .announcing else { return }
    if probe != nil {
      weigh(join, now: now)
    } else if peers.count >= configuration.receiverCount {
      start(now: now)
    }
  }

  /// What the join says of the path decides whether data may flow.
  private mutating func weigh(_ join: Join, now: Instant) {
    switch probe?.handle(join) {
    case .settled(let candidate):
      use(candidate)
      start(now: now)
    case .searching(let isNew): if isNew { timers[.announce] = now }
    case .tooNarrow(let byteCount): endTooNarrow(datagramByteCount: byteCount)
    case nil: break
    }
  }

  /// The owner's host knows that the path carries no more than this size: larger ones are not tried any more.
  package mutating func handlePathLimit(_ candidate: PathCandidate) {
    guard phase == .announcing, probe != nil, candidate.datagramByteCount < self.candidate.datagramByteCount
    else { return }
    if probe?.limit(to: candidate) ?? false {
      use(candidate)
    } else {
      endTooNarrow(datagramByteCount: self.candidate.datagramByteCount)
    }
  }

  /// A message that only a receiver with the announce that holds can send.
  private mutating func noteBeginning() {
    guard awaitsBeginning else { return }
    awaitsBeginning = false
    timers.disarm(.announce)
  }

  private mutating func handleNack(_ nack: Nack, now: Instant) {
    guard let index = peer(nack.receiverID, now: now) else { return }
    guard peers[index].isUnderWay else {
      counters.lateDatagrams += 1
      return
    }
    noteBeginning()
    counters.nacksReceived += 1
    peers[index].nacksReceived += 1
    let highest = PacketNumber.reconstruct(
      truncated: nack.highestPacketNumber, expected: ledger.nextPacket)
    guard highest < ledger.nextPacket else {
      counters.malformedDatagrams += 1
      return
    }
    peers[index].noteHighest(highest, now: now)
    // What brings no repair is no progress: *end* goes on becoming rarer.
    if queueRepairs(nack, for: index, highestPacket: highest, now: now) > 0 { endsSinceProgress = 0 }
  }

  /// Returns how many were queued.
  private mutating func queueRepairs(
    _ nack: Nack, for index: Int, highestPacket: UInt64, now: Instant
  ) -> UInt64 {
    // As many as a receiver may have asked for at a time: what a hostile one names beyond that costs nothing.
    var named = UInt64(LossDetector.maximumOutstanding)
    let budget = peers[index].repairBudget.left(chunksHeld: peers[index].chunksHeld, now: now)
    var left = budget
    let seen = min(highestPacket, newestPacketSeen(by: peers[index], now: now))
    for range in nack.missingRanges where named > 0 {
      let first = UInt64(range.first)
      let count = min(UInt64(range.count), named)
      named -= count
      let queued = repairs.request(
        first..<first + count, limit: nextChunk, highestPacket: seen, budget: left, now: now)
      left -= queued
      peers[index].repairBudget.use(queued)
    }
    return budget - left
  }

  /// The holdoff: nobody can have seen a packet, and tell of it, in less than half of its least round trip.
  private func newestPacketSeen(by peer: SenderPeer, now: Instant) -> UInt64 {
    guard peer.rtt.hasSample, now.nanoseconds > peer.rtt.minimum / 2 else { return .max }
    return ledger.newestPacket(sentBy: Instant(nanoseconds: now.nanoseconds - peer.rtt.minimum / 2)) ?? 0
  }

  private mutating func handleReport(_ report: Report, now: Instant) {
    guard let index = peer(report.receiverID, now: now) else { return }
    noteBeginning()
    counters.reportsReceived += 1
    let highest = PacketNumber.reconstruct(
      truncated: report.highestPacketNumber, expected: ledger.nextPacket)
    // Distinct datagrams numbered up to `highest` cannot be more than that, nor chunks more than the set's.
    guard highest < ledger.nextPacket, report.receivedDatagramCount <= highest + 1,
      report.heldChunkCount <= shape.chunkCount
    else {
      counters.malformedDatagrams += 1
      return
    }
    peers[index].handle(report, highestPacket: highest, ledger: ledger, now: now)
    noteActive(index)
    sampleRate(after: index, now: now)
  }

  private mutating func handleComplete(_ complete: Complete, now: Instant) {
    guard let index = peer(complete.receiverID, now: now) else { return }
    noteBeginning()
    counters.completesReceived += 1
    guard isPlausible(complete, from: peers[index]) else {
      counters.malformedDatagrams += 1
      return
    }
    _ = peers[index].noteRtt(
      echoedTimestamp: complete.echoedTimestamp, holdMicroseconds: complete.holdMicroseconds, now: now)
    if closeDue.count < Self.maximumCloseCount { closeDue.append(complete.receiverID) }
    if phase == .lingering { timers[.linger] = min(now + lingerNanoseconds, lingerLimit) }
    let outcome: PeerOutcome =
      complete.status == .whole ? .whole(filesVerified: complete.verifiedFileCount) : .partial(complete)
    if peers[index].outcome == .silent {  // all others are settled: too late to serve it, not to believe it
      peers[index].outcome = outcome
      events.append(.peerEnded(receiverID: complete.receiverID, outcome))
    }
    settle(index, outcome, now: now)
  }

  /// Whether a receiver can say so, Specs/chunked-udp.md §4.9: every chunk has been sent; it accounts for each file, and for
  /// none as failed if it is whole; and what its last report missed can have come since.
  private func isPlausible(_ complete: Complete, from peer: SenderPeer) -> Bool {
    let files = UInt64(complete.verifiedFileCount) + UInt64(complete.failedFileCount)
    guard isFirstPassDone, files == UInt64(candidate.announce.fileCount),
      complete.status != .whole || complete.failedFileCount == 0
    else { return false }
    let missing = shape.chunkCount - min(peer.chunksHeld, shape.chunkCount)
    return missing <= ledger.nextPacket - min(peer.datagramsReceived, ledger.nextPacket)
  }
}
