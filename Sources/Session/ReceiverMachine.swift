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

  enum Timer: Int, CaseIterable, Sendable { case nack, detect, report, complete, idle }

  let configuration: Configuration
  package private(set) var phase = Phase.listening
  package internal(set) var counters = ReceiverCounters()
  package private(set) var sessionID: UInt64 = 0
  package private(set) var announce: Announce?
  package private(set) var shape: SessionShape?

  var detector = LossDetector(chunkCount: 0)
  var ledger = PacketLedger()
  var timers = TimerTable<Timer>()
  var generator: SeededGenerator
  /// GRTT or the sender's smoothed RTT, as its datagrams say it.
  var grttNanoseconds: Nanoseconds = .milliseconds(100)
  private var nextPacketNumber: UInt64 = 0
  /// The first packet that arrived: what went before it is not lost.
  var firstPacket: UInt64?

  // Echo for RTT samples: the newest sender time stamp and when it came.
  private var echoTimestamp: UInt32 = 0
  private var echoArrival = Instant.zero
  var announceEcho: (timestamp: UInt32, arrival: Instant)?
  private var largestAnnounceByteCount = 0

  private var joinDue = false
  private var completeDue = false
  private var completeTries = 0
  private var abortDue: Abort?
  private var lastNackAt = Instant.zero
  private var complete: Complete?
  private var events = Queue<ReceiverEvent>()

  package init(_ configuration: Configuration) {
    self.configuration = configuration
    generator = SeededGenerator(seed: configuration.seed ^ configuration.receiverID)
  }

  package var isGroup: Bool { announce?.options.contains(.group) ?? false }
  package var isOneWay: Bool { announce?.options.contains(.oneWay) ?? false }
  package var chunksHeld: UInt64 { detector.received.count }
  package var hasEnded: Bool { if case .ended = phase { true } else { false } }

  /// Nothing the network says after this changes the outcome.
  mutating func end(_ outcome: ReceiverEnd) {
    guard !hasEnded else { return }
    phase = .ended(outcome)
    timers.disarmAll()
    events.append(.ended(outcome))
  }

  // MARK: Time

  package var nextDeadline: Instant {
    if abortDue != nil { return .zero }
    if hasEnded { return .never }
    if joinDue || completeDue { return .zero }
    return timers.earliest
  }

  package mutating func handleWake(now: Instant) {
    if timers.isDue(.idle, now: now) {
      // All files are verified here: only the sender's confirmation is missing, and that is the sender's loss.
      end(
        phase == .completing
          ? complete.map { .completed($0, confirmed: false) } ?? .senderSilent : .senderSilent)
      return
    }
    if timers.isDue(.complete, now: now) { completeDue = true }
    if timers.isDue(.detect, now: now) { detectLosses(now: now) }
  }

  // MARK: Outcome, from the owner

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
    if isOneWay, let complete {
      end(.completed(complete, confirmed: false))
      return
    }
    completeDue = true
  }

  /// Ends the session from this side, and tells the sender.
  package mutating func cancel(reason: AbortReason, text: String, now: Instant) {
    guard !hasEnded else { return }
    if announce != nil, !isOneWay {
      abortDue = Abort(receiverID: configuration.receiverID, reason: reason, text: text)
    }
    end(.cancelled(reason, text))
  }

  // MARK: Datagrams

  /// True when the datagram belongs to this session; counts it when not.
  private mutating func admits(sessionID: UInt64) -> Bool {
    if case .listening = phase { return false }
    if sessionID == self.sessionID { return true }
    counters.strayDatagrams += 1
    return false
  }

  /// Notes a datagram's packet number; nil when the network delivered it twice.
  private mutating func notePacket(
    _ truncated: UInt32, byteCount: Int, timestamp: UInt32?, now: Instant
  ) -> UInt64? {
    let packet = PacketNumber.reconstruct(truncated: truncated, expected: ledger.expected)
    let isNewest = ledger.highest.map { packet > $0 } ?? true
    guard ledger.insert(packet, now: now) else {
      counters.duplicateDatagrams += 1
      return nil
    }
    if firstPacket == nil { firstPacket = packet }
    counters.datagrams += 1
    counters.byteCount += UInt64(byteCount)
    if isNewest, let timestamp {
      echoTimestamp = timestamp
      echoArrival = now
    }
    timers[.idle] = now + configuration.idleNanoseconds
    return packet
  }

  package mutating func handleData(
    sessionID: UInt64, packetNumber: UInt32, chunkIndex: UInt32, timestamp: UInt32, grttCode: GrttCode,
    isRepair: Bool, byteCount: Int, canKeep: Bool, now: Instant
  ) -> ChunkFate {
    guard admits(sessionID: sessionID), !hasEnded else { return .refused }
    guard let packet = notePacket(packetNumber, byteCount: byteCount, timestamp: timestamp, now: now) else {
      return .duplicate
    }
    grttNanoseconds = grttCode.nanoseconds
    if isRepair { counters.repairDatagrams += 1 }
    armReport(now: now)
    let chunk = UInt64(chunkIndex)
    guard phase == .receiving, chunk < detector.received.capacity else {
      counters.duplicateChunks += 1
      return .duplicate
    }
    guard canKeep else {
      detector.noteRefused(chunk, packet: packet, isRepair: isRepair)
      counters.refusedChunks += 1
      return .refused
    }
    guard detector.noteChunk(chunk, packet: packet, isRepair: isRepair) else {
      counters.duplicateChunks += 1
      return .duplicate
    }
    if detector.isComplete {
      phase = .verifying
      timers.disarm(.nack)
      timers.disarm(.detect)
      events.append(.allChunksHeld)
    }
    return .keep
  }

  package mutating func handle(
    _ message: ControlMessage, header: DatagramHeader, byteCount: Int, now: Instant
  ) {
    guard !hasEnded else { return }
    if case .announce(let announce) = message {
      handleAnnounce(announce, header: header, byteCount: byteCount, now: now)
      return
    }
    guard admits(sessionID: header.sessionID) else { return }
    let timestamp: UInt32?
    switch message {
    case .repairNotice(let notice): timestamp = notice.timestamp
    case .end(let end): timestamp = end.timestamp
    case .close, .abort: timestamp = nil
    default: return  // a receiver's message, from the group: not for us
    }
    if case .abort(let abort) = message, abort.receiverID != 0, abort.receiverID != configuration.receiverID {
      return
    }
    guard let packet = notePacket(header.packetNumber, byteCount: byteCount, timestamp: timestamp, now: now)
    else { return }
    switch message {
    case .repairNotice(let notice): handleNotice(notice, isParity: header.flags.contains(.alternateForm))
    case .end(let end): handleEnd(end, packet: packet, now: now)
    case .close(let close):
      if close.receiverIDs.contains(configuration.receiverID), phase == .completing, let complete {
        self.end(.completed(complete, confirmed: true))
      }
    case .abort(let abort): self.end(.aborted(abort.reason, abort.text))
    default: break
    }
  }

  private mutating func handleAnnounce(
    _ announce: Announce, header: DatagramHeader, byteCount: Int, now: Instant
  ) {
    if phase == .listening {
      guard let shape = SessionShape(announce) else {
        counters.malformedDatagrams += 1
        return
      }
      begin(
        announce, shape: shape, sessionID: header.sessionID,
        isProvisional: header.flags.contains(.provisional))
    }
    guard admits(sessionID: header.sessionID) else { return }
    guard
      notePacket(header.packetNumber, byteCount: byteCount, timestamp: announce.timestamp, now: now) != nil
    else { return }
    largestAnnounceByteCount = max(largestAnnounceByteCount, byteCount)
    announceEcho = (announce.timestamp, now)
    grttNanoseconds = announce.grttCode.nanoseconds
    self.announce?.groupSize = announce.groupSize
    joinDue = !isOneWay
    armReport(now: now)
  }

  private mutating func begin(
    _ announce: Announce, shape: SessionShape, sessionID: UInt64, isProvisional: Bool
  ) {
    self.announce = announce
    self.shape = shape
    self.sessionID = sessionID
    detector = LossDetector(chunkCount: shape.chunkCount)
    phase = .receiving
    events.append(.began(announce, sessionID: sessionID))
  }

  private mutating func handleNotice(_ notice: RepairNotice, isParity: Bool) {
    grttNanoseconds = notice.grttCode.nanoseconds
    guard phase == .receiving, !isParity else { return }
    for entry in notice.entries {
      let packet = PacketNumber.reconstruct(truncated: entry.firstPacketNumber, expected: ledger.expected)
      detector.notePromise(first: UInt64(entry.firstChunk), count: UInt64(entry.count), firstPacket: packet)
    }
  }

  private mutating func handleEnd(_ end: End, packet: UInt64, now: Instant) {
    grttNanoseconds = end.grttCode.nanoseconds
    guard end.totalChunkCount == detector.received.capacity else {
      counters.malformedDatagrams += 1
      return
    }
    switch phase {
    case .receiving:
      detector.noteEnd(packet: packet)
      if detector.isIdle { detector.wantAllMissing() }
      armReport(now: now)
    case .completing: completeDue = true  // the sender still asks: its close or our complete was lost
    case .verifying: armReport(now: now)
    case .listening, .ended: break
    }
  }

  // MARK: Losses and NACKs

  /// Reordering window when nothing more arrives: 1/8 RTT over the one RTT that has passed, RFC 9002 §6.1.2.
  var quietWindow: Nanoseconds { max(grttNanoseconds / 8, .milliseconds(1)) }

  /// How long a NACK may stay without a repair notice: its round trip, the sender's gathering, the group's backoff.
  var noticePatience: Nanoseconds {
    let gathering = isGroup ? grttNanoseconds * 2 : 0
    return 2 * grttNanoseconds + gathering + .milliseconds(10)
  }

  /// Finds losses, arms the NACK. Runs when a batch of datagrams has been handled, and by timer.
  package mutating func detectLosses(now: Instant) {
    guard phase == .receiving, !isOneWay else { return }
    detector.detect(ledger: ledger, now: now, window: quietWindow, patience: noticePatience)
    timers[.detect] = detector.nextDeadline(ledger: ledger, window: quietWindow, patience: noticePatience)
    if detector.wantsNack {
      if timers[.nack] == .never { timers[.nack] = nackTime(now: now) }
    } else {
      timers.disarm(.nack)
    }
  }

  /// Unicast: at once, but no more than eight NACKs a round trip. Group: after the backoff of RFC 5401.
  private mutating func nackTime(now: Instant) -> Instant {
    if isGroup {
      let size = max(1, announce?.groupSize ?? 1)
      return now + NackBackoff.delay(grtt: grttNanoseconds, groupSize: size, using: &generator)
    }
    let spacing = min(max(grttNanoseconds / 8, .microseconds(200)), .milliseconds(10))
    return max(now, lastNackAt + spacing)
  }

  private var reportInterval: Nanoseconds {
    ReportTiming.interval(grtt: grttNanoseconds, isGroup: isGroup, groupSize: announce?.groupSize ?? 1)
  }

  private mutating func armReport(now: Instant) {
    guard !isOneWay else { return }
    let interval = reportInterval
    guard isGroup else {
      timers[.report] = min(timers[.report], now + interval)
      return
    }
    // All hear the same datagram at about the same time: each takes a moment of its own.
    guard timers[.report] > now + interval * 3 / 2 else { return }
    timers[.report] = now + interval / 2 + Nanoseconds(Double(interval) * generator.nextUnit())
  }

  // MARK: Output

  package mutating func pollEvent() -> ReceiverEvent? {
    let event = events.first
    events.removeFirst()
    return event
  }

  /// The next datagram to send, until nil. `socketDrops`: datagrams the kernel dropped at our socket so far.
  package mutating func pollTransmit(now: Instant, socketDrops: UInt32 = 0) -> ReceiverTransmission? {
    if let abort = abortDue {
      abortDue = nil
      return transmit(.abort(abort))
    }
    guard !hasEnded, let announce else { return nil }
    if joinDue { return transmit(.join(takeJoin(announce, now: now))) }
    if completeDue, let complete { return transmit(.complete(takeComplete(complete, now: now))) }
    if timers.isDue(.nack, now: now), let nack = takeNack(now: now) { return nack }
    if timers.isDue(.report, now: now) {
      // A report goes on being sent, slower, when nothing arrives: it tells the sender that this side lives.
      timers[.report] = now + max(.milliseconds(100), 2 * reportInterval)
      return transmit(.report(report(now: now, socketDrops: socketDrops)))
    }
    return nil
  }

  private mutating func transmit(
    _ message: ControlMessage, flags: DatagramFlags = []
  ) -> ReceiverTransmission {
    defer { nextPacketNumber += 1 }
    return ReceiverTransmission(
      message: message, flags: flags, packetNumber: UInt32(truncatingIfNeeded: nextPacketNumber))
  }

  private mutating func takeJoin(_ announce: Announce, now: Instant) -> Join {
    joinDue = false
    counters.joinsSent += 1
    let echo = announceEcho ?? (announce.timestamp, now)
    return Join(
      receiverID: configuration.receiverID, echoedTimestamp: echo.timestamp,
      holdMicroseconds: hold(since: echo.arrival, now: now),
      receiveBufferByteCount: UInt32(clamping: configuration.receiveBufferByteCount),
      largestAnnounceByteCount: UInt16(clamping: largestAnnounceByteCount), hostName: configuration.hostName)
  }

  private mutating func takeComplete(_ complete: Complete, now: Instant) -> Complete {
    completeDue = false
    completeTries += 1
    counters.completesSent += 1
    if completeTries == 1 {  // a sender that got it and left is not waited for as long as one that sends
      timers[.idle] = now + max(.seconds(2), 20 * grttNanoseconds)
      timers.disarm(.report)
    }
    let interval = max(2 * grttNanoseconds, .milliseconds(5)) << UInt64(min(completeTries - 1, 5))
    timers[.complete] = now + min(interval, .milliseconds(500))
    var message = complete
    message.echoedTimestamp = echoTimestamp
    message.holdMicroseconds = hold(since: echoArrival, now: now)
    return message
  }

  private mutating func takeNack(now: Instant) -> ReceiverTransmission? {
    timers.disarm(.nack)
    let limit = Nack.maxRanges(datagramByteCount: configuration.datagramByteCount)
    let ranges = detector.takeWanted(maximumRanges: limit, now: now)
    timers[.detect] = detector.nextDeadline(ledger: ledger, window: quietWindow, patience: noticePatience)
    guard !ranges.isEmpty else {
      counters.nacksSuppressed += 1
      return nil
    }
    lastNackAt = now
    if detector.wantsNack { timers[.nack] = now }
    counters.nacksSent += 1
    counters.chunksAskedFor += ranges.reduce(0) { $0 + UInt64($1.count) }
    return transmit(
      .nack(
        Nack(
          receiverID: configuration.receiverID,
          highestPacketNumber: UInt32(truncatingIfNeeded: ledger.highest ?? 0),
          echoedTimestamp: echoTimestamp, holdMicroseconds: hold(since: echoArrival, now: now),
          body: .ranges(ranges))))
  }

  private mutating func report(now: Instant, socketDrops: UInt32) -> Report {
    counters.reportsSent += 1
    return Report(
      receiverID: configuration.receiverID,
      highestPacketNumber: UInt32(truncatingIfNeeded: ledger.highest ?? 0),
      echoedTimestamp: echoTimestamp, holdMicroseconds: hold(since: echoArrival, now: now),
      receiverClockMicroseconds: echoArrival.timestamp, socketDropCount: socketDrops,
      receivedDatagramCount: counters.datagrams, receivedByteCount: counters.byteCount,
      heldChunkCount: chunksHeld,
      duplicateCount: counters.duplicateDatagrams + counters.duplicateChunks)
  }

  private func hold(since arrival: Instant, now: Instant) -> UInt32 {
    UInt32(clamping: (now - arrival) / 1_000)
  }
}

extension ReceiverMachine {
  /// Part of the sender's datagrams that did not arrive, since the first one that did; nil before there are any.
  package var lossFraction: Double? {
    guard let highest = ledger.highest, let first = firstPacket, highest > first else { return nil }
    let sent = highest - first + 1
    return Double(sent - min(sent, counters.datagrams)) / Double(sent)
  }
}
