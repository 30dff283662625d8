package import Ground
package import Wire

/// The receiver of one session, Specs/chunked-udp.md §6.2. Sans-I/O: any number of `handle…(…, now:)`, then drain
/// `pollTransmit` and `pollEvent`, then sleep until `nextDeadline` and call `handleWake`.
///
/// It never touches a payload: it answers for each chunk whether the owner keeps it.
package struct ReceiverMachine: Sendable {
  package struct Configuration: Sendable {
    /// Random; tells this receiver from all others of the session.
    package var receiverID: UInt64
    /// For people: what the sender calls this receiver. At most 64 bytes of it are sent.
    package var hostName: String
    /// The socket's receive buffer as the kernel granted it, bytes: the sender keeps less than that in flight.
    package var receiveBufferByteCount: Int
    /// Silence of the sender that ends a session, once it has begun.
    package var idleNanoseconds: Nanoseconds
    /// The largest datagram this receiver sends, bytes of UDP payload.
    package var datagramByteCount: Int
    /// Sessions that are not taken, whatever announces them: this receiver has had them.
    package var refusedSessions: [UInt64]
    package var seed: UInt64

    package init(
      receiverID: UInt64, hostName: String, receiveBufferByteCount: Int = 212_992,
      idleNanoseconds: Nanoseconds = .seconds(15), datagramByteCount: Int = 1_200,
      refusedSessions: [UInt64] = [], seed: UInt64 = 0
    ) {
      self.receiverID = receiverID
      self.hostName = hostName
      self.receiveBufferByteCount = receiveBufferByteCount
      self.idleNanoseconds = idleNanoseconds
      self.datagramByteCount = datagramByteCount
      self.refusedSessions = refusedSessions
      self.seed = seed
    }
  }

  package enum Phase: Sendable, Equatable {
    /// No session has sent a chunk yet. Announces are answered.
    case listening
    /// Chunks are missing.
    case receiving
    /// All chunks are here; the owner verifies the files.
    case verifying
    /// Complete was sent; the sender has not confirmed it yet.
    case completing
    case ended(ReceiverEnd)
  }

  /// What the owner does with a chunk's payload.
  package enum ChunkFate: Sendable, Equatable {
    case keep
    /// It is here already.
    case duplicate
    /// Not of this session, not possible, or no room now.
    case refused
  }

  enum Timer: Int, CaseIterable, Sendable { case nack, detect, report, complete, idle, progress }

  /// Aborts that say the same: one of three arrives nearly always.
  private static let lastWordCount = 3

  let configuration: Configuration
  package internal(set) var phase = Phase.listening
  package internal(set) var counters = ReceiverCounters()
  /// The session, once one has begun; 0 and nil before.
  package internal(set) var sessionID: UInt64 = 0
  package internal(set) var announce: Announce? {
    didSet { isGroup = announce?.options.contains(.group) ?? false }
  }
  /// The session is a group's. Kept apart from the announce, as each datagram asks.
  package private(set) var isGroup = false
  package internal(set) var shape: SessionShape?
  /// While listening: sessions that were announced.
  var candidates: [SessionCandidate] = []
  /// Sessions that the owner refused, the newest last: they are not answered again.
  var refusedSessions: [UInt64] = []

  var detector = LossDetector(chunkCount: 0)
  var ledger = PacketLedger()
  var nacks = NackLedger()
  var timers = TimerTable<Timer>()
  var generator: SplitMix64
  /// GRTT or the sender's smoothed RTT, as its datagrams say it.
  var grttNanoseconds: Nanoseconds = .milliseconds(100)
  var nextPacketNumber: UInt64 = 0
  /// The lowest packet number that arrived: what went before it is not lost.
  var firstPacket: UInt64?

  /// The newest packet number that is far from all others, and how many in a row were near it.
  var strangeNumbers: (newest: UInt64, count: Int)?

  /// Echo for RTT samples: the newest sender time stamp and when it came.
  var echo = Echo()
  var joining = Joining()
  var credit = AnswerCredit()

  /// When a chunk arrived last, and when one that was missing.
  var chunkAt = Instant.zero
  var newChunkAt = Instant.zero

  /// `counters.byteCount` when the last report was sent, and reports sent since something arrived last.
  var reportedByteCount: UInt64 = 0
  var quietReportCount = 0

  var lastNackAt = Instant.zero
  /// NACKs sent without a pause between them.
  var nackBurstCount = 0
  /// How often in a row a NACK stayed without a notice, and since when that counts.
  var unansweredCount: UInt64 = 0
  var unansweredAt = Instant.zero

  /// What the owner's verification found; sent until the sender confirms it.
  var complete: Complete?
  var completeTries = 0
  /// The sender ended the session while the files were verified: nobody is left to be told.
  var isSenderGone = false
  /// Said to a session that has ended here, or that was refused; the last one first.
  var lastWords: [ReceiverTransmission] = []
  var events = Queue<ReceiverEvent>()

  package init(_ configuration: Configuration) {
    self.configuration = configuration
    refusedSessions = configuration.refusedSessions
    generator = SplitMix64(seed: configuration.seed ^ configuration.receiverID)
  }

  /// Sessions that are kept while none has begun, at most.
  package static var maximumAnnouncedCount: Int { SessionCandidate.maximumCount }

  /// Whether a session was announced, and its first chunk is waited for.
  package func isAnnounced(_ sessionID: UInt64) -> Bool { candidates.contains { $0.sessionID == sessionID } }

  package var isOneWay: Bool { announce?.options.contains(.oneWay) ?? false }
  package var chunksHeld: UInt64 { detector.received.count }
  /// R of RFC 5401; 1 in unicast.
  var groupSize: UInt64 { isGroup ? UInt64(max(1, announce?.groupSize ?? 1)) : 1 }
  package var hasEnded: Bool { if case .ended = phase { true } else { false } }

  // MARK: Time

  package var nextDeadline: Instant {
    if !lastWords.isEmpty { return .zero }
    if hasEnded { return .never }
    let answer = candidates.reduce(joining.dueAt) { min($0, $1.nextDeadline) }
    return min(answer, timers.earliest)
  }

  package mutating func handleWake(now: Instant) {
    if !candidates.isEmpty { candidates.removeAll { $0.forgottenAt <= now } }
    if timers.isDue(.idle, now: now) { handleIdle(now: now) }
    if timers.isDue(.progress, now: now) { checkProgress(now: now) }
    if timers.isDue(.detect, now: now) { detectLosses(now: now) }
  }

  /// This process did not run, or waited for its disk: it could hear nothing, so that the time is nobody's silence.
  package mutating func noteAbsence(_ nanoseconds: Nanoseconds) {
    for index in candidates.indices { candidates[index].postpone(by: nanoseconds) }
    chunkAt = chunkAt + nanoseconds
    newChunkAt = newChunkAt + nanoseconds
    timers[.idle] = timers[.idle] + nanoseconds
  }

  private mutating func handleIdle(now: Instant) {
    switch phase {
    case .verifying:  // all chunks are here: what the owner finds decides, not the network
      timers[.idle] = now + configuration.idleNanoseconds
    case .completing: endCompleted(confirmed: false)
    case .receiving:
      tell(.timeout, "nothing came from the sender")
      end(.senderSilent)
    case .listening, .ended: timers.disarm(.idle)
    }
  }

  // MARK: Outcome

  /// Nothing the network says after this changes the outcome.
  mutating func end(_ outcome: ReceiverEnd) {
    guard !hasEnded else { return }
    phase = .ended(outcome)
    timers.disarmAll()
    events.append(.ended(outcome))
  }

  /// The files are verified here. Unconfirmed, only the sender's knowledge of it is missing.
  mutating func endCompleted(confirmed: Bool) {
    if let complete { end(.completed(complete, confirmed: confirmed)) }
  }

  /// The owner has verified the files and made them visible (or could not).
  package mutating func handleVerified(
    verified: UInt32, failed: UInt32, status: CompleteStatus, text: String, now: Instant
  ) {
    guard phase == .verifying else { return }
    complete = Complete(
      receiverID: configuration.receiverID, echoedTimestamp: 0, holdMicroseconds: 0,
      verifiedFileCount: verified,
      failedFileCount: failed, status: status, text: text)
    phase = .completing
    timers[.progress] = now + completingNanoseconds
    if isOneWay || isSenderGone {
      endCompleted(confirmed: false)
    } else {
      answerSoon(.complete, now: now)
    }
  }

  /// Ends the session from this side, and tells the sender. Before one has begun: tells all that were answered.
  package mutating func cancel(reason: AbortReason, text: String, now: Instant) {
    guard !hasEnded else { return }
    if phase == .completing, var complete {
      // the files are here: say so once more, rather than that they are not
      complete.echoedTimestamp = echo.timestamp
      complete.holdMicroseconds = echo.hold(now: now)
      lastWords = [transmission(.complete(complete))]
      endCompleted(confirmed: false)
      return
    }
    for candidate in candidates where candidate.joining.joinCount > 0 {
      refuse(candidate, reason: reason, text: text, now: now)
    }
    candidates = []
    tell(reason, text)
    end(.cancelled(reason, text))
  }

  /// The owner cannot take this set. Its sender is told, and others are listened to.
  package mutating func refuse(sessionID: UInt64, reason: AbortReason, text: String, now: Instant) {
    guard let index = candidates.firstIndex(where: { $0.sessionID == sessionID }) else { return }
    refuse(candidates.remove(at: index), reason: reason, text: text, now: now)
    if refusedSessions.count >= SessionCandidate.maximumCount { refusedSessions.removeFirst() }
    refusedSessions.append(sessionID)
  }

  /// Up to three aborts, as its credit allows. A sender does not listen to an abort from nobody: a receiver that has
  /// not joined introduces itself first.
  private mutating func refuse(
    _ candidate: SessionCandidate, reason: AbortReason, text: String, now: Instant
  ) {
    var candidate = candidate
    guard !candidate.isOneWay else { return }
    let abort = Abort(receiverID: configuration.receiverID, reason: reason, text: text)
    var words: [ControlMessage] = Array(repeating: .abort(abort), count: Self.lastWordCount)
    if candidate.joining.joinCount == 0 {
      counters.joinsSent += 1
      words.insert(.join(candidate.joining.take(configuration, now: now)), at: 0)
    }
    for word in words where candidate.credit.allows(word.byteCount) {
      candidate.credit.noteSent(byteCount: word.byteCount)
      lastWords.insert(
        ReceiverTransmission(
          sessionID: candidate.sessionID, message: word, flags: [],
          packetNumber: UInt32(truncatingIfNeeded: candidate.nextPacketNumber)), at: 0)
      candidate.nextPacketNumber += 1
    }
  }

  /// Aborts to the sender of the session, as the credit allows.
  mutating func tell(_ reason: AbortReason, _ text: String) {
    guard announce != nil, !isOneWay else { return }
    let abort = Abort(receiverID: configuration.receiverID, reason: reason, text: text)
    for _ in 0..<Self.lastWordCount where credit.allows(abort.byteCount) {
      lastWords.insert(transmission(.abort(abort)), at: 0)
    }
  }

  package mutating func pollEvent() -> ReceiverEvent? {
    let event = events.first
    events.removeFirst()
    return event
  }
}

extension ReceiverMachine {
  /// Part of the sender's datagrams that did not arrive, since the first one that did; nil before there are any.
  package var lossFraction: Double? {
    guard let sent = packetSpan, sent > 1 else { return nil }
    return Double(sent - min(sent, counters.datagrams)) / Double(sent)
  }

  /// Packet numbers from the first to the last that arrived, both included: what the sender sent meanwhile. Nil before
  /// there are any.
  package var packetSpan: UInt64? {
    guard let highest = ledger.highest, let firstPacket else { return nil }
    return highest - firstPacket + 1
  }

  /// Whether a packet number lies in that span.
  package func spans(packet: UInt64) -> Bool {
    guard let highest = ledger.highest, let firstPacket else { return false }
    return packet >= firstPacket && packet <= highest
  }

  /// The full packet number for the 32 bits in a header of the sender.
  package func packetNumber(_ truncated: UInt32) -> UInt64 {
    PacketNumber.reconstruct(truncated: truncated, expected: ledger.expected)
  }
}
