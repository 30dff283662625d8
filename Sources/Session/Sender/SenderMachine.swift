package import Ground
package import Wire

/// The sender of one session, Specs/chunked-udp.md §6.1. Sans-I/O: any number of `handle…(…, now:)`, then
/// drain `pollTransmit` and `pollEvent`, then sleep until `nextDeadline` and call `handleWake`. All
/// transitions are in this file.
///
/// It never touches a payload: it says which chunks go next, by index.
package struct SenderMachine: Sendable {
  /// Where a session is, for its owner.
  package enum Phase: Sendable, Equatable {
    /// Announcing; waiting for receivers.
    case announcing
    /// First pass and repairs.
    case sending
    /// Everything went out at least once; *end* is repeated until each receiver's outcome is known.
    case ending
    /// All outcomes are known; late duplicates are still answered for a moment, and new members served.
    case lingering
    case ended(SenderEnd)
  }

  private enum State: Sendable {
    case announcing(SenderAnnouncing)
    case transferring(SenderTransferring)
    case lingering(SenderLingering)
    /// One-way.
    case circulating(SenderCirculating)
    case ended(SenderEnd)
  }

  private var state: State
  private var session: SenderSession

  package init(_ configuration: Configuration, now: Instant) {
    precondition(!configuration.candidates.isEmpty, "a session has a size")
    state =
      configuration.isOneWay
      ? .circulating(SenderCirculating(configuration, now: now))
      : .announcing(SenderAnnouncing(configuration, now: now))
    session = SenderSession(configuration)
  }

  // MARK: What arrives

  /// A receiver's message. Bad ones are counted and dropped.
  package mutating func handle(_ message: ControlMessage, header: DatagramHeader, now: Instant) {
    guard header.sessionID == session.configuration.sessionID || hasEnded else {
      session.line.counters.strayDatagrams += 1
      return
    }
    switch state {
    case .announcing(var announcing):
      let next = announcing.handle(message, &session, now: now)
      become(next, announcing, now: now)
    case .transferring(var transferring):
      transferring.handle(message, &session, now: now)
      become(transferring, now: now)
    case .lingering(let lingering) where lingering.isTransferUnfinished(by: message, session):
      var transferring = lingering.transferring
      transferring.handle(message, &session, now: now)
      become(transferring, now: now)
    case .lingering(var lingering):
      lingering.handle(message, &session, now: now)
      state = .lingering(lingering)
    // The announce says that nobody answers.
    case .circulating: session.line.counters.strayDatagrams += 1
    case .ended: session.line.counters.lateDatagrams += 1
    }
  }

  /// The owner's host knows that the path carries no more than this size: larger ones are not tried any more.
  package mutating func handlePathLimit(_ candidate: PathCandidate) {
    switch state {
    case .announcing(var announcing):
      // Data do not flow yet, so that no time passes here.
      let next = announcing.handlePathLimit(candidate, &session)
      become(next, announcing, now: .zero)
    case .transferring, .lingering, .circulating, .ended: break
    }
  }

  // MARK: Transitions

  private mutating func become(_ next: SenderAnnouncing.Next, _ announcing: SenderAnnouncing, now: Instant) {
    switch next {
    case .announcing: state = .announcing(announcing)
    case .transferring: become(announcing.transferring(&session, now: now), now: now)
    case .ended(let end): self.end(end)
    }
  }

  /// A transfer is over when each receiver's outcome is known; until a member of a group is heard for the
  /// first time.
  private mutating func become(_ transferring: SenderTransferring, now: Instant) {
    state =
      transferring.isOver(session, now: now)
      ? .lingering(SenderLingering(transferring, &session, now: now)) : .transferring(transferring)
  }

  private mutating func end(_ end: SenderEnd) {
    if case .pathTooNarrow(let byteCount) = end {
      // The receiver, which hears announces without padding, is told.
      session.line.tell(0, .limitExceeded, "the path does not carry datagrams of \(byteCount) bytes")
    }
    state = .ended(end)
    session.line.note(.ended(end))
  }

  /// Ends the session from this side, and tells all receivers.
  package mutating func cancel(reason: AbortReason, text: String) {
    guard !hasEnded else { return }
    session.line.tell(0, reason, text)
    end(.cancelled(reason, text))
  }

  // MARK: Time

  package var nextDeadline: Instant {
    if session.line.hasAborts { return .zero }
    switch state {
    case .announcing(let announcing): return session.line.hasMessages ? .zero : announcing.deadline
    case .transferring(let transferring):
      return session.line.hasMessages ? .zero : transferring.deadline(session)
    case .lingering(let lingering): return session.line.hasMessages ? .zero : lingering.deadline
    case .circulating(let circulating): return circulating.deadline(session)
    case .ended: return .never
    }
  }

  package mutating func handleWake(now: Instant) {
    switch state {
    case .announcing(var announcing):
      let next = announcing.handleWake(&session, now: now)
      become(next, announcing, now: now)
      // A session that has begun looks at its receivers at once.
      if case .transferring = next { handleWake(now: now) }
    case .transferring(var transferring):
      transferring.handleWake(&session, now: now)
      become(transferring, now: now)
    case .lingering(let lingering): if lingering.deadline <= now { end(.finished) }
    case .circulating, .ended: break
    }
  }

  /// The owner begins with the members of the group that have joined. While there are none the wait goes on.
  package mutating func start(now: Instant) {
    switch state {
    case .announcing(var announcing):
      announcing.endWait(session, now: now)
      state = .announcing(announcing)
      handleWake(now: now)
    case .transferring, .lingering, .circulating, .ended: break
    }
  }

  /// This process did not run, or waited for its disk. It could hear nothing, so this time is no receiver's
  /// silence.
  package mutating func noteAbsence(_ nanoseconds: Nanoseconds) {
    session.peers.postpone(by: nanoseconds)
    switch state {
    case .announcing(var announcing):
      announcing.postpone(by: nanoseconds)
      state = .announcing(announcing)
    case .transferring, .lingering, .circulating, .ended: break
    }
  }

  // MARK: What leaves

  /// The next thing to send, until nil. Aborts go first, then closes, announces, chunks, and *end*.
  package mutating func pollTransmit(now: Instant) -> SenderTransmission? {
    if let abort = session.line.takeAbort(now: now) { return abort }
    switch state {
    case .announcing(var announcing):
      if let close = session.line.takeClose(now: now) { return close }
      defer { state = .announcing(announcing) }
      return announcing.takeAnnounce(&session, now: now)
    case .transferring(var transferring):
      if let close = session.line.takeClose(now: now) { return close }
      // What is sent may have been the most that a session may send.
      defer { become(transferring, now: now) }
      return transferring.takeAnnounce(&session, now: now) ?? transferring.takeNext(&session, now: now)
    case .lingering: return session.line.takeClose(now: now)
    case .circulating(var circulating):
      let transmission = circulating.takeNext(&session, now: now)
      state = .circulating(circulating)
      if circulating.isOver { end(.finished) }
      return transmission
    case .ended: return nil
    }
  }

  package mutating func pollEvent() -> SenderEvent? { session.line.pollEvent() }
}

/// What the owner and a trace see of a sender.
extension SenderMachine {
  package var phase: Phase {
    switch state {
    case .announcing: .announcing
    case .transferring(let transferring): transferring.isEnding ? .ending : .sending
    case .lingering: .lingering
    case .circulating(let circulating): circulating.phase
    case .ended(let end): .ended(end)
    }
  }

  package var hasEnded: Bool {
    switch state {
    case .announcing, .transferring, .lingering, .circulating: false
    case .ended: true
    }
  }

  /// The size of datagram that the session has; while the path is probed, the largest that is tried.
  package var candidate: PathCandidate { session.candidate }
  package var shape: SetShape { session.candidate.shape }
  /// Bytes of UDP payload in a full datagram of this session.
  package var datagramByteCount: Int { session.datagramByteCount }
  package var counters: SenderCounters { session.line.counters }
  package var sessionID: UInt64 { session.configuration.sessionID }
  package var peers: [SenderPeer] { session.peers.all }
  /// Peers under way whose disk is full.
  package var fullPeerCount: Int { session.peers.fullCount }
  /// Receivers that have joined and are still there.
  package var joinedCount: Int { session.peers.underWayCount }
  package func peer(_ receiverID: UInt64) -> SenderPeer? {
    session.peers.index(of: receiverID).map { session.peers[$0] }
  }
  /// The least number of chunks that a receiver holds, of `all` chunks of the set.
  package func leastHeldCount(of all: UInt64) -> UInt64 { session.peers.leastHeldCount(of: all) }
  /// The part of the datagrams sent that did not arrive at the receiver that lost most, 0...1.
  package var largestLossFraction: Double {
    Double(session.peers.mostLostCount) / Double(max(1, counters.datagrams))
  }
  /// The next chunk of the first pass.
  package var nextChunk: UInt64 { session.chunks.next }
  /// Chunks that the first pass left out, because the only receiver had them from an earlier session.
  package var chunksLeftOut: UInt64 { session.chunks.leftOutCount }
  /// What was asked for again.
  package var repairs: RepairQueue { session.chunks.repairs }
  package var repairsSuppressed: UInt64 { session.chunks.suppressedCount }
  /// Chunks that were asked for so far, and repairs that wait to leave.
  package var repairsRequested: UInt64 { session.chunks.requestedCount }
  package var repairsUnasked: UInt64 { session.chunks.unaskedCount }
  package var repairsQueued: UInt64 { session.chunks.repairCount }
  /// The rounds of a one-way session that were sent, and how far the next one is, 0...1.
  package var roundsSent: UInt64 { session.roundsSent }
  package var roundFraction: Double {
    switch state {
    case .circulating(let circulating): circulating.carousel.roundFraction
    case .announcing, .transferring, .lingering, .ended: 0
    }
  }
  /// Symbols may be sent.
  package var hasParity: Bool { session.chunks.blocks != nil }
  package var grttNanoseconds: Nanoseconds { session.peers.grttNanoseconds }
  /// Datagrams per second: the controller's, under the limit that was set.
  package var datagramsPerSecond: Double { session.pace.datagramsPerSecond(session.peers) }
  /// The owner's datagrams may be marked "congestion experienced" by the path (ECT(0) of RFC 3168).
  package var allowsMarks: Bool { session.pace.marking.isOn }
  /// Datagrams that the rate controller lets be in flight.
  package var windowDatagramCount: UInt64 { session.pace.windowCount }
  /// Datagrams sent that this receiver has not been heard to have passed.
  package func inFlightDatagramCount(of peer: SenderPeer) -> UInt64 {
    peer.inFlightCount(session.line.ledger)
  }
}
