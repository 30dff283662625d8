import Ground
import Wire

/// A session of which chunks are missing, or whose files are verified.
extension ReceiverSession {
  /// How the session ends with this message; nil when it goes on.
  mutating func handleWhileReceiving(
    _ message: ControlMessage, _ admitted: Admitted, byteCount: Int, _ line: inout ReceiverLine, now: Instant
  ) -> ReceiverEnd? {
    switch message {
    case .announce(let announce):
      note(announce, byteCount: byteCount, &line, now: now)
      noteHearing(isEnd: false, &line, now: now)
    case .repairNotice(let notice):
      if let packet = admitted.packet {
        note(notice)
        promise(notice, packet: packet, &line, now: now)
      }
    case .end(let end):
      guard note(end, &line) else { break }
      noteHearing(isEnd: true, &line, now: now)
      if isOneWay { patience.noteLast(now: now) } else { noteTail(packet: admitted.packet, &line, now: now) }
    case .abort(let abort): return .aborted(abort.reason, abort.text)
    case .close: break  // it answers a complete, and none was sent
    case .join, .nack, .report, .complete: break  // not admitted
    }
    return nil
  }

  /// What is whole here stays whole, whatever the sender does then.
  mutating func handleWhileVerifying(
    _ message: ControlMessage, _ admitted: Admitted, byteCount: Int, _ line: inout ReceiverLine, now: Instant
  ) {
    switch message {
    case .announce(let announce): note(announce, byteCount: byteCount, &line, now: now)
    case .repairNotice(let notice): if admitted.packet != nil { note(notice) }
    case .end(let end): if note(end, &line) { armReport(&line, now: now) }
    case .abort: isSenderGone = true
    case .close: break  // it answers a complete, and none was sent
    case .join, .nack, .report, .complete: break  // not admitted
    }
  }

  /// How the session ends now; nil when it goes on.
  mutating func handleWakeWhileReceiving(_ line: inout ReceiverLine, now: Instant) -> ReceiverEnd? {
    if patience.isIdle(now: now) {
      guard !patience.hasHeardLast else { return .senderDone }
      tell(.timeout, "nothing came from the sender", &line)
      return .senderSilent
    }
    if isFull { patience.noteStored(now: now) }
    if patience.takeProgressDue(now: now),
      !patience.hasProgressed(rounds: roundsNanoseconds(now: now), now: now)
    {
      tell(.timeout, "the sender sends no chunks that are missing here", &line)
      return .senderStalled
    }
    if asking.isDetectDue(now: now) { detectLosses(&line, now: now) }
    return nil
  }

  /// How long two rounds of a one-way session take, as fast as its datagrams come: what is missing here comes
  /// again within a round. 0 in other sessions, whose receivers ask.
  private func roundsNanoseconds(now: Instant) -> Nanoseconds {
    guard isOneWay, let span = arrivals.span else { return 0 }
    let perDatagram = Double(now - patience.beganAt) / Double(span)
    return Nanoseconds(saturating: 2 * perDatagram * Double(detector.received.capacity))
  }

  /// All chunks are here: the owner's verification decides, and not the network.
  mutating func handleWakeWhileVerifying(now: Instant) {
    if patience.isIdle(now: now) { patience.waitOn(now: now) }
    _ = patience.takeProgressDue(now: now)
  }

  /// Chunks that were kept and are not here after all; returns how many.
  mutating func forget(_ chunks: Range<UInt64>) -> UInt64 {
    asking.resume()
    let count = detector.forget(chunks)
    blocks?.noteForgotten(chunks, received: detector.received)
    return count
  }
}
