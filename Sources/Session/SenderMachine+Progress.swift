import Ground
import Wire

/// Receivers that answer and get no further, and what a session may cost at most, Specs/chunked-udp.md §6.7.
extension SenderMachine {
  /// Datagrams with chunks that must have been sent in vain before a receiver is called stalled: at 60 % loss all of them
  /// are lost once in 10^14.
  private static let stallDatagramCount: UInt64 = 64
  /// A receiver's progress is judged over this time.
  private static let judgedNanoseconds: Nanoseconds = .seconds(32)
  /// Chunks that must arrive in it: two a second.
  private static let judgedChunkCount: UInt64 = 64
  /// What a receiver may take when everything was sent once: a minute, and ten times as long as the first pass took.
  private static let repairTime: (least: Nanoseconds, passes: Nanoseconds) = (.seconds(60), 10)
  /// Chunk datagrams of one session: nine times its chunks, and for sets of some chunks a few more. So all datagrams
  /// together stay below ten times the set.
  private static let costLimit: (sets: UInt64, more: UInt64) = (9, 64)
  /// Receivers that are told at the end that nothing was heard of them, at most.
  private static let toldSilentCount = 64
  /// Aborts that say the same: one of three arrives nearly always.
  static let abortCount = 3

  /// It answers, and gets nothing: its path takes no full datagrams any more. Chance does not lose as many in a row, and a
  /// receiver that has all chunks waits for none.
  func isStalled(_ peer: SenderPeer, limit: Nanoseconds, now: Instant) -> Bool {
    now - peer.gainedAt > limit && peer.chunksHeld < shape.chunkCount
      && ledger.chunkDatagramCount - peer.chunkDatagramsAtGain >= Self.stallDatagramCount
  }

  /// A member of a group that answers, while nothing of what carries chunks arrives there, says nothing of the path of the
  /// others: full datagrams do not reach it at any rate.
  mutating func noteDeaf(now: Instant) {
    guard configuration.isGroup else { return }
    for index in activeIndices where !peers[index].isDeaf {
      let peer = peers[index]
      peers[index].isDeaf =
        isStalled(peer, limit: .seconds(1), now: now) && now - peer.lastHeardAt < .milliseconds(500)
    }
  }

  /// Why the sender goes on without a receiver; nil while it may stay.
  mutating func leftBehindReason(_ index: Int, now: Instant) -> LeftBehindReason? {
    if isTooSlow(index, now: now) { return .tooSlow }
    guard let firstPassEndedAt else { return nil }
    let pass = firstPassEndedAt - startedAt
    let limit = Self.repairTime.least + Self.repairTime.passes * min(pass, .seconds(1_000_000))
    return now - max(firstPassEndedAt, peers[index].servedFrom) > limit ? .tooLate : nil
  }

  /// Fewer chunks arrived there in the last spell than any path of use carries, or than a quarter of what the user's rate
  /// allows.
  private mutating func isTooSlow(_ index: Int, now: Instant) -> Bool {
    let peer = peers[index]
    guard now - peer.judgedFrom.at >= Self.judgedNanoseconds else { return false }
    peers[index].judgedFrom = (now, peer.arrivedChunkCount)
    let seconds = Double(now - peer.judgedFrom.at) / 1e9
    let allowed = configuration.rateLimitBitsPerSecond.map {
      UInt64(saturating: seconds * $0 / 8 / Double(datagramByteCount) / 4)
    }
    let needed = min(Self.judgedChunkCount, allowed ?? .max)
    return peer.chunksHeld < shape.chunkCount
      && peer.arrivedChunkCount - min(peer.arrivedChunkCount, peer.judgedFrom.arrivedChunkCount) < needed
  }

  /// The session has cost nearly ten times its set, which no path of use needs. What is not whole by then is given up.
  mutating func checkCost(now: Instant) {
    let sent = counters.firstDatagrams + counters.repairDatagrams
    guard sent >= Self.costLimit.sets * shape.chunkCount + Self.costLimit.more else { return }
    for index in peers.indices where peers[index].isUnderWay { leave(index, .tooMuchSent, now: now) }
  }

  mutating func leave(_ index: Int, _ reason: LeftBehindReason, now: Instant) {
    let text =
      switch reason {
      case .tooSlow: "too few chunks arrive here"
      case .tooLate: "chunks are still missing here long after all were sent"
      case .tooMuchSent: "the session has sent nine times its set"
      }
    tell(peers[index].receiverID, .tooSlow, text)
    settle(index, .leftBehind(reason), now: now)
  }

  mutating func tell(_ receiverID: UInt64, _ reason: AbortReason, _ text: String) {
    let abort = Abort(receiverID: receiverID, reason: reason, text: text)
    aborts += Array(repeating: abort, count: Self.abortCount)
  }

  /// Those that were given up for their silence are told, as it may have been their way back alone.
  mutating func tellSilent() {
    for peer in peers.lazy.filter({ $0.outcome == .silent }).prefix(Self.toldSilentCount) {
      tell(peer.receiverID, .timeout, "nothing was heard from this receiver")
    }
  }
}
