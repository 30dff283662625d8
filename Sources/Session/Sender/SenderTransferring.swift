import Ground
import Wire

/// A sender whose chunks flow: the first pass over all chunks, repairs, and *end* until each receiver's
/// outcome is known, Specs/chunked-udp.md §6.1.
struct SenderTransferring: Sendable {
  /// With this many repairs a notice leaves at once. Fewer wait for others to join them.
  private static let repairsAtOnce: UInt64 = 8
  /// Between two looks at the receivers' silence.
  private static let checkNanoseconds: Nanoseconds = .milliseconds(25)
  /// A large group is announced to more often, because the announce names the representatives.
  private static let largeGroupAnnounceNanoseconds: Nanoseconds = .milliseconds(250)
  private static let firstAnnounceNanoseconds: Nanoseconds = .milliseconds(10)
  /// Within this time each receiver that joined has reported, as a rule.
  private static let reportsAwaitedNanoseconds: Nanoseconds = .seconds(30)

  /// The final announce may have been lost: it is repeated until a message arrives that only a receiver with
  /// it can send.
  private enum Beginning: Sendable {
    case known
    /// `isRepeated`: it has left once.
    case awaited(isRepeated: Bool)

    var isAwaited: Bool {
      switch self {
      case .known: false
      case .awaited: true
      }
    }
  }

  private var beginning: Beginning
  private var announceAt: Instant
  /// A large group begins before all its receivers have joined, and a receiver that heard no announce has no
  /// use for chunks: so many more follow each other soon.
  private var firstAnnounceCount = 4
  private var checkAt: Instant
  private let startedAt: Instant
  /// In a large group: when joins without a report no longer count for the size of the group.
  private var reportsAwaitedUntil: Instant
  /// When every chunk had been sent once.
  private var firstPassEndedAt: Instant?
  private var lateJoins: LateJoins
  /// Nil while chunks have not all been sent.
  private var ending: SenderEnding?

  /// `groupAnnounceAt`: when a group is announced to next. A unicast receiver is announced to until it is
  /// known to have the final announce, if the ones before were provisional.
  init(
    _ session: inout SenderSession, isProbed: Bool, isAnnounceProvisional: Bool, groupAnnounceAt: Instant,
    isEarly: Bool, now: Instant
  ) {
    lateJoins = LateJoins(areAwaited: isEarly)
    startedAt = now
    checkAt = now
    reportsAwaitedUntil = now + Self.reportsAwaitedNanoseconds
    session.peers.awaitReports(now: now)
    beginning = isAnnounceProvisional ? .awaited(isRepeated: false) : .known
    announceAt = isProbed ? (isAnnounceProvisional ? now : .never) : groupAnnounceAt
    // Probes that were lost are not in flight in unicast, and the wait for others was no silence.
    for index in session.peers.indices {
      if isProbed {
        session.peers[index].beginAnew(session.line.ledger, now: now)
      } else {
        session.peers[index].beginJudging(now: now)
      }
    }
    // The announce that names the representatives goes in front of the first chunk.
    if session.chooseRepresentatives(now: now) { announceAt = now }
    session.stragglers = session.configuration.stragglerNanoseconds.map { Stragglers(limit: $0, now: now) }
    session.pace.begin(session.peers, nextPacket: session.line.ledger.nextPacket, now: now)
    session.line.note(.started)
  }

  /// Every chunk has been sent once.
  var isEnding: Bool { ending != nil }

  /// Each receiver's outcome is known, and no other one is awaited.
  func isOver(_ session: SenderSession, now: Instant) -> Bool {
    session.peers.underWayCount == 0
      && (lateJoins.areOver(now: now) || session.peers.count >= session.configuration.receiverCount)
  }

  // MARK: What arrives

  mutating func handle(_ message: ControlMessage, _ session: inout SenderSession, now: Instant) {
    switch message {
    case .join(let join):
      if session.makeRoom(for: join.receiverID, now: now) { ending?.noteProgress() }
      guard let index = place(of: join.receiverID, &session, now: now) else { return }
      session.note(join, from: index, now: now)
    case .nack(let nack):
      guard let index = place(of: nack.receiverID, &session, now: now) else { return }
      guard session.peers[index].isUnderWay else {
        session.line.counters.lateDatagrams += 1
        session.tellIfLeft(index, now: now)
        return
      }
      noteBeginning()
      // A NACK that queues no repair is no progress: *end* continues to become rarer.
      if session.note(nack, from: index, now: now) > 0 { ending?.noteProgress() }
    case .report(let report):
      guard let index = place(of: report.receiverID, &session, now: now) else { return }
      noteBeginning()
      session.note(report, from: index, now: now)
      session.tellIfLeft(index, now: now)
    case .complete(let complete):
      guard let index = place(of: complete.receiverID, &session, now: now) else { return }
      noteBeginning()
      if let outcome = session.note(complete, from: index, now: now) { session.settle(index, outcome) }
    case .abort(let abort):
      guard let index = session.peers.index(of: abort.receiverID) else {
        session.line.counters.strayDatagrams += 1
        return
      }
      session.note(abort, from: index)
    case .announce, .repairNotice, .end, .close:
      session.line.counters.strayDatagrams += 1  // a sender's message; our own, looped back
    }
  }

  /// The receiver's place. An unknown receiver gets one, because its join may have been lost; a receiver that
  /// was given up is served again. In unicast a receiver has been heard, and needs no announce.
  private mutating func place(
    of receiverID: UInt64, _ session: inout SenderSession, now: Instant
  ) -> Int? {
    if !session.isGroup, !beginning.isAwaited, !session.peers.areAllFull { announceAt = .never }
    guard let index = session.peers.hear(receiverID, now: now) else {
      if let firstPassEndedAt {
        lateJoins.extend(session, passNanoseconds: firstPassEndedAt - startedAt, now: now)
      }
      return session.admit(receiverID, now: now)
    }
    if session.peers[index].outcome == .silent {
      session.peers.revive(index, ledger: session.line.ledger, now: now)
    }
    return index
  }

  /// A message that only a receiver with the final announce can send.
  private mutating func noteBeginning() {
    switch beginning {
    case .known: break
    case .awaited:
      beginning = .known
      announceAt = .never
    }
  }

  // MARK: Time

  func deadline(_ session: SenderSession) -> Instant {
    let others = min(announceAt, checkAt)
    guard session.chunks.hasChunks else {
      guard let ending else { return others }
      return ending.isDue(now: .zero) ? .zero : min(others, ending.nextAt)
    }
    // *end* waits until the repairs are sent. Otherwise its deadline would wake the driver for nothing, again
    //   and again.
    return min(others, max(session.pace.nextTrainAt, readyAt(session)))
  }

  /// When the window lets what there is to send go.
  private func readyAt(_ session: SenderSession) -> Instant {
    if session.isWindowOpen() {
      // Repairs that must wait leave the way free for the first pass.
      return session.chunks.isFirstPassDone ? repairsGatheredAt(session) : .zero
    }
    let mayRepairMore = session.isGroup && session.chunks.mayRepair
    return mayRepairMore && session.isWindowOpen(forRepairs: true) ? repairsGatheredAt(session) : .never
  }

  /// When the queued repairs may leave: several share a notice, and in a group one serves all who ask.
  private func repairsGatheredAt(_ session: SenderSession) -> Instant {
    // In unicast, during the first pass, repairs wait for a whole train, because no receiver waits for them
    // yet and each train has its own notice. A group's receivers would ask again.
    let waits = !session.chunks.isFirstPassDone && !session.isGroup
    let enough =
      waits
      ? max(Self.repairsAtOnce, UInt64(session.pace.trainDatagramLimit(session.peers))) : Self.repairsAtOnce
    if session.chunks.repairCount >= enough { return .zero }
    if !session.chunks.hasRepairs { return .never }
    return session.chunks.oldestRepairAt + session.gatheringNanoseconds
  }

  /// Receivers that are silent, stalled or too slow: first the datagrams in flight to them are written off,
  /// then the receivers themselves.
  mutating func handleWake(_ session: inout SenderSession, now: Instant) {
    guard checkAt <= now else { return }
    session.judgeReceivers(
      startedAt: startedAt, firstPassEndedAt: firstPassEndedAt, isEnding: isEnding, now: now)
    checkAt = now + Self.checkNanoseconds
    if let firstPassEndedAt, now - firstPassEndedAt <= session.tailNanoseconds { session.coverTail(now: now) }
    if reportsAwaitedUntil <= now {
      reportsAwaitedUntil = .never
      session.peers.endAwaiting()
    }
    if session.chooseRepresentatives(now: now) { announceAt = now }
    // A group is told of the session all the time. A receiver whose disk is full gets nothing else.
    if !session.isGroup, announceAt == .never,
      session.peers.areAllFull
        || session.peers.indices.contains(where: { session.peers[$0].isQuiet(now: now) })
    {
      announceAt = now
    }
  }

  // MARK: What leaves

  /// Until the final announce has certainly arrived; then twice a second, to a group and to a quiet receiver.
  mutating func takeAnnounce(_ session: inout SenderSession, now: Instant) -> SenderTransmission? {
    guard announceAt <= now else { return nil }
    var interval: Nanoseconds = session.peers.isLarge ? takeLargeGroupInterval() : .milliseconds(500)
    switch beginning {
    case .known: break
    case .awaited(let isRepeated):
      interval = max(2 * session.peers.grttNanoseconds, .milliseconds(50))
      guard ending == nil else { break }
      // Without the final announce a receiver has dropped what was sent so far: it is not in flight.
      if isRepeated { session.peers.writeOffFlight(session.line.ledger, now: now) }
      beginning = .awaited(isRepeated: true)
    }
    announceAt = now + interval
    return session.announce(session.candidate.announce, now: now)
  }

  private mutating func takeLargeGroupInterval() -> Nanoseconds {
    guard firstAnnounceCount > 0 else { return Self.largeGroupAnnounceNanoseconds }
    firstAnnounceCount -= 1
    return Self.firstAnnounceNanoseconds
  }

  /// A train of the first pass; or a notice and its repairs; or *end*.
  mutating func takeNext(_ session: inout SenderSession, now: Instant) -> SenderTransmission? {
    takeTrain(&session, now: now) ?? takeEnd(&session, now: now)
  }

  private mutating func takeTrain(_ session: inout SenderSession, now: Instant) -> SenderTransmission? {
    guard session.chunks.hasChunks else {
      session.pace.noteIdle(session.line.ledger)
      return nil
    }
    guard now >= session.pace.nextTrainAt else { return nil }
    let isGathered =
      session.chunks.hasRepairs && now >= repairsGatheredAt(session) && session.chunks.mayRepair
    guard session.isWindowOpen(forRepairs: isGathered) else { return nil }
    guard isGathered || !session.chunks.isFirstPassDone else { return nil }
    ending?.noteSent()
    defer { session.chunks.queueDeferred(now: now) }
    guard !isGathered else { return session.takeRepairs(now: now) }
    let run = session.chunks.takeFirst(maximumCount: session.pace.trainDatagramLimit(session.peers))
    let train = session.send([run], isRepair: false, now: now)
    session.chunks.coverSpans(now: now)
    if session.chunks.isFirstPassDone {
      firstPassEndedAt = now
      lateJoins.extend(session, passNanoseconds: now - startedAt, now: now)
      session.beginTail(now: now)
    }
    return .train(train)
  }

  private mutating func takeEnd(_ session: inout SenderSession, now: Instant) -> SenderTransmission? {
    guard session.chunks.isFirstPassDone, !session.chunks.hasRepairs else { return nil }
    firstPassEndedAt = firstPassEndedAt ?? now  // the receiver may have had the last chunks
    var ending = self.ending ?? SenderEnding()
    defer { self.ending = ending }
    guard ending.isDue(now: now) else { return nil }
    let grtt = session.peers.grttNanoseconds
    let round = ending.take(
      grttNanoseconds: grtt, longest: session.longestEndInterval(grtt: grtt, now: now), now: now)
    session.line.counters.endsSent += 1
    return session.line.control(
      .end(
        End(
          round: round, timestamp: now.timestamp, totalChunkCount: session.chunks.chunkCount,
          grttCode: GrttCode(nanoseconds: grtt))), now: now)
  }
}

extension SenderSession {
  fileprivate func isWindowOpen(forRepairs: Bool = false) -> Bool {
    !peers.areAllFull && pace.isWindowOpen(peers, line.ledger, forRepairs: forRepairs)
  }

  /// Between two *end* datagrams, at most. A receiver that still reports but does not answer *end* does not
  /// hear this sender: when its path is repaired, that is seen sooner with more of them.
  fileprivate func longestEndInterval(grtt: Nanoseconds, now: Instant) -> Nanoseconds {
    let isAnyoneHeard = peers.indices.contains {
      peers[$0].isUnderWay && now - peers[$0].lastHeardAt < .seconds(1)
    }
    return isAnyoneHeard ? max(.milliseconds(50), min(grtt, .milliseconds(250))) : .milliseconds(250)
  }
}
