import Accounting
import Ground
import Wire

/// A session that has begun at a receiver: what it is, and what has arrived of it. The phases that follow on
/// each other in a session share it, as chunks may be missing again while files are verified.
struct ReceiverSession: Sendable {
  /// How far a session is.
  enum Stage { case receiving, verifying, completing }

  let sessionID: UInt64
  let shape: SetShape
  let isGroup: Bool
  let isOneWay: Bool
  private(set) var announce: Announce {
    didSet { isLargeGroup = Self.isLargeGroup(announce, isGroup: isGroup) }
  }
  /// Reports and completes share a part of the sender's rate. Kept, because each datagram asks.
  private(set) var isLargeGroup: Bool
  var joining: Joining
  private(set) var credit: AnswerCredit
  private var nextPacketNumber: UInt64
  /// GRTT or the sender's smoothed RTT, as its datagrams say it.
  var grttNanoseconds: Nanoseconds
  var arrivals = PacketArrivals()
  var detector: LossDetector
  /// Blocks are asked for in place of chunks; nil in a session without parity.
  var blocks: BlockLedger?
  /// The blocks of the set; nil when the announce has no parity.
  let geometry: BlockGeometry?
  var asking = ReceiverAsking()
  var reporting: ReceiverReporting
  var resuming = ReceiverResuming()
  private var hearing = GroupHearing()
  var patience: ReceiverPatience
  /// The sender ended the session while the files were verified: nobody is left to be told.
  var isSenderGone = false

  /// The candidate whose chunk came becomes the session.
  init(
    _ candidate: SessionCandidate, shape: SetShape, _ configuration: ReceiverMachine.Configuration,
    now: Instant
  ) {
    sessionID = candidate.sessionID
    self.shape = shape
    announce = candidate.announce
    isGroup = candidate.isGroup
    isLargeGroup = Self.isLargeGroup(candidate.announce, isGroup: candidate.isGroup)
    isOneWay = candidate.isOneWay
    joining = candidate.joining
    credit = candidate.credit
    nextPacketNumber = candidate.nextPacketNumber
    grttNanoseconds = candidate.grttNanoseconds
    detector = LossDetector(chunkCount: shape.chunkCount)
    geometry = BlockGeometry(candidate.announce)
    blocks = configuration.usesParity ? geometry.map { BlockLedger($0) } : nil
    reporting = ReceiverReporting(
      isRepresentative: announce.representatives.contains(configuration.receiverID))
    patience = ReceiverPatience(idleNanoseconds: configuration.idleNanoseconds, now: now)
    // From now on what it says is bounded by the sender's rate.
    if isLargeGroup { joining.disarm() }
  }

  /// R of RFC 5401; 1 in unicast.
  var groupSize: UInt64 { Self.groupSize(announce, isGroup: isGroup) }

  static func groupSize(_ announce: Announce, isGroup: Bool) -> UInt64 {
    isGroup ? UInt64(max(1, announce.groupSize)) : 1
  }

  var nextDeadline: Instant {
    min(
      min(joining.dueAt, resuming.dueAt), min(asking.deadline, min(reporting.dueAt, patience.deadline)))
  }

  /// As `nextDeadline`, in place.
  mutating func deadline() -> Instant { nextDeadline }

  // MARK: What arrives

  /// True when a datagram belongs to this session; counts it when not.
  mutating func admits(_ sessionID: UInt64, byteCount: Int, _ line: inout ReceiverLine) -> Bool {
    guard sessionID == self.sessionID else {
      line.counters.strayDatagrams += 1
      line.countForeign(byteCount: byteCount)
      return false
    }
    credit.noteReceived(byteCount: byteCount)
    return true
  }

  mutating func notePacket(
    _ truncated: UInt32, byteCount: Int, timestamp: UInt32?, stage: Stage, _ line: inout ReceiverLine,
    now: Instant
  ) -> PacketArrivals.Arrival {
    patience.noteHeard(isCompleting: stage == .completing, grttNanoseconds: grttNanoseconds, now: now)
    return arrivals.note(
      truncated, byteCount: byteCount, timestamp: timestamp, &line.counters, &detector, &blocks, now: now)
  }

  /// A data datagram; says what to do with its payload. `canKeep`: the owner has room for it.
  mutating func handleData(
    sessionID: UInt64, packetNumber: UInt32, chunkIndex: UInt32, timestamp: UInt32, grttCode: GrttCode,
    isRepair: Bool, byteCount: Int, canKeep: Bool, stage: Stage, _ line: inout ReceiverLine, now: Instant
  ) -> ReceiverMachine.ChunkFate {
    let chunk = UInt64(chunkIndex)
    guard admits(sessionID, byteCount: byteCount, &line) else { return .refused }
    guard chunk < detector.received.capacity else {
      line.counters.malformedDatagrams += 1
      line.countForeign(byteCount: byteCount)
      return .refused
    }
    let arrival = notePacket(
      packetNumber, byteCount: byteCount, timestamp: timestamp, stage: stage, &line, now: now)
    guard arrival != .duplicate else { return .duplicate }
    grttNanoseconds = grttCode.nanoseconds
    patience.noteChunk(now: now)
    if isRepair {
      line.counters.repairDatagrams += 1
      asking.noteAnswer()
    }
    armReport(&line, now: now)
    guard stage == .receiving, !detector.received.contains(chunk) else {
      line.nacks.noteArrival(chunk, isRepair: isRepair)
      line.counters.duplicateChunks += 1
      if isRepair || noteNeedless(chunk, now: now) {
        line.counters.duplicate.add(byteCount: byteCount)
      } else {
        line.counters.late.add(byteCount: byteCount)
      }
      return .duplicate
    }
    // Without a usable number it says nothing of what was sent before it, as a repair does not.
    let packet = arrival.packet ?? 0
    let isInOrder = !isRepair && arrival != .unnumbered
    guard canKeep else {
      detector.noteRefused(chunk, packet: packet, isRepair: !isInOrder, now: now)
      noteRefused(chunk, isRepair: isRepair, now: now)
      line.counters.refusedChunks += 1
      line.counters.refused.add(byteCount: byteCount)
      return .refused
    }
    line.counters.new.add(byteCount: byteCount)
    patience.noteNewChunk(now: now)
    // What is sent in order, for the first time, nobody has asked for yet.
    if isRepair || chunk < detector.frontier { line.nacks.noteArrival(chunk, isRepair: isRepair) }
    _ = detector.noteChunk(chunk, packet: packet, isRepair: !isInOrder)
    if let change = blocks?.noteChunk(chunk) { line.note(change) }
    return .keep
  }

  /// What is known of a control datagram of the sender before its message is looked at.
  struct Admitted {
    /// Nil when its number says nothing.
    var packet: UInt64?
  }

  /// Counts a control datagram and notes its number. Nil when its message is not to be looked at: it is of
  /// another session, for another receiver, or here already.
  mutating func admit(
    _ message: ControlMessage, header: DatagramHeader, byteCount: Int, stage: Stage,
    _ line: inout ReceiverLine, now: Instant
  ) -> Admitted? {
    guard admits(header.sessionID, byteCount: byteCount, &line) else { return nil }
    let timestamp: UInt32?
    switch message {
    case .announce(let announce): timestamp = announce.timestamp
    case .repairNotice(let notice): timestamp = notice.timestamp
    case .end(let end): timestamp = end.timestamp
    case .close: timestamp = nil
    case .abort(let abort) where line.concerns(abort): timestamp = nil
    case .abort, .join, .nack, .report, .complete:  // another receiver's, or to another receiver
      line.countForeign(byteCount: byteCount)
      return nil
    }
    let arrival = notePacket(
      header.packetNumber, byteCount: byteCount, timestamp: timestamp, stage: stage, &line, now: now)
    guard arrival != .duplicate else { return nil }
    line.counters.control.add(byteCount: byteCount)
    return Admitted(packet: arrival.packet)
  }

  /// The first final announce states the session; later only the size of the group changes.
  mutating func note(_ announce: Announce, byteCount: Int, _ line: inout ReceiverLine, now: Instant) {
    grttNanoseconds = announce.grttCode.nanoseconds
    self.announce.groupSize = announce.groupSize
    joining.note(announce, byteCount: byteCount, now: now)
    if isLargeGroup {
      noteRepresentatives(announce, &line, now: now)
    } else if !isOneWay {
      joining.answer(
        after: line.answerSpread(groupSize), isGroup: isGroup, groupSize: groupSize, now: now)
    }
    armReport(&line, now: now)
  }

  /// An announce or an *end*: whether the group's chunks get through.
  mutating func noteHearing(isEnd: Bool, _ line: inout ReceiverLine, now: Instant) {
    guard isGroup, !isOneWay, let packet = arrivals.ledger.highest else { return }
    let heard = GroupHearing.Heard(
      packet: packet, datagrams: line.counters.datagrams, messages: line.counters.control.count)
    guard let finding = hearing.note(heard, isEnd: isEnd, chunkCount: detector.received.capacity, now: now)
    else { return }
    line.note(
      .chunksBlocked(
        UnicastRequest(
          sessionID: sessionID, receiverID: line.configuration.receiverID, packetNumber: nextPacketNumber,
          credit: credit, finding: finding)))
  }

  /// A notice answers a NACK, here or of another receiver.
  mutating func note(_ notice: RepairNotice) {
    grttNanoseconds = notice.grttCode.nanoseconds
    asking.noteAnswer()
  }

  /// False when the *end* is of another set.
  mutating func note(_ end: End, _ line: inout ReceiverLine) -> Bool {
    grttNanoseconds = end.grttCode.nanoseconds
    guard end.totalChunkCount == detector.received.capacity else {
      line.counters.malformedDatagrams += 1
      return false
    }
    return true
  }

  /// The chunks that a notice promises. The packets that it names follow it, so a number far from its own is
  /// broken or hostile: with it a lost repair would never be missed.
  mutating func promise(_ notice: RepairNotice, packet: UInt64, _ line: inout ReceiverLine, now: Instant) {
    guard notice.form == .chunks || blocks != nil else { return }
    var budget = LossDetector.maximumPromised
    for entry in notice.entries {
      let first = PacketNumber.reconstruct(truncated: entry.firstPacketNumber, expected: packet + 1)
      let count = min(UInt64(entry.count), budget)
      guard first > packet, first - packet <= LossDetector.maximumPromised, count > 0 else {
        line.counters.malformedDatagrams += 1
        return
      }
      budget -= count
      if blocks == nil {
        detector.notePromise(first: UInt64(entry.firstChunk), count: count, firstPacket: first, now: now)
      } else if !promiseInBlocks(entry, notice.form, count: count, firstPacket: first, now: now) {
        line.counters.malformedDatagrams += 1
        return
      }
    }
  }

  /// Every chunk was sent once.
  mutating func noteTail(packet: UInt64?, _ line: inout ReceiverLine, now: Instant) {
    keepPacketSpacing(now: now)
    detector.noteEnd(packet: packet ?? arrivals.ledger.highest ?? 0)
    noteIdleSender(now: now)
    if detector.isIdle, blocks?.isIdle ?? true { detector.wantAllMissing() }
    armReport(&line, now: now)
  }

  // MARK: What leaves

  /// A message to the sender. Its bytes are taken from the credit.
  mutating func transmission(_ message: ControlMessage) -> ReceiverTransmission {
    defer { nextPacketNumber += 1 }
    credit.noteSent(byteCount: message.byteCount)
    return ReceiverTransmission(
      sessionID: sessionID, message: message, flags: [],
      packetNumber: UInt32(truncatingIfNeeded: nextPacketNumber))
  }

  /// Aborts to the sender, as the credit allows.
  mutating func tell(_ reason: AbortReason, _ text: String, _ line: inout ReceiverLine) {
    guard !isOneWay else { return }
    for word in line.aborts(reason, text) where credit.allows(word.byteCount) {
      line.say(transmission(word))
    }
  }

  mutating func takeJoin(_ line: inout ReceiverLine, now: Instant) -> ReceiverTransmission? {
    guard joining.dueAt <= now else { return nil }
    guard credit.allows(Join.maximumByteCount) else {
      joining.disarm()
      return nil
    }
    line.counters.joinsSent += 1
    return transmission(.join(joining.take(line.configuration, now: now)))
  }

  /// In a group a time that differs from receiver to receiver.
  func spread(_ interval: Nanoseconds, _ line: inout ReceiverLine) -> Nanoseconds {
    isGroup ? line.spread(interval) : interval
  }

  /// *complete* with the newest echo.
  func echoing(_ complete: Complete, now: Instant) -> Complete {
    var message = complete
    message.echoedTimestamp = arrivals.echo.timestamp
    message.holdMicroseconds = arrivals.echo.hold(now: now)
    return message
  }
}
