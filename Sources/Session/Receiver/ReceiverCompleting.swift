import Ground
import Wire

/// A receiver that has stated its outcome by *complete* and waits for *close*, Specs/chunked-udp.md §6.7.
struct ReceiverCompleting: Sendable {
  /// What the owner's verification found.
  let complete: Complete
  fileprivate var tryCount = 0
  fileprivate(set) var dueAt = Instant.never

  init(_ complete: Complete) { self.complete = complete }

  /// Sends *complete* after `spread`, or before.
  mutating func answer(after spread: Nanoseconds, now: Instant) { dueAt = min(dueAt, now + spread) }
}

extension ReceiverSession {
  /// How the wait for *close* ends.
  enum Ending { case confirmed, unconfirmed }

  /// Nil while the receiver waits on. What is whole here stays whole, whatever the sender does then.
  mutating func handle(
    _ message: ControlMessage, _ admitted: Admitted, byteCount: Int,
    whileCompleting completing: inout ReceiverCompleting,
    _ line: inout ReceiverLine, now: Instant
  ) -> Ending? {
    switch message {
    case .announce(let announce): note(announce, byteCount: byteCount, &line, now: now)
    case .repairNotice(let notice): if admitted.packet != nil { note(notice) }
    case .end(let end):
      // The sender's close or this receiver's complete was lost.
      // In a large group each *complete* waits for its turn.
      if note(end, &line), !isLargeGroup {
        completing.answer(after: line.answerSpread(groupSize), now: now)
      }
    case .close(let close):
      if close.receiverIDs.contains(line.configuration.receiverID) { return .confirmed }
    case .abort: return .unconfirmed
    case .join, .nack, .report, .complete: break  // not admitted
    }
    return nil
  }

  /// Whether the outcome can be told to the sender: *complete* is then repeated until *close* comes.
  var mayTellOutcome: Bool { !isOneWay && !isSenderGone }

  /// When *complete* is sent first.
  mutating func firstCompleteDelay(_ line: inout ReceiverLine, now: Instant) -> Nanoseconds {
    keepPacketSpacing(now: now)
    return isLargeGroup ? line.draw(completeSpread(now: now)) : line.answerSpread(groupSize)
  }

  private func completeSpread(now: Instant) -> Nanoseconds {
    FeedbackShare.completeSpread(groupSize: groupSize, spacing: packetSpacing(now: now))
  }

  /// When something but the next *complete* is due. Nothing is asked for in this phase. So the time at which
  /// something would be asked for does not count: it would be over, and stay so.
  var completingDeadline: Instant { min(joining.dueAt, min(reporting.dueAt, patience.deadline)) }

  /// The wait for *close* is over.
  mutating func isCompletingOver(now: Instant) -> Bool {
    patience.isIdle(now: now) || patience.takeProgressDue(now: now)
  }

  /// The outcome, sent once more to a sender for which the receiver no longer waits.
  mutating func lastWord(_ completing: ReceiverCompleting, now: Instant) -> ReceiverTransmission {
    transmission(.complete(echoing(completing.complete, now: now)))
  }

  /// The *complete* that is due, again and again until *close* comes: after two round trips, from the fourth
  /// on less and less often. Without credit it waits: the next datagram brings credit.
  mutating func take(
    _ completing: inout ReceiverCompleting, _ line: inout ReceiverLine, now: Instant
  ) -> ReceiverTransmission? {
    guard completing.dueAt <= now else { return nil }
    guard credit.allows(completing.complete.byteCount) else {
      completing.dueAt = now + AnswerCredit.waitNanoseconds
      return nil
    }
    if isLargeGroup, let join = takeIntroduction(&line, now: now) { return join }
    completing.tryCount += 1
    line.counters.completesSent += 1
    if completing.tryCount == 1 {
      // The wait for a sender that has *complete* and has left is shorter than the wait for one that sends.
      patience.noteHeard(isCompleting: true, grttNanoseconds: grttNanoseconds, now: now)
      reporting.disarm()
    }
    let roundTrips = max(2 * grttNanoseconds, .milliseconds(2), isLargeGroup ? completeSpread(now: now) : 0)
    let interval = min(
      roundTrips << UInt64(min(max(0, completing.tryCount - 3), 8)), max(.milliseconds(500), roundTrips))
    completing.dueAt = now + spread(interval, &line)
    return transmission(.complete(echoing(completing.complete, now: now)))
  }
}
