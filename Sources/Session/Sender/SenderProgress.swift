import Ground
import Wire

/// Receivers that answer and make no progress, and the largest cost of a session, Specs/chunked-udp.md §6.7.
extension SenderSession {
  /// The time that a receiver may take after everything was sent once: a minute, and ten times the time of
  /// the first pass.
  private static let repairTime: (least: Nanoseconds, passes: Nanoseconds) = (.seconds(60), 10)
  /// Chunk datagrams of one session: nine times its chunks, and for sets of some chunks a few more. So all
  /// datagrams together stay below ten times the set.
  private static let costLimit: (sets: UInt64, more: UInt64) = (9, 64)
  /// Where reports come more rarely than this allows, the speed of one receiver is not known.
  private static let judgedSpreading: Nanoseconds = .seconds(32)
  /// Most receivers that are told at the end that they were silent.
  private static let toldSilentCount = 64

  /// Gives up the receivers that are silent, stalled or left behind.
  mutating func judgeReceivers(
    startedAt: Instant, firstPassEndedAt: Instant?, isEnding: Bool, now: Instant
  ) {
    let spreading =
      isGroup
      ? GroupTiming.meaninglessSilence(
        grtt: peers.grttNanoseconds, groupSize: UInt64(peers.groupSize),
        spacing: packetSpacing(startedAt: startedAt, now: firstPassEndedAt ?? now)) : 0
    let limit = max(configuration.silenceNanoseconds, spreading)
    peers.noteDeaf(line.ledger, chunkCount: chunks.chunkCount, now: now)
    pace.writeOffSilent(&peers, line.ledger, isPathTold: !isEnding, now: now)
    for index in peers.indices where peers[index].isUnderWay {
      if now - peers[index].lastHeardAt > limit + 10 * peers[index].rtt.smoothed {
        settle(index, .silent)
      } else if peers[index].isStalled(
        line.ledger, chunkCount: chunks.chunkCount, limit: 2 * limit, now: now)
      {
        line.tell(
          peers[index].receiverID, .limitExceeded,
          "the path carries the sender's small datagrams, but no longer those with chunks")
        settle(index, .stalled)
      } else if spreading < Self.judgedSpreading, isTooSlow(index, now: now) {
        leave(index, .tooSlow)
      } else if let firstPassEndedAt, isTooLate(index, from: startedAt, to: firstPassEndedAt, now: now) {
        leave(index, .tooLate)
      }
    }
  }

  /// The mean time between two datagrams of this sender.
  private func packetSpacing(startedAt: Instant, now: Instant) -> Nanoseconds {
    FeedbackShare.spacing(of: line.ledger.nextPacket, in: now - startedAt)
  }

  private mutating func isTooSlow(_ index: Int, now: Instant) -> Bool {
    peers[index].isTooSlow(
      chunkCount: chunks.chunkCount, datagramByteCount: datagramByteCount,
      rateLimitBitsPerSecond: configuration.rateLimitBitsPerSecond, now: now)
  }

  private func isTooLate(
    _ index: Int, from startedAt: Instant, to firstPassEndedAt: Instant, now: Instant
  ) -> Bool {
    let pass = firstPassEndedAt - startedAt
    let limit = Self.repairTime.least + Self.repairTime.passes * min(pass, .seconds(1_000_000))
    return now - max(firstPassEndedAt, peers[index].servedFrom) > limit
  }

  /// When the session has cost nearly ten times its set, which no usable path needs, the receivers that are
  /// not whole are given up.
  mutating func checkCost() {
    let sent = line.counters.datagrams - line.counters.controlDatagrams
    guard sent >= Self.costLimit.sets * chunks.chunkCount + Self.costLimit.more else { return }
    for index in peers.indices where peers[index].isUnderWay { leave(index, .tooMuchSent) }
  }

  private mutating func leave(_ index: Int, _ reason: LeftBehindReason) {
    let text =
      switch reason {
      case .tooSlow: "too few chunks arrive here"
      case .tooLate: "chunks are still missing here long after all were sent"
      case .tooMuchSent: "the session has sent nine times its set"
      }
    line.tell(peers[index].receiverID, .tooSlow, text)
    settle(index, .leftBehind(reason))
  }

  /// Receivers that were given up for their silence are told, because perhaps only their way back is broken.
  mutating func tellSilent() {
    for peer in peers.all.lazy.filter({ $0.outcome == .silent }).prefix(Self.toldSilentCount) {
      line.tell(peer.receiverID, .timeout, "nothing was heard from this receiver")
    }
  }
}
