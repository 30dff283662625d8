import Ground
import Wire

/// The state that all phases of a sender share, and the meaning of messages in more than one phase.
struct SenderSession: Sendable {
  let configuration: SenderMachine.Configuration
  /// The size of datagram: the largest candidate until the path is known. It does not change once data flow.
  private(set) var candidate: PathCandidate
  var line = SenderLine()
  var peers: PeerTable
  var chunks: ChunkSchedule
  var pace: SenderPace
  /// Nil while no chunk flows, and where the sender waits for each member.
  var stragglers: Stragglers?
  /// One-way: how many times the whole set was sent.
  var roundsSent: UInt64 = 0

  init(_ configuration: SenderMachine.Configuration) {
    self.configuration = configuration
    candidate = configuration.candidates[0]
    peers = PeerTable(isGroup: configuration.isGroup, expectedCount: configuration.receiverCount)
    chunks = ChunkSchedule(
      candidate, isGroup: configuration.isGroup, fixedShare: configuration.fixedParityShare)
    pace = SenderPace(configuration, datagramByteCount: candidate.datagramByteCount)
  }

  /// The session has this size from now on. No chunk has been sent.
  mutating func use(_ candidate: PathCandidate) {
    guard candidate != self.candidate else { return }
    self.candidate = candidate
    chunks = ChunkSchedule(candidate, isGroup: isGroup, fixedShare: configuration.fixedParityShare)
    pace = SenderPace(configuration, datagramByteCount: candidate.datagramByteCount)
  }

  var datagramByteCount: Int { candidate.datagramByteCount }
  var isGroup: Bool { configuration.isGroup }

  /// Longer than a receiver waits before it repeats *complete*, so that a lost *close* is repeated as well.
  var lingerNanoseconds: Nanoseconds {
    let spread =
      isGroup ? min(GroupTiming.answerSpread(groupSize: UInt64(peers.groupSize)), .seconds(10)) : 0
    return min(max(4 * peers.grttNanoseconds, .milliseconds(6)), .seconds(2)) + spread
  }

  // MARK: Receivers

  /// The place of a new receiver. Without a place for it the datagram is a stray one.
  mutating func admit(_ receiverID: UInt64, now: Instant) -> Int? {
    let index = peers.admit(
      receiverID, chunkCount: candidate.shape.chunkCount, ledger: line.ledger, now: now)
    if index == nil { line.counters.strayDatagrams += 1 }
    return index
  }

  /// A receiver that is known. The datagram of an unknown one is a stray one.
  mutating func hearKnown(_ receiverID: UInt64, now: Instant) -> Int? {
    let index = peers.hear(receiverID, now: now)
    if index == nil { line.counters.strayDatagrams += 1 }
    return index
  }

  /// In unicast a receiver that was started anew takes the place of the one that is quiet. True when one did.
  mutating func makeRoom(for receiverID: UInt64, now: Instant) -> Bool {
    guard let former = peers.makeRoom(for: receiverID, now: now) else { return false }
    line.note(.peerEnded(receiverID: former.receiverID, .silent))
    return true
  }

  /// A receiver's outcome is known.
  mutating func settle(_ index: Int, _ outcome: PeerOutcome) {
    guard peers.settle(index, outcome) else { return }
    line.note(.peerEnded(receiverID: peers[index].receiverID, outcome))
  }

  // MARK: Messages

  mutating func note(_ join: Join, from index: Int, now: Instant) {
    line.counters.joinsReceived += 1
    peers[index].noteRtt(join.echoedTimestamp, holdMicroseconds: join.holdMicroseconds, now: now)
    peers.noteRoundTrip(index, now: now)
    peers[index].receiveBufferByteCount = UInt64(join.receiveBufferByteCount)
    peers[index].marks.areCounted = join.countsMarks
    if !join.countsMarks { pace.marking.stop() }
    guard peers[index].hostName.isEmpty else { return }
    peers[index].hostName = join.hostName.isEmpty ? "receiver" : join.hostName
    line.note(.joined(receiverID: join.receiverID, hostName: peers[index].hostName))
  }

  /// Returns how many repairs were queued. `index`: a receiver under way.
  mutating func note(_ nack: Nack, from index: Int, now: Instant) -> UInt64 {
    line.counters.nacksReceived += 1
    peers[index].nacksReceived += 1
    let highest = PacketNumber.reconstruct(
      truncated: nack.highestPacketNumber, expected: line.ledger.nextPacket)
    guard highest < line.ledger.nextPacket else {
      line.counters.malformedDatagrams += 1
      return 0
    }
    peers[index].noteHighest(highest, now: now)
    guard !nack.isRest else {
      // A group is sent everything, because other members may lack it.
      if !isGroup { chunks.leaveOut(allBut: nack.missingRanges) }
      return 0
    }
    if peers.isLarge {
      peers.noteNeed(index, chunkCount: nack.missingRanges.reduce(0) { $0 + UInt64($1.count) })
    }
    return queueRepairs(nack, for: index, highestPacket: highest, now: now)
  }

  private mutating func queueRepairs(
    _ nack: Nack, for index: Int, highestPacket: UInt64, now: Instant
  ) -> UInt64 {
    // A receiver may ask for this many at a time. Chunks that a hostile one names beyond that cost nothing.
    var named = UInt64(LossDetector.maximumOutstanding)
    let budget =
      peers[index].lag.isLagging
      ? 0
      : peers[index].repairBudget.left(
        chunksHeld: peers[index].chunksHeld, isDeaf: peers[index].isDeaf, now: now)
    var left = budget
    let seen = min(highestPacket, newestPacketSeen(by: peers[index], now: now))
    if nack.acceptsSymbols, chunks.blocks != nil {
      let share =
        chunks.isFirstPassDone || budget == 0
        ? nil : peers.shareLeft(of: index, chunksSent: chunks.next)
      let queued = chunks.request(
        nack.missingRanges, maximumCount: named, highestPacket: seen, budget: min(budget, share ?? .max),
        defersRest: share != nil, now: now)
      peers[index].repairBudget.use(queued)
      return queued
    }
    for range in nack.missingRanges where named > 0 {
      let first = UInt64(range.first)
      let count = min(UInt64(range.count), named)
      named -= count
      let queued = chunks.request(first..<first + count, highestPacket: seen, budget: left, now: now)
      left -= queued
      peers[index].repairBudget.use(queued)
    }
    return budget - left
  }

  /// The holdoff: no receiver can have seen a packet and reported it in less than half of its least round
  /// trip.
  private func newestPacketSeen(by peer: SenderPeer, now: Instant) -> UInt64 {
    guard peer.rtt.hasSample, now.nanoseconds > peer.rtt.minimum / 2 else { return .max }
    return line.ledger.newestPacket(sentBy: Instant(nanoseconds: now.nanoseconds - peer.rtt.minimum / 2)) ?? 0
  }

  mutating func note(_ report: Report, from index: Int, now: Instant) {
    line.counters.reportsReceived += 1
    let highest = PacketNumber.reconstruct(
      truncated: report.highestPacketNumber, expected: line.ledger.nextPacket)
    // Distinct datagrams numbered up to `highest` cannot be more than that, nor chunks more than the set's.
    guard highest < line.ledger.nextPacket, report.receivedDatagramCount <= highest + 1,
      report.heldChunkCount <= candidate.shape.chunkCount
    else {
      line.counters.malformedDatagrams += 1
      return
    }
    let wasFull = peers[index].storage.isFull
    peers[index].handle(report, highestPacket: highest, ledger: line.ledger, now: now)
    if pace.marking.note(report, from: &peers[index], now: now) { pace.widen() }
    noteStorage(of: index, wasFull: wasFull)
    peers.noteActive(index)
    peers.noteRoundTrip(index, now: now)
    pace.noteReport(from: index, &peers, line.ledger, now: now)
  }

  /// The outcome that a complete states, which will be answered by a close; nil when the receiver cannot have
  /// come so far.
  mutating func note(_ complete: Complete, from index: Int, now: Instant) -> PeerOutcome? {
    line.counters.completesReceived += 1
    guard addsUp(complete), canHoldAll(peers[index]) else {
      line.counters.malformedDatagrams += 1
      return nil
    }
    peers[index].noteRtt(complete.echoedTimestamp, holdMicroseconds: complete.holdMicroseconds, now: now)
    peers.noteRoundTrip(index, now: now)
    line.close(complete.receiverID)
    return complete.status == .whole
      ? .whole(filesVerified: complete.verifiedFileCount) : .partial(complete)
  }

  /// Each file is accounted for, and none as failed if all is whole (Specs/chunked-udp.md §4.9).
  private func addsUp(_ complete: Complete) -> Bool {
    let files = UInt64(complete.verifiedFileCount) + UInt64(complete.failedFileCount)
    return files == UInt64(candidate.shape.fileCount)
      && (complete.status != .whole || complete.failedFileCount == 0)
  }

  /// Whether a receiver can hold all chunks by now, Specs/chunked-udp.md §4.9: those that were never sent are
  /// among those that it held in its last report, and those that it lacked then can have arrived since.
  private func canHoldAll(_ peer: SenderPeer) -> Bool {
    let held = min(peer.chunksHeld, chunks.chunkCount)
    let arrived = min(peer.datagramsReceived, line.ledger.nextPacket)
    return chunks.chunkCount - chunks.next <= held
      && chunks.chunkCount - held <= line.ledger.nextPacket - arrived
  }

  mutating func note(_ abort: Abort, from index: Int) {
    line.counters.abortsReceived += 1
    settle(index, .left(abort.reason, abort.text))
  }
}
