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
  /// Most receivers of a kind that are told at the end that they were given up.
  private static let toldCount = 64

  /// Gives up the receivers that are silent, stalled or left behind.
  mutating func judgeReceivers(
    startedAt: Instant, firstPassEndedAt: Instant?, isEnding: Bool, now: Instant
  ) {
    let spacing = packetSpacing(startedAt: startedAt, now: firstPassEndedAt ?? now)
    let spreading =
      isGroup
      ? GroupTiming.meaninglessSilence(
        grtt: peers.grttNanoseconds, groupSize: UInt64(peers.groupSize), stage: feedbackStage,
        spacing: spacing) : 0
    let limit = max(configuration.silenceNanoseconds, spreading)
    if isGroup, firstPassEndedAt == nil { peers.noteUsualLoss() }
    peers.noteDeaf(line.ledger, chunkCount: chunks.chunkCount, now: now)
    pace.writeOffSilent(&peers, line.ledger, isPathTold: !isEnding, now: now)
    if peers.areAllFull { pace.noteIdle(line.ledger) }
    for index in peers.indices where peers[index].isUnderWay {
      if now - peers[index].lastHeardAt > limit + 10 * peers[index].rtt.smoothed {
        settle(index, .silent)
      } else if peers[index].storage.isFull {
        if peers[index].storage.fullTime(now: now) > PeerStorage.limit { leave(index, .diskFull, now: now) }
      } else if peers[index].isStalled(
        line.ledger, chunkCount: chunks.chunkCount, limit: 2 * limit, now: now)
      {
        line.tell(
          peers[index].receiverID, .limitExceeded,
          "the path carries the sender's small datagrams, but no longer those with chunks")
        settle(index, .stalled)
      } else if spreading < Self.judgedSpreading, isTooSlow(index, now: now) {
        leave(index, .tooSlow, now: now)
      } else if let firstPassEndedAt, isTooLate(index, from: startedAt, to: firstPassEndedAt, now: now) {
        leave(index, .tooLate, now: now)
      }
    }
    leaveStragglers(spacing: spacing, spreading: spreading, startedAt: startedAt, now: now)
  }

  private mutating func leaveStragglers(
    spacing: Nanoseconds, spreading: Nanoseconds, startedAt: Instant, now: Instant
  ) {
    let interval = FeedbackShare.reportInterval(
      groupSize: UInt64(peers.groupSize), isRepresentative: false, stage: feedbackStage,
      grtt: peers.grttNanoseconds, spacing: spacing)
    let left =
      stragglers?.judge(
        &peers, chunkCount: chunks.chunkCount, reportInterval: interval, meaningless: spreading,
        startedAt: startedAt, now: now) ?? []
    pace.noteStragglers(&peers)
    for member in left {
      if member.isSilent {
        settle(member.index, .silent)
      } else {
        leave(member.index, .farBehind(member.timeBehind), now: now)
      }
    }
  }

  private var feedbackStage: FeedbackShare.Stage {
    FeedbackShare.stage(packet: line.ledger.nextPacket, isEnding: chunks.isFirstPassDone)
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
  mutating func checkCost(now: Instant) {
    let sent = line.counters.datagrams - line.counters.controlDatagrams
    guard sent >= Self.costLimit.sets * chunks.chunkCount + Self.costLimit.more else { return }
    for index in peers.indices where peers[index].isUnderWay { leave(index, .tooMuchSent, now: now) }
  }

  private mutating func leave(_ index: Int, _ reason: LeftBehindReason, now: Instant) {
    settle(index, .leftBehind(reason))
    tellIfLeft(index, now: now)
  }

  /// A receiver that is left behind is told why. Its next messages show that it did not hear this.
  mutating func tellIfLeft(_ index: Int, now: Instant) {
    guard case .leftBehind(let reason) = peers[index].outcome, peers[index].takeTelling(now: now) else {
      return
    }
    tell(peers[index].receiverID, reason)
  }

  /// The last words to receivers that were given up: those that were silent, because perhaps only their way
  /// back is broken, and those that may not have heard that they were left behind.
  mutating func tellGivenUp() {
    for peer in peers.all.lazy.filter({ $0.outcome == .silent }).prefix(Self.toldCount) {
      line.tell(peer.receiverID, .timeout, "nothing was heard from this receiver")
    }
    for peer in peers.all.lazy.filter(\.isLeftBehind).prefix(Self.toldCount) {
      if case .leftBehind(let reason) = peer.outcome { tell(peer.receiverID, reason) }
    }
  }

  /// A straggler is left behind, and was told so lately.
  func wasStragglerLeft(now: Instant) -> Bool {
    peers.all.contains { peer in
      if case .leftBehind(.farBehind) = peer.outcome {
        peer.wasTold(within: .seconds(2), now: now)
      } else {
        false
      }
    }
  }

  private mutating func tell(_ receiverID: UInt64, _ reason: LeftBehindReason) {
    let text =
      switch reason {
      case .tooSlow: "too few chunks arrive here"
      case .farBehind(let time): "it was \(time / .seconds(1)) s behind the other receivers"
      case .tooLate: "chunks are still missing here long after all were sent"
      case .tooMuchSent: "the session has sent nine times its set"
      case .diskFull: "the disk here stayed full"
      }
    line.tell(receiverID, .tooSlow, text)
  }
}
