import Accounting
package import Ground
package import Wire

/// Datagrams from the sender. Bad ones are counted and dropped.
extension ReceiverMachine {
  /// True when the datagram belongs to this session; counts it when not.
  private mutating func admits(sessionID: UInt64, byteCount: Int) -> Bool {
    if phase != .listening, sessionID == self.sessionID {
      credit.noteReceived(byteCount: byteCount)
      return true
    }
    if phase != .listening { counters.strayDatagrams += 1 }
    counters.foreign.add(byteCount: byteCount)
    return false
  }

  /// What a packet number says of a datagram.
  private enum Arrival: Equatable {
    case new(UInt64)
    /// The network delivered the same packet twice.
    case duplicate
    /// The number cannot be the sender's next ones. What the datagram brings counts, and its number says nothing.
    case unnumbered

    var packet: UInt64? { if case .new(let packet) = self { packet } else { nil } }
  }

  /// Strange numbers in a row, near each other, that are believed.
  private static let believedStrangeCount = 4

  /// Notes a datagram's packet number. Numbers tell duplicates and losses, and nothing more: a forged one far ahead
  /// or behind must not make the sender's own look old or impossible.
  private mutating func notePacket(
    _ truncated: UInt32, byteCount: Int, timestamp: UInt32?, now: Instant
  ) -> Arrival {
    timers[.idle] = now + silenceNanoseconds
    let packet = PacketNumber.reconstruct(truncated: truncated, expected: ledger.expected)
    if let highest = ledger.highest,
      max(packet, highest) - min(packet, highest) >= PacketLedger.windowPacketCount
    {
      guard isBelieved(packet) else { return .unnumbered }
      ledger.restart()
      detector.noteRestart()
      firstPacket = packet
    }
    strangeNumbers = nil
    let isNewest = ledger.highest.map { packet > $0 } ?? true
    guard ledger.insert(packet, now: now) else {
      counters.duplicateDatagrams += 1
      counters.duplicate.add(byteCount: byteCount)
      return .duplicate
    }
    firstPacket = min(firstPacket ?? packet, packet)
    counters.datagrams += 1
    counters.byteCount += UInt64(byteCount)
    if isNewest, let timestamp { echo = Echo(timestamp: timestamp, arrival: now) }
    return .new(packet)
  }

  /// After an outage the sender's packets follow each other far ahead of the last one: some in a row are believed, as
  /// RFC 3550 §A.1 does.
  private mutating func isBelieved(_ packet: UInt64) -> Bool {
    var count = 1
    if let strangeNumbers, strangeNumbers.newest != packet,
      max(strangeNumbers.newest, packet) - min(strangeNumbers.newest, packet) < PacketLedger.windowPacketCount
    {
      count = strangeNumbers.count + 1
    }
    strangeNumbers = (packet, count)
    counters.strangeNumbers += 1
    return count >= Self.believedStrangeCount
  }

  /// The announce of the session that begins with this chunk; nil when none does. The owner opens its store then, and
  /// calls `handleData`, or `refuse` when it cannot.
  package func announceBegun(bySessionID sessionID: UInt64, chunkIndex: UInt32) -> Announce? {
    guard phase == .listening, let candidate = candidates.first(where: { $0.sessionID == sessionID }),
      let shape = candidate.shape, UInt64(chunkIndex) < shape.chunkCount
    else { return nil }
    return candidate.announce
  }

  /// The candidate whose chunk came becomes the session; the others are forgotten.
  private mutating func beginSession(_ sessionID: UInt64, chunk: UInt64, now: Instant) {
    guard let candidate = candidates.first(where: { $0.sessionID == sessionID }),
      let shape = candidate.shape, chunk < shape.chunkCount
    else { return }
    announce = candidate.announce
    self.shape = shape
    self.sessionID = candidate.sessionID
    joining = candidate.joining
    credit = candidate.credit
    nextPacketNumber = candidate.nextPacketNumber
    grttNanoseconds = candidate.grttNanoseconds
    detector = LossDetector(chunkCount: shape.chunkCount)
    candidates = []
    phase = .receiving
    beginProgress(now: now)
    events.append(.began(candidate.announce, sessionID: candidate.sessionID))
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
    let chunk = UInt64(chunkIndex)
    if phase == .listening { beginSession(sessionID, chunk: chunk, now: now) }
    guard admits(sessionID: sessionID, byteCount: byteCount) else { return .refused }
    guard chunk < detector.received.capacity else {
      counters.malformedDatagrams += 1
      counters.foreign.add(byteCount: byteCount)
      return .refused
    }
    let arrival = notePacket(packetNumber, byteCount: byteCount, timestamp: timestamp, now: now)
    guard arrival != .duplicate else { return .duplicate }
    // Without a number of use it says nothing of what was sent before it, as a repair does not.
    let packet = arrival.packet ?? 0
    let isInOrder = !isRepair && arrival != .unnumbered
    grttNanoseconds = grttCode.nanoseconds
    chunkAt = now
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
      detector.noteRefused(chunk, packet: packet, isRepair: !isInOrder, now: now)
      counters.refusedChunks += 1
      counters.refused.add(byteCount: byteCount)
      return .refused
    }
    counters.new.add(byteCount: byteCount)
    newChunkAt = now
    // What is sent in order, for the first time, nobody has asked for yet.
    if isRepair || chunk < detector.frontier { nacks.noteArrival(chunk, isRepair: isRepair) }
    _ = detector.noteChunk(chunk, packet: packet, isRepair: !isInOrder)
    if detector.isComplete {
      phase = .verifying
      timers.disarm(.nack)
      timers.disarm(.detect)
      events.append(.allChunksHeld)
    }
    return .keep
  }

  /// Chunks that the owner kept and cannot use: they are asked for again.
  package mutating func forget(_ chunks: Range<UInt64>) {
    guard phase == .receiving || phase == .verifying else { return }
    phase = .receiving
    let count = detector.forget(chunks)
    counters.forgottenChunks += count
    timers[.detect] = .zero
  }

  package mutating func handle(
    _ message: ControlMessage, header: DatagramHeader, byteCount: Int, now: Instant
  ) {
    guard !hasEnded else {
      counters.late.add(byteCount: byteCount)
      return
    }
    guard phase != .listening else {
      return handleWhileListening(message, header: header, byteCount: byteCount, now: now)
    }
    guard admits(sessionID: header.sessionID, byteCount: byteCount) else { return }
    let timestamp: UInt32?
    switch message {
    case .announce(let announce): timestamp = announce.timestamp
    case .repairNotice(let notice): timestamp = notice.timestamp
    case .end(let end): timestamp = end.timestamp
    case .close: timestamp = nil
    case .abort(let abort) where concerns(abort): timestamp = nil
    case .abort, .join, .nack, .report, .complete:  // another receiver's, or to another receiver
      counters.foreign.add(byteCount: byteCount)
      return
    }
    let arrival = notePacket(header.packetNumber, byteCount: byteCount, timestamp: timestamp, now: now)
    guard arrival != .duplicate else { return }
    counters.control.add(byteCount: byteCount)
    switch message {
    case .announce(let announce): handleAnnounce(announce, byteCount: byteCount, now: now)
    case .repairNotice(let notice): arrival.packet.map { handleNotice(notice, packet: $0, now: now) }
    case .end(let end): handleEnd(end, packet: arrival.packet ?? ledger.highest ?? 0, now: now)
    case .close(let close):
      if phase == .completing, close.receiverIDs.contains(configuration.receiverID) {
        endCompleted(confirmed: true)
      }
    case .abort(let abort): handleAbort(abort)
    case .join, .nack, .report, .complete: break
    }
  }

  private func concerns(_ abort: Abort) -> Bool {
    abort.receiverID == 0 || abort.receiverID == configuration.receiverID
  }

  // MARK: Listening

  /// No session has begun. Anybody may announce, so that nothing here depends on one sender.
  private mutating func handleWhileListening(
    _ message: ControlMessage, header: DatagramHeader, byteCount: Int, now: Instant
  ) {
    let index = candidates.firstIndex { $0.sessionID == header.sessionID }
    var isTaken = false
    switch message {
    case .announce(let announce):
      isTaken = noteAnnounce(announce, header: header, at: index, byteCount: byteCount, now: now)
      if !isTaken { counters.malformedDatagrams += 1 }
    case .end(let end):
      if let index {
        candidates[index].note(end, header: header, byteCount: byteCount, now: now)
        isTaken = true
      }
    case .abort(let abort) where concerns(abort):
      if let index {
        candidates.remove(at: index)
        isTaken = true
      }
    case .abort, .repairNotice, .close, .join, .nack, .report, .complete: break
    }
    if isTaken {
      counters.control.add(byteCount: byteCount)
    } else {
      counters.foreign.add(byteCount: byteCount)
    }
  }

  /// False when the announce is of no set, or of one that was refused.
  private mutating func noteAnnounce(
    _ announce: Announce, header: DatagramHeader, at index: Int?, byteCount: Int, now: Instant
  ) -> Bool {
    let isProvisional = header.flags.contains(.provisional)
    guard !refusedSessions.contains(header.sessionID) else { return false }
    guard
      var candidate = index.map({ candidates[$0] })
        ?? SessionCandidate(announce, sessionID: header.sessionID, isProvisional: isProvisional)
    else { return false }
    guard
      candidate.note(
        announce, isProvisional: isProvisional, spread: answerSpread(candidate.groupSize),
        byteCount: byteCount, now: now)
    else { return false }
    if let index {
      candidates[index] = candidate
    } else {
      makeRoomForCandidate()
      candidates.append(candidate)
    }
    return true
  }

  private mutating func makeRoomForCandidate() {
    guard candidates.count >= SessionCandidate.maximumCount,
      let oldest = candidates.indices.min(by: { candidates[$0].forgottenAt < candidates[$1].forgottenAt })
    else { return }
    candidates.remove(at: oldest)
  }

  // MARK: In a session

  /// The values of the first announce that held are the session's; only the group's size may change.
  private mutating func handleAnnounce(_ announce: Announce, byteCount: Int, now: Instant) {
    grttNanoseconds = announce.grttCode.nanoseconds
    self.announce?.groupSize = announce.groupSize
    joining.note(announce, byteCount: byteCount, now: now)
    if !isOneWay {
      joining.answer(after: answerSpread(groupSize), isGroup: isGroup, groupSize: groupSize, now: now)
    }
    armReport(now: now)
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
    case .listening, .ended: break
    }
  }

  /// What is whole here stays whole, whatever the sender does then.
  private mutating func handleAbort(_ abort: Abort) {
    switch phase {
    case .verifying: isSenderGone = true
    case .completing: endCompleted(confirmed: false)
    case .receiving: end(.aborted(abort.reason, abort.text))
    case .listening, .ended: break
    }
  }
}
