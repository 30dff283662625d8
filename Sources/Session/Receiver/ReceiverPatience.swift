import Ground

/// How long a receiver waits for a sender that is silent, or whose messages bring no progress,
/// Specs/chunked-udp.md §6.4.
struct ReceiverPatience: Sendable {
  /// Idle times without any chunk. Sender and receivers may be busy with others meanwhile.
  private static let idleTimesWithoutChunk: UInt64 = 4
  /// Idle times without a chunk that was missing: in a group all that arrives may be repairs for others.
  private static let idleTimesWithoutNewChunk: UInt64 = 40
  /// Idle times for which *complete* is repeated to a sender that answers other things.
  private static let idleTimesCompleting: UInt64 = 4

  /// After the last datagram of a one-way sender that has said *end*: some may come late.
  private static let lastNanoseconds: Nanoseconds = .seconds(1)
  /// The longest wait for the next round of a one-way session.
  private static let longestRoundsNanoseconds: Nanoseconds = .seconds(86_400)

  private let idleNanoseconds: Nanoseconds
  let beganAt: Instant
  /// A one-way sender has said that it sends no more.
  private(set) var hasHeardLast = false
  /// The end of the wait for a datagram of the sender.
  private var idleAt = Instant.never
  /// The end of the wait for progress.
  private var progressAt: Instant
  /// When a chunk arrived last, and when one that was missing.
  private var chunkAt: Instant
  private var newChunkAt: Instant

  init(idleNanoseconds: Nanoseconds, now: Instant) {
    self.idleNanoseconds = idleNanoseconds
    beganAt = now
    chunkAt = now
    newChunkAt = now
    progressAt = .never
    progressAt = progressDeadline()
  }

  var deadline: Instant { min(idleAt, progressAt) }

  private func progressDeadline(rounds: Nanoseconds = 0) -> Instant {
    let patience = idleNanoseconds.times(Self.idleTimesWithoutNewChunk)
    return min(
      chunkAt + idleNanoseconds.times(Self.idleTimesWithoutChunk),
      newChunkAt + max(patience, min(rounds, Self.longestRoundsNanoseconds)))
  }

  // MARK: What is heard

  /// A receiver that only waits for *close* has all chunks. A sender that got *complete* and left sends
  /// nothing more: the wait for it is short.
  mutating func noteHeard(isCompleting: Bool, grttNanoseconds: Nanoseconds, now: Instant) {
    let silence =
      isCompleting
      ? min(max(.seconds(2), 20 * grttNanoseconds), max(.seconds(2), idleNanoseconds)) : idleNanoseconds
    idleAt = now + (hasHeardLast ? min(Self.lastNanoseconds, silence) : silence)
  }

  /// A one-way sender sends no more.
  mutating func noteLast(now: Instant) {
    hasHeardLast = true
    idleAt = now + min(Self.lastNanoseconds, idleNanoseconds)
  }

  mutating func noteChunk(now: Instant) { chunkAt = now }
  mutating func noteNewChunk(now: Instant) { newChunkAt = now }
  /// The disk is full, or has been full until now: what did not come was not asked for.
  mutating func noteStored(now: Instant) { (chunkAt, newChunkAt) = (now, now) }

  mutating func beginCompleting(now: Instant) {
    progressAt = now + idleNanoseconds.times(Self.idleTimesCompleting)
  }

  /// Time in which this process could hear nothing.
  mutating func postpone(by nanoseconds: Nanoseconds) {
    chunkAt = chunkAt + nanoseconds
    newChunkAt = newChunkAt + nanoseconds
    idleAt = idleAt + nanoseconds
  }

  // MARK: What is due

  func isIdle(now: Instant) -> Bool { idleAt <= now }
  /// What the owner finds decides, not the network: the wait begins anew.
  mutating func waitOn(now: Instant) { idleAt = now + idleNanoseconds }

  /// True when the wait for progress is over. It does not start again.
  mutating func takeProgressDue(now: Instant) -> Bool {
    guard progressAt <= now else { return false }
    progressAt = .never
    return true
  }

  /// False when no chunk arrived for too long. Otherwise the check is repeated in time. `rounds`: the time in
  /// which a one-way sender sends everything again.
  mutating func hasProgressed(rounds: Nanoseconds, now: Instant) -> Bool {
    let deadline = progressDeadline(rounds: rounds)
    guard now < deadline else { return false }
    progressAt = deadline
    return true
  }
}
