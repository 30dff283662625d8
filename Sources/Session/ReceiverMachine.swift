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
    package var seed: UInt64

    package init(
      receiverID: UInt64, hostName: String, receiveBufferByteCount: Int = 212_992,
      idleNanoseconds: Nanoseconds = .seconds(15), datagramByteCount: Int = 1_200, seed: UInt64 = 0
    ) {
      self.receiverID = receiverID
      self.hostName = hostName
      self.receiveBufferByteCount = receiveBufferByteCount
      self.idleNanoseconds = idleNanoseconds
      self.datagramByteCount = datagramByteCount
      self.seed = seed
    }
  }

  package enum Phase: Sendable, Equatable {
    /// No announce yet.
    case listening
    /// A provisional announce was answered: whose session it is is known, its shape not yet.
    case probed
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

  enum Timer: Int, CaseIterable, Sendable { case join, nack, detect, report, complete, idle }

  let configuration: Configuration
  package internal(set) var phase = Phase.listening
  package internal(set) var counters = ReceiverCounters()
  package internal(set) var sessionID: UInt64 = 0
  package internal(set) var announce: Announce? {
    didSet { isGroup = announce?.options.contains(.group) ?? false }
  }
  /// The session is a group's. Kept apart from the announce, as each datagram asks.
  package private(set) var isGroup = false
  package internal(set) var shape: SessionShape?

  var detector = LossDetector(chunkCount: 0)
  var ledger = PacketLedger()
  var nacks = NackLedger()
  var timers = TimerTable<Timer>()
  var generator: SeededGenerator
  /// GRTT or the sender's smoothed RTT, as its datagrams say it.
  var grttNanoseconds: Nanoseconds = .milliseconds(100)
  var nextPacketNumber: UInt64 = 0
  /// The lowest packet number that arrived: what went before it is not lost.
  var firstPacket: UInt64?

  /// Echo for RTT samples: the newest sender time stamp and when it came.
  var echo = Echo()
  var announceEcho = Echo()
  var largestAnnounceByteCount = 0
  var lastJoinAt: Instant?

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
  /// Said once the session has ended here.
  var lastWords: [ControlMessage] = []
  var events = Queue<ReceiverEvent>()

  /// A time stamp of the sender, and when it arrived.
  struct Echo: Sendable {
    var timestamp: UInt32 = 0
    var arrival = Instant.zero

    /// From the arrival to `now`, microseconds.
    func hold(now: Instant) -> UInt32 { UInt32(clamping: (now - arrival) / 1_000) }
  }

  package init(_ configuration: Configuration) {
    self.configuration = configuration
    generator = SeededGenerator(seed: configuration.seed ^ configuration.receiverID)
  }

  package var isOneWay: Bool { announce?.options.contains(.oneWay) ?? false }
  package var chunksHeld: UInt64 { detector.received.count }
  /// R of RFC 5401; 1 in unicast.
  var groupSize: UInt64 { isGroup ? UInt64(max(1, announce?.groupSize ?? 1)) : 1 }
  package var hasEnded: Bool { if case .ended = phase { true } else { false } }

  // MARK: Time

  package var nextDeadline: Instant {
    if !lastWords.isEmpty { return .zero }
    return hasEnded ? .never : timers.earliest
  }

  package mutating func handleWake(now: Instant) {
    if timers.isDue(.idle, now: now) { handleIdle(now: now) }
    if timers.isDue(.detect, now: now) { detectLosses(now: now) }
  }

  private mutating func handleIdle(now: Instant) {
    switch phase {
    case .verifying:  // all chunks are here: what the owner finds decides, not the network
      timers[.idle] = now + configuration.idleNanoseconds
    case .completing: endCompleted(confirmed: false)
    case .probed: forgetProbe()
    case .listening, .receiving, .ended: end(.senderSilent)
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
    if isOneWay || isSenderGone {
      endCompleted(confirmed: false)
    } else {
      answerSoon(.complete, now: now)
    }
  }

  /// Ends the session from this side, and tells the sender.
  package mutating func cancel(reason: AbortReason, text: String, now: Instant) {
    guard !hasEnded else { return }
    if phase == .completing, var complete {
      // the files are here: say so once more, rather than that they are not
      complete.echoedTimestamp = echo.timestamp
      complete.holdMicroseconds = echo.hold(now: now)
      lastWords = [.complete(complete)]
      endCompleted(confirmed: false)
      return
    }
    if let announce, !isOneWay {
      let abort = Abort(receiverID: configuration.receiverID, reason: reason, text: text)
      lastWords = Array(repeating: .abort(abort), count: 3)
      // A sender does not listen to an abort from nobody: who leaves before it joined introduces itself first.
      if counters.joinsSent == 0 { lastWords.append(.join(takeJoin(announce, now: now))) }
    }
    end(.cancelled(reason, text))
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
