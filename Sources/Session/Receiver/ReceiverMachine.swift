package import Ground
package import Wire

/// The receiver of one session, Specs/chunked-udp.md §6.2. Sans-I/O: any number of `handle…(…, now:)`, then
/// drain `pollTransmit` and `pollEvent`, then sleep until `nextDeadline` and call `handleWake`. All
/// transitions are in this file. It never touches a payload: it answers whether the owner keeps a chunk.
package struct ReceiverMachine: Sendable {
  private enum State: Sendable {
    case listening(ReceiverListening)
    case receiving
    case verifying
    case completing(ReceiverCompleting)
    case ended(ReceiverEnd)
  }

  private var state: State
  /// Nil while listening. Apart from the state, so that no datagram copies it.
  var session: ReceiverSession?
  var line: ReceiverLine

  package init(_ configuration: Configuration) {
    state = .listening(ReceiverListening(refusedSessions: configuration.refusedSessions))
    line = ReceiverLine(configuration)
  }

  package var phase: Phase {
    switch state {
    case .listening: .listening
    case .receiving: .receiving
    case .verifying: .verifying
    case .completing: .completing
    case .ended(let end): .ended(end)
    }
  }

  /// Nil once a session has begun.
  var listening: ReceiverListening? {
    switch state {
    case .listening(let listening): listening
    case .receiving, .verifying, .completing, .ended: nil
    }
  }

  // MARK: What arrives

  /// A data datagram; says what to do with its payload. `canKeep`: the owner has room for it.
  package mutating func handleData(
    sessionID: UInt64, packetNumber: UInt32, chunkIndex: UInt32, timestamp: UInt32, grttCode: GrttCode,
    isRepair: Bool, byteCount: Int, canKeep: Bool, now: Instant
  ) -> ChunkFate {
    let stage: ReceiverSession.Stage
    switch state {
    case .listening(let listening):
      guard let candidate = listening.candidate(sessionID, begunBy: UInt64(chunkIndex)) else {
        return line.refuse(byteCount: byteCount, isLate: false)
      }
      begin(candidate, now: now)
      stage = .receiving
    case .receiving: stage = .receiving
    case .verifying: stage = .verifying
    case .completing: stage = .completing
    case .ended: return line.refuse(byteCount: byteCount, isLate: true)
    }
    let fate = session?.handleData(
      sessionID: sessionID, packetNumber: packetNumber, chunkIndex: chunkIndex, timestamp: timestamp,
      grttCode: grttCode, isRepair: isRepair, byteCount: byteCount, canKeep: canKeep, stage: stage, &line,
      now: now)
    if fate == .keep, session?.detector.isComplete ?? false { beginVerifying() }
    return fate ?? .refused
  }

  /// A parity datagram; says what to do with its symbol, as `handleData` does. It begins a one-way session.
  package mutating func handleParity(
    _ parity: ParityHeader, header: DatagramHeader, byteCount: Int, canKeep: Bool, now: Instant
  ) -> ChunkFate {
    switch state {
    case .listening(let listening):
      if let candidate = listening.candidate(header.sessionID, begunBy: parity) { begin(candidate, now: now) }
    case .receiving, .verifying, .completing, .ended: break
    }
    guard let stage else { return line.refuse(byteCount: byteCount, isLate: hasEnded) }
    return session?.handleParity(
      parity, header: header, byteCount: byteCount, canKeep: canKeep, stage: stage, &line, now: now)
      ?? .refused
  }

  /// The owner has rebuilt and kept the missing chunks of a block.
  package mutating func handleRebuilt(block: UInt64, now: Instant) {
    guard stage == .receiving else { return }
    session?.noteRebuilt(block, &line, now: now)
    if session?.detector.isComplete ?? false { beginVerifying() }
  }

  /// Another datagram from the sender. Bad ones are counted and dropped.
  package mutating func handle(
    _ message: ControlMessage, header: DatagramHeader, byteCount: Int, now: Instant
  ) {
    switch state {
    case .listening(var listening):
      state = .receiving  // releases the candidates, so that they are not copied
      listening.handle(message, header: header, byteCount: byteCount, &line, now: now)
      state = .listening(listening)
    case .receiving:
      guard let admitted = admit(message, header, byteCount, .receiving, now: now) else { return }
      let end = session?.handleWhileReceiving(message, admitted, byteCount: byteCount, &line, now: now)
      if let end { self.end(end) }
    case .verifying:
      guard let admitted = admit(message, header, byteCount, .verifying, now: now) else { return }
      session?.handleWhileVerifying(message, admitted, byteCount: byteCount, &line, now: now)
    case .completing(var completing):
      guard let admitted = admit(message, header, byteCount, .completing, now: now) else { return }
      let ending = session?.handle(
        message, admitted, byteCount: byteCount, whileCompleting: &completing, &line, now: now)
      switch ending {
      case .confirmed: end(.completed(completing.complete, confirmed: true))
      case .unconfirmed: end(.completed(completing.complete, confirmed: false))
      case nil: state = .completing(completing)
      }
    case .ended: line.countLate(byteCount: byteCount)
    }
  }

  private mutating func admit(
    _ message: ControlMessage, _ header: DatagramHeader, _ byteCount: Int, _ stage: ReceiverSession.Stage,
    now: Instant
  ) -> ReceiverSession.Admitted? {
    session?.admit(message, header: header, byteCount: byteCount, stage: stage, &line, now: now)
  }

  /// Chunks that the owner kept and cannot use. They are asked for again.
  package mutating func forget(_ chunks: Range<UInt64>) {
    switch state {
    case .receiving, .verifying:
      state = .receiving
      line.counters.forgottenChunks += session?.forget(chunks) ?? 0
    case .listening, .completing, .ended: break
    }
  }

  // MARK: Transitions

  private mutating func begin(_ candidate: SessionCandidate, now: Instant) {
    guard let shape = candidate.shape else { return }
    session = ReceiverSession(candidate, shape: shape, line.configuration, now: now)
    state = .receiving
    line.note(.began(candidate.announce, sessionID: candidate.sessionID))
  }

  /// The owner has these chunks of an announced session from an earlier one: it begins with them.
  package mutating func begin(_ sessionID: UInt64, holding chunks: [Range<UInt64>], now: Instant) {
    guard let candidate = listening?.candidate(sessionID, begunBy: 0), !chunks.isEmpty else { return }
    begin(candidate, now: now)
    hold(chunks, now: now)
  }

  /// The owner has found chunks of an earlier session, because it knows the manifest now.
  package mutating func hold(_ chunks: [Range<UInt64>], now: Instant) {
    guard stage == .receiving else { return }
    session?.resume(chunks, &line, now: now)
    if session?.detector.isComplete ?? false { beginVerifying() }
  }

  private mutating func beginVerifying() {
    state = .verifying
    session?.asking.stop()
    line.note(.allChunksHeld)
  }

  /// The owner has verified the files and made them visible (or could not).
  package mutating func handleVerified(
    verified: UInt32, failed: UInt32, status: CompleteStatus, text: String, now: Instant
  ) {
    switch state {
    case .verifying: break
    case .listening, .receiving, .completing, .ended: return
    }
    var completing = ReceiverCompleting(line.complete(verified, failed, status, text))
    session?.patience.beginCompleting(now: now)
    if session?.mayTellOutcome ?? false {
      completing.answer(after: session?.firstCompleteDelay(&line, now: now) ?? 0, now: now)
      state = .completing(completing)
    } else {
      end(.completed(completing.complete, confirmed: false))
    }
  }

  /// No message from the network changes the outcome after this.
  private mutating func end(_ outcome: ReceiverEnd) {
    state = .ended(outcome)
    line.note(.ended(outcome))
  }

  /// Ends the session from this side and tells its sender, or before it began all senders that were answered.
  package mutating func cancel(reason: AbortReason, text: String, now: Instant) {
    switch state {
    case .listening(let listening): listening.refuseAll(reason, text, &line, now: now)
    case .receiving, .verifying: session?.tell(reason, text, &line)
    case .completing(let completing):
      // The files are here, so the last message says this again.
      if let word = session?.lastWord(completing, now: now) { line.sayOnly(word) }
      return end(.completed(completing.complete, confirmed: false))
    case .ended: return
    }
    end(.cancelled(reason, text))
  }

  /// The owner cannot take this set. Its sender is told, and the machine continues to listen.
  package mutating func refuse(sessionID: UInt64, reason: AbortReason, text: String, now: Instant) {
    guard case .listening(var listening) = state else { return }
    state = .receiving  // releases the candidates, so that they are not copied
    listening.refuse(sessionID, reason, text, &line, now: now)
    state = .listening(listening)
  }

  // MARK: Time

  package var nextDeadline: Instant {
    if line.hasLastWords { return .zero }
    switch state {
    case .listening(let listening): return listening.nextDeadline
    case .receiving, .verifying: return session?.nextDeadline ?? .never
    case .completing(let completing): return min(completing.dueAt, session?.completingDeadline ?? .never)
    case .ended: return .never
    }
  }

  package mutating func handleWake(now: Instant) {
    switch state {
    case .listening(var listening):
      state = .receiving  // releases the candidates, so that they are not copied
      listening.handleWake(now: now)
      state = .listening(listening)
    case .receiving:
      if let end = session?.handleWakeWhileReceiving(&line, now: now) { self.end(end) }
    case .verifying: session?.handleWakeWhileVerifying(now: now)
    case .completing(let completing):
      if session?.isCompletingOver(now: now) ?? true {
        end(.completed(completing.complete, confirmed: false))
      }
    case .ended: break
    }
  }

  /// Finds losses, arms the NACK. Runs when a batch of datagrams has been handled.
  package mutating func detectLosses(now: Instant) {
    if case .receiving = state { session?.detectLosses(&line, now: now) }
  }

  /// `handleWake`, if it is due, and `detectLosses`. Returns `nextDeadline`, and `.zero` while events wait.
  /// If the time is later than `now`, nothing is to be drained. One call does all this, because reading a
  /// property of a machine in an array copies the machine.
  package mutating func settle(now: Instant) -> Instant {
    if deadline() <= now { handleWake(now: now) }
    detectLosses(now: now)
    return line.hasEvents ? .zero : deadline()
  }

  /// `nextDeadline`, without a copy of the session.
  package mutating func deadline() -> Instant {
    switch state {
    case .receiving, .verifying: line.hasLastWords ? .zero : session?.deadline() ?? .never
    case .listening, .completing, .ended: nextDeadline
    }
  }

  /// This process did not run, or waited for its disk. This time is no sender's silence.
  package mutating func noteAbsence(_ nanoseconds: Nanoseconds) {
    session?.patience.postpone(by: nanoseconds)
    switch state {
    case .listening(var listening):
      listening.postpone(by: nanoseconds)
      state = .listening(listening)
    case .receiving, .verifying, .completing, .ended: break
    }
  }

  // MARK: What leaves

  /// The next datagram to send, until nil. `socketDrops`: datagrams the kernel dropped at our socket so far.
  /// No message exceeds the credit: a receiver sends at most three times what the session brought it.
  package mutating func pollTransmit(now: Instant, socketDrops: UInt32 = 0) -> ReceiverTransmission? {
    if let word = line.takeLastWord() { return word }
    switch state {
    case .listening(var listening):
      state = .receiving  // releases the candidates, so that they are not copied
      defer { state = .listening(listening) }
      return listening.pollTransmit(&line, now: now)
    case .receiving, .verifying:
      return session?.takeJoin(&line, now: now) ?? session?.takeRequest(&line, now: now)
        ?? session?.takeReport(socketDrops: socketDrops, &line, now: now)
    case .completing(var completing):
      defer { state = .completing(completing) }
      return session?.takeJoin(&line, now: now) ?? session?.take(&completing, &line, now: now)
        ?? session?.takeReport(socketDrops: socketDrops, &line, now: now)
    case .ended: return nil
    }
  }

  package mutating func pollEvent() -> ReceiverEvent? { line.pollEvent() }
}
