import Ground
import Wire

/// A sender that waits for receivers, and in unicast looks for the size of datagram that the path carries,
/// Specs/chunked-udp.md §6.1 and §6.9.
struct SenderAnnouncing: Sendable {
  enum Next: Sendable {
    case announcing
    case transferring
    case ended(SenderEnd)
  }

  /// Nil in a group, which is not probed.
  private var probe: PathProbe?
  private var announceAt: Instant
  /// The end of the wait for receivers.
  private var joinAt: Instant
  private var isWaitExtended = false
  private var firstJoinAt: Instant?
  /// Announces, in unicast rounds of them, that leave soon after each other: nobody should wait long because
  /// one announce or join got lost. A large group's would bring too many joins.
  private var promptCount: Int
  /// Data flow before all joins have come.
  private var isEarly = false

  init(_ configuration: SenderMachine.Configuration, now: Instant) {
    probe = configuration.isGroup ? nil : PathProbe(configuration.candidates)
    announceAt = now
    let isLarge = FeedbackShare.isLarge(UInt64(clamping: configuration.receiverCount))
    promptCount = isLarge ? 0 : 10
    joinAt = now + configuration.joinNanoseconds
  }

  var deadline: Instant { min(announceAt, joinAt) }

  /// The transfer that follows.
  func transferring(_ session: inout SenderSession, now: Instant) -> SenderTransferring {
    SenderTransferring(
      &session, isProbed: probe != nil, isAnnounceProvisional: probe?.isProvisional ?? false,
      groupAnnounceAt: announceAt, isEarly: isEarly, now: now)
  }

  // MARK: What arrives

  /// Only a join or an abort makes a receiver known: nothing has been sent that could be answered otherwise.
  mutating func handle(_ message: ControlMessage, _ session: inout SenderSession, now: Instant) -> Next {
    switch message {
    case .join(let join): return handle(join, &session, now: now)
    case .abort(let abort):
      // A receiver that cannot take this set at all says so before it joins.
      guard let index = place(of: abort.receiverID, &session, now: now) else { return .announcing }
      session.note(abort, from: index)
      return session.peers.count >= session.configuration.receiverCount ? .transferring : .announcing
    case .nack(let nack):
      guard let index = session.hearKnown(nack.receiverID, now: now) else { return .announcing }
      if session.peers[index].isUnderWay {
        _ = session.note(nack, from: index, now: now)
      } else {
        session.line.counters.lateDatagrams += 1
      }
    case .report(let report):
      guard let index = session.hearKnown(report.receiverID, now: now) else { return .announcing }
      session.note(report, from: index, now: now)
    case .complete(let complete):
      guard let index = session.hearKnown(complete.receiverID, now: now) else { return .announcing }
      if let outcome = session.note(complete, from: index, now: now) { session.settle(index, outcome) }
    case .announce, .repairNotice, .end, .close:
      session.line.counters.strayDatagrams += 1  // a sender's message; our own, looped back
    }
    return .announcing
  }

  private func place(of receiverID: UInt64, _ session: inout SenderSession, now: Instant) -> Int? {
    session.peers.hear(receiverID, now: now) ?? session.admit(receiverID, now: now)
  }

  private mutating func handle(_ join: Join, _ session: inout SenderSession, now: Instant) -> Next {
    _ = session.makeRoom(for: join.receiverID, now: now)
    guard let index = place(of: join.receiverID, &session, now: now) else { return .announcing }
    session.note(join, from: index, now: now)
    firstJoinAt = firstJoinAt ?? now
    // What the join says of the path decides whether data may flow.
    switch probe?.handle(join) {
    case .settled(let candidate):
      session.use(candidate)
      return .transferring
    case .searching(let isNew):
      if isNew { announceAt = now }
      return .announcing
    case .tooNarrow(let byteCount): return .ended(.pathTooNarrow(datagramByteCount: byteCount))
    case nil: return isGroupHere(session, now: now) ? .transferring : .announcing
    }
  }

  /// Whether the expected number of receivers has joined, or has begun to.
  private mutating func isGroupHere(_ session: SenderSession, now: Instant) -> Bool {
    let expected = session.configuration.receiverCount
    guard session.peers.count < expected else { return true }
    guard let firstJoinAt, expected != SenderMachine.anyNumberOfReceivers else { return false }
    isEarly = JoinEstimate.isComing(
      UInt64(expected), joinedCount: UInt64(session.peers.count), after: now - firstJoinAt)
    return isEarly
  }

  /// The owner's host knows that the path carries no more than this size: larger ones are not tried any more.
  mutating func handlePathLimit(_ candidate: PathCandidate, _ session: inout SenderSession) -> Next {
    guard probe != nil, candidate.datagramByteCount < session.datagramByteCount else { return .announcing }
    guard probe?.limit(to: candidate) ?? false else {
      return .ended(.pathTooNarrow(datagramByteCount: session.datagramByteCount))
    }
    session.use(candidate)
    return .announcing
  }

  // MARK: Time

  /// At the end of the wait those that came are served, at the largest size that is known to arrive.
  mutating func handleWake(_ session: inout SenderSession, now: Instant) -> Next {
    guard joinAt <= now else { return .announcing }
    joinAt = .never
    guard session.peers.count > 0 else { return .ended(.nobodyListening) }
    guard let probe, probe.isSearching else { return .transferring }
    if let arrived = probe.arrived {
      session.use(arrived)
      return .transferring
    }
    // A receiver that came in the last moment has not answered yet what was tried since: the search is
    // extended once.
    guard !isWaitExtended else {
      return .ended(.pathTooNarrow(datagramByteCount: probe.smallestByteCount))
    }
    isWaitExtended = true
    joinAt = now + max(session.configuration.joinNanoseconds, .seconds(5))
    return .announcing
  }

  /// The wait of a group ends now, if a receiver has joined.
  mutating func endWait(_ session: SenderSession, now: Instant) {
    if probe == nil, session.peers.underWayCount > 0 { joinAt = now }
  }

  /// Time in which this process could hear nothing.
  mutating func postpone(by nanoseconds: Nanoseconds) { joinAt = joinAt + nanoseconds }

  // MARK: What leaves

  /// An announce: every 50 ms, the first ones every 20 ms if the group is not large. While sizes are tried,
  /// when the answers to the round before must be here.
  mutating func takeAnnounce(_ session: inout SenderSession, now: Instant) -> SenderTransmission? {
    guard announceAt <= now else { return nil }
    var announce = session.candidate.announce
    var flags: DatagramFlags = []
    var isRoundOver = true
    if let next = probe?.next(timestamp: now.timestamp) {
      announce.datagramByteCount = next.byteCount
      isRoundOver = next.isLast
      if probe?.isProvisional ?? false { flags = .provisional }
    }
    let isSearching = probe?.isSearching ?? false
    let interval: Nanoseconds =
      isSearching
      ? max(2 * session.peers.grttNanoseconds, .milliseconds(20)) : .milliseconds(promptCount > 0 ? 20 : 50)
    if isRoundOver { promptCount = max(0, promptCount - 1) }
    announceAt = isRoundOver ? now + interval : now
    return session.announce(announce, flags: flags, now: now)
  }
}

extension SenderSession {
  /// An announce as it leaves now.
  mutating func announce(
    _ announce: Announce, flags: DatagramFlags = [], now: Instant
  ) -> SenderTransmission {
    var announce = announce
    announce.timestamp = now.timestamp
    announce.grttCode = GrttCode(nanoseconds: peers.grttNanoseconds)
    announce.groupSize = peers.groupSize
    announce.representatives = peers.representativeIDs
    return line.control(.announce(announce), flags: flags, now: now)
  }

  /// True when the next announce names other receivers than before. One that is silent for the time of some
  /// reports and of two announces gives its place to another.
  mutating func chooseRepresentatives(now: Instant) -> Bool {
    peers.chooseRepresentatives(patience: .milliseconds(600) + 3 * pace.groupReportInterval(peers), now: now)
  }
}
