import Accounting
package import Wire

/// Datagrams from the sender. Bad ones are counted and dropped.
extension ReceiverMachine {
  /// True when the datagram belongs to this session; counts it when not.
  private mutating func admits(sessionID: UInt64, byteCount: Int) -> Bool {
    if phase != .listening, sessionID == self.sessionID { return true }
    if phase != .listening { counters.strayDatagrams += 1 }
    counters.foreign.add(byteCount: byteCount)
    return false
  }

  /// Notes a datagram's packet number; nil when the network delivered it twice.
  private mutating func notePacket(
    _ truncated: UInt32, byteCount: Int, timestamp: UInt32?, now: Instant
  ) -> UInt64? {
    let packet = PacketNumber.reconstruct(truncated: truncated, expected: ledger.expected)
    let isNewest = ledger.highest.map { packet > $0 } ?? true
    if let highest = ledger.highest, highest - min(packet, highest) >= PacketLedger.windowPacketCount {
      counters.late.add(byteCount: byteCount)
      return nil
    }
    guard ledger.insert(packet, now: now) else {
      counters.duplicateDatagrams += 1
      counters.duplicate.add(byteCount: byteCount)
      return nil
    }
    firstPacket = min(firstPacket ?? packet, packet)
    counters.datagrams += 1
    counters.byteCount += UInt64(byteCount)
    if isNewest, let timestamp { echo = Echo(timestamp: timestamp, arrival: now) }
    timers[.idle] = now + silenceNanoseconds
    return packet
  }

  /// A data datagram; says what to do with its payload. `canKeep`: the owner has room for it.
  package mutating func handleData(
    sessionID: UInt64, packetNumber: UInt32, chunkIndex: UInt32, timestamp: UInt32, grttCode: GrttCode,
    isRepair: Bool, byteCount: Int, canKeep: Bool, now: Instant
  ) -> ChunkFate {
    guard !hasEnded else {
      counters.late.add(byteCount: byteCount)
      return .refused
    }
    guard admits(sessionID: sessionID, byteCount: byteCount) else { return .refused }
    let chunk = UInt64(chunkIndex)
    guard chunk < detector.received.capacity else {
      // Data before the announce that holds: that one was lost or overtaken, and comes again.
      if phase != .probed { counters.malformedDatagrams += 1 }
      counters.foreign.add(byteCount: byteCount)
      return .refused
    }
    guard let packet = notePacket(packetNumber, byteCount: byteCount, timestamp: timestamp, now: now) else {
      return .duplicate
    }
    grttNanoseconds = grttCode.nanoseconds
    if isRepair {
      counters.repairDatagrams += 1
      unansweredCount = 0
    }
    armReport(now: now)
    guard phase == .receiving, !detector.received.contains(chunk) else {
      nacks.noteArrival(chunk, isRepair: isRepair)
      counters.duplicateChunks += 1
      if isRepair {
        counters.duplicate.add(byteCount: byteCount)
      } else {
        counters.late.add(byteCount: byteCount)
      }
      return .duplicate
    }
    guard canKeep else {
      detector.noteRefused(chunk, packet: packet, isRepair: isRepair, now: now)
      counters.refusedChunks += 1
      counters.refused.add(byteCount: byteCount)
      return .refused
    }
    counters.new.add(byteCount: byteCount)
    // What is sent in order, for the first time, nobody has asked for yet.
    if isRepair || chunk < detector.frontier { nacks.noteArrival(chunk, isRepair: isRepair) }
    _ = detector.noteChunk(chunk, packet: packet, isRepair: isRepair)
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
    guard !hasEnded else {
      counters.late.add(byteCount: byteCount)
      return
    }
    if case .announce(let announce) = message {
      handleAnnounce(announce, header: header, byteCount: byteCount, now: now)
      return
    }
    guard admits(sessionID: header.sessionID, byteCount: byteCount) else { return }
    let timestamp: UInt32?
    switch message {
    case .repairNotice(let notice): timestamp = notice.timestamp
    case .end(let end): timestamp = end.timestamp
    case .close, .abort: timestamp = nil
    default:  // a receiver's message, from the group: not for us
      counters.foreign.add(byteCount: byteCount)
      return
    }
    if case .abort(let abort) = message, abort.receiverID != 0, abort.receiverID != configuration.receiverID {
      counters.foreign.add(byteCount: byteCount)
      return
    }
    if phase == .probed {
      if case .abort = message {
        counters.control.add(byteCount: byteCount)
        forgetProbe()
      } else {
        counters.foreign.add(byteCount: byteCount)
      }
      return
    }
    guard let packet = notePacket(header.packetNumber, byteCount: byteCount, timestamp: timestamp, now: now)
    else { return }
    counters.control.add(byteCount: byteCount)
    switch message {
    case .repairNotice(let notice): handleNotice(notice, packet: packet, now: now)
    case .end(let end): handleEnd(end, packet: packet, now: now)
    case .close(let close):
      if phase == .completing, close.receiverIDs.contains(configuration.receiverID) {
        endCompleted(confirmed: true)
      }
    case .abort(let abort): handleAbort(abort)
    default: break
    }
  }

  private mutating func handleAnnounce(
    _ announce: Announce, header: DatagramHeader, byteCount: Int, now: Instant
  ) {
    let isProvisional = header.flags.contains(.provisional)
    let isAwaited = phase == .probed && header.sessionID == sessionID && !isProvisional
    if phase == .listening || isAwaited {
      guard let shape = SessionShape(announce) else {
        counters.malformedDatagrams += 1
        counters.foreign.add(byteCount: byteCount)
        return
      }
      if isProvisional {
        phase = .probed
        self.announce = announce
        sessionID = header.sessionID
      } else {
        begin(announce, shape: shape, sessionID: header.sessionID)
      }
    }
    guard admits(sessionID: header.sessionID, byteCount: byteCount) else { return }
    guard
      notePacket(header.packetNumber, byteCount: byteCount, timestamp: announce.timestamp, now: now) != nil
    else { return }
    counters.control.add(byteCount: byteCount)
    largestAnnounceByteCount = max(largestAnnounceByteCount, byteCount)
    announceEcho = Echo(timestamp: announce.timestamp, arrival: now)
    grttNanoseconds = announce.grttCode.nanoseconds
    self.announce?.groupSize = announce.groupSize
    let earliest = lastJoinAt.map { $0 + GroupTiming.joinInterval(groupSize: groupSize) } ?? .zero
    // The announce that holds was sent because of our join: what is reported from now on says that it came.
    if now >= earliest, !isAwaited { answerSoon(.join, now: now) }
    if phase != .probed { armReport(now: now) }
  }

  /// The sender went before its session began: another one is listened for.
  mutating func forgetProbe() {
    phase = .listening
    announce = nil
    ledger = PacketLedger()
    firstPacket = nil
    counters.datagrams = 0
    counters.byteCount = 0
    echo = Echo()
    announceEcho = Echo()
    largestAnnounceByteCount = 0
    lastJoinAt = nil
    timers.disarmAll()
  }

  private mutating func begin(_ announce: Announce, shape: SessionShape, sessionID: UInt64) {
    self.announce = announce
    self.shape = shape
    self.sessionID = sessionID
    detector = LossDetector(chunkCount: shape.chunkCount)
    phase = .receiving
    events.append(.began(announce, sessionID: sessionID))
  }

  /// The packets that a notice names follow it, so a number far from its own is broken or hostile: it would keep what
  /// is promised from ever being missed.
  private mutating func handleNotice(_ notice: RepairNotice, packet: UInt64, now: Instant) {
    grttNanoseconds = notice.grttCode.nanoseconds
    unansweredCount = 0
    guard phase == .receiving, notice.form == .chunks else { return }
    var budget = LossDetector.maximumPromised
    for entry in notice.entries {
      let first = PacketNumber.reconstruct(truncated: entry.firstPacketNumber, expected: packet + 1)
      let count = min(UInt64(entry.count), budget)
      guard first > packet, first - packet <= LossDetector.maximumPromised, count > 0 else {
        counters.malformedDatagrams += 1
        return
      }
      budget -= count
      detector.notePromise(first: UInt64(entry.firstChunk), count: count, firstPacket: first, now: now)
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
    case .completing: answerSoon(.complete, now: now)  // its close or our complete was lost
    case .verifying: armReport(now: now)
    case .listening, .probed, .ended: break
    }
  }

  /// What is whole here stays whole, whatever the sender does then.
  private mutating func handleAbort(_ abort: Abort) {
    switch phase {
    case .verifying: isSenderGone = true
    case .completing: endCompleted(confirmed: false)
    case .listening, .probed, .receiving, .ended: end(.aborted(abort.reason, abort.text))
    }
  }
}
