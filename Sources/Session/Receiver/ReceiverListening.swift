import Accounting
import Ground
import Wire

/// A receiver in whose session no chunk has arrived yet. Anybody may announce, so that nothing here depends
/// on one sender, Specs/chunked-udp.md §6.2.
struct ReceiverListening: Sendable {
  /// Sessions that were announced.
  private var candidates: [SessionCandidate] = []
  /// Sessions that the owner refused, the newest last: they are not answered again.
  private var refusedSessions: [UInt64]

  init(refusedSessions: [UInt64]) { self.refusedSessions = refusedSessions }

  var hasCandidates: Bool { !candidates.isEmpty }
  func isAnnounced(_ sessionID: UInt64) -> Bool { candidates.contains { $0.sessionID == sessionID } }

  /// The candidate that becomes the session with this chunk; nil when none does.
  func candidate(_ sessionID: UInt64, begunBy chunk: UInt64) -> SessionCandidate? {
    guard let candidate = candidates.first(where: { $0.sessionID == sessionID }),
      let shape = candidate.shape, chunk < shape.chunkCount
    else { return nil }
    return candidate
  }

  /// Likewise with this symbol, in a one-way session: its later rounds have few chunks.
  func candidate(_ sessionID: UInt64, begunBy parity: ParityHeader) -> SessionCandidate? {
    guard let candidate = candidates.first(where: { $0.sessionID == sessionID }), candidate.isOneWay,
      candidate.shape != nil, BlockGeometry(candidate.announce)?.block(of: parity) != nil
    else { return nil }
    return candidate
  }

  // MARK: What arrives

  mutating func handle(
    _ message: ControlMessage, header: DatagramHeader, byteCount: Int, _ line: inout ReceiverLine,
    now: Instant
  ) {
    let index = candidates.firstIndex { $0.sessionID == header.sessionID }
    var isTaken = false
    switch message {
    case .announce(let announce):
      isTaken = note(announce, header: header, at: index, byteCount: byteCount, &line, now: now)
      if !isTaken { line.counters.malformedDatagrams += 1 }
    case .end(let end):
      if let index {
        candidates[index].note(end, header: header, byteCount: byteCount, now: now)
        isTaken = true
      }
    case .abort(let abort):
      if let index, line.concerns(abort) {
        candidates.remove(at: index)
        isTaken = true
      }
    case .repairNotice, .close, .join, .nack, .report, .complete: break
    }
    if isTaken {
      line.counters.control.add(byteCount: byteCount)
      noteHearing(message, header: header, &line, now: now)
    } else {
      line.countForeign(byteCount: byteCount)
    }
  }

  private mutating func noteHearing(
    _ message: ControlMessage, header: DatagramHeader, _ line: inout ReceiverLine, now: Instant
  ) {
    guard let index = candidates.firstIndex(where: { $0.sessionID == header.sessionID }) else { return }
    let request = candidates[index].noteHearing(
      packetNumber: header.packetNumber, isEnd: message.type == .end,
      receiverID: line.configuration.receiverID, now: now)
    if let request { line.note(.chunksBlocked(request)) }
  }

  /// False when the announce is of no set, or of one that was refused.
  private mutating func note(
    _ announce: Announce, header: DatagramHeader, at index: Int?, byteCount: Int, _ line: inout ReceiverLine,
    now: Instant
  ) -> Bool {
    let isProvisional = header.flags.contains(.provisional)
    guard !refusedSessions.contains(header.sessionID) else { return false }
    guard
      var candidate = index.map({ candidates[$0] })
        ?? SessionCandidate(announce, sessionID: header.sessionID, isProvisional: isProvisional)
    else { return false }
    guard
      candidate.note(
        announce, isProvisional: isProvisional, spread: line.answerSpread(candidate.groupSize),
        byteCount: byteCount, now: now)
    else { return false }
    if let index {
      candidates[index] = candidate
    } else {
      makeRoom()
      candidates.append(candidate)
    }
    return true
  }

  private mutating func makeRoom() {
    guard candidates.count >= SessionCandidate.maximumCount,
      let oldest = candidates.indices.min(by: { candidates[$0].forgottenAt < candidates[$1].forgottenAt })
    else { return }
    candidates.remove(at: oldest)
  }

  // MARK: Time

  var nextDeadline: Instant { candidates.reduce(.never) { min($0, $1.nextDeadline) } }

  mutating func handleWake(now: Instant) {
    if !candidates.isEmpty { candidates.removeAll { $0.forgottenAt <= now } }
  }

  /// Time in which this process could hear nothing.
  mutating func postpone(by nanoseconds: Nanoseconds) {
    for index in candidates.indices { candidates[index].postpone(by: nanoseconds) }
  }

  // MARK: What leaves

  mutating func pollTransmit(_ line: inout ReceiverLine, now: Instant) -> ReceiverTransmission? {
    for index in candidates.indices {
      guard let message = candidates[index].pollTransmit(line.configuration, now: now) else { continue }
      if case .nack(let nack) = message {
        line.counters.nacksDue += 1
        line.count(nack)
      } else {
        line.counters.joinsSent += 1
      }
      return candidates[index].transmission(message)
    }
    return nil
  }

  /// The owner cannot take this set. Its sender is told, and others are listened to.
  mutating func refuse(
    _ sessionID: UInt64, _ reason: AbortReason, _ text: String, _ line: inout ReceiverLine, now: Instant
  ) {
    guard let index = candidates.firstIndex(where: { $0.sessionID == sessionID }) else { return }
    Self.refuse(candidates.remove(at: index), reason, text, &line, now: now)
    if refusedSessions.count >= SessionCandidate.maximumCount { refusedSessions.removeFirst() }
    refusedSessions.append(sessionID)
  }

  /// The owner ends this receiver: senders that were answered are told.
  func refuseAll(_ reason: AbortReason, _ text: String, _ line: inout ReceiverLine, now: Instant) {
    for candidate in candidates where candidate.joining.joinCount > 0 {
      Self.refuse(candidate, reason, text, &line, now: now)
    }
  }

  /// Up to three aborts, as its credit allows. A sender does not listen to an abort from an unknown receiver:
  /// a receiver that has not joined introduces itself first.
  private static func refuse(
    _ candidate: SessionCandidate, _ reason: AbortReason, _ text: String, _ line: inout ReceiverLine,
    now: Instant
  ) {
    var candidate = candidate
    guard !candidate.isOneWay else { return }
    var words = line.aborts(reason, text)
    if candidate.joining.joinCount == 0 {
      line.counters.joinsSent += 1
      words.insert(.join(candidate.joining.take(line.configuration, now: now)), at: 0)
    }
    for word in words where candidate.credit.allows(word.byteCount) {
      line.say(candidate.transmission(word))
    }
  }
}
