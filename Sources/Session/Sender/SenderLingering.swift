import Ground
import Wire

/// A sender that knows all outcomes and still answers: a receiver whose close was lost repeats its complete,
/// Specs/chunked-udp.md §6.7.
struct SenderLingering: Sendable {
  /// So long may a straggler that has just been left show that it did not hear this.
  private static let stragglerNanoseconds: Nanoseconds = .milliseconds(1_500)

  /// The transfer as it was when it was over.
  let transferring: SenderTransferring
  private(set) var deadline: Instant
  /// Completes prolong the wait to here, at most.
  private let limit: Instant

  init(_ transferring: SenderTransferring, _ session: inout SenderSession, now: Instant) {
    self.transferring = transferring
    session.tellGivenUp()
    let wait = max(
      session.lingerNanoseconds, session.wasStragglerLeft(now: now) ? Self.stragglerNanoseconds : 0)
    deadline = now + wait
    limit = now + max(.seconds(2), wait)
  }

  /// A member of the group takes part that nobody has heard: all that it sent was lost until now. Without it
  /// the transfer is not over. A join alone is of a receiver that came too late.
  func isTransferUnfinished(by message: ControlMessage, _ session: SenderSession) -> Bool {
    let receiverID: UInt64
    switch message {
    case .nack(let nack): receiverID = nack.receiverID
    case .report(let report): receiverID = report.receiverID
    case .complete(let complete): receiverID = complete.receiverID
    case .join, .abort, .announce, .repairNotice, .end, .close: return false
    }
    return session.isGroup && session.peers.mayAdmit(receiverID)
  }

  /// No receiver is admitted here, and none is served again.
  mutating func handle(_ message: ControlMessage, _ session: inout SenderSession, now: Instant) {
    switch message {
    case .join(let join):
      guard let index = session.hearKnown(join.receiverID, now: now) else { return }
      session.note(join, from: index, now: now)
    case .nack(let nack):
      // It is not under way: nothing is repaired for it.
      guard let index = session.hearKnown(nack.receiverID, now: now) else { return }
      session.line.counters.lateDatagrams += 1
      session.tellIfLeft(index, now: now)
    case .report(let report):
      guard let index = session.hearKnown(report.receiverID, now: now) else { return }
      session.note(report, from: index, now: now)
    case .complete(let complete):
      guard let index = session.hearKnown(complete.receiverID, now: now),
        let outcome = session.note(complete, from: index, now: now)
      else { return }
      deadline = min(now + session.lingerNanoseconds, limit)
      // It is too late to serve a silent receiver, but not to believe it.
      if session.peers.believe(outcome, ofSilent: index) {
        session.line.note(.peerEnded(receiverID: complete.receiverID, outcome))
      }
    case .abort(let abort):
      guard let index = session.peers.index(of: abort.receiverID) else {
        session.line.counters.strayDatagrams += 1
        return
      }
      session.note(abort, from: index)
    case .announce, .repairNotice, .end, .close:
      session.line.counters.strayDatagrams += 1  // a sender's message; our own, looped back
    }
  }
}
