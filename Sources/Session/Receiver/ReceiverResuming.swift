import Ground
import Wire

/// How a receiver tells a unicast sender what it has from an earlier session, Specs/chunked-udp.md §6.13.
struct ReceiverResuming: Sendable {
  /// NACKs with the flag *rest*, at most. A sender that does not know the flag answers none.
  private static let countLimit = 32

  fileprivate(set) var dueAt = Instant.never
  fileprivate var isResumed = false
  private var count = 0
  private var sentAt: Instant?

  /// Tells it as soon as may be: at once, and again when the last one has had no effect for a round trip.
  fileprivate mutating func arm(grtt: Nanoseconds, now: Instant) {
    guard isResumed, dueAt == .never, count < Self.countLimit else { return }
    dueAt = sentAt.map { max(now, $0 + max(2 * grtt, .milliseconds(10))) } ?? now
  }

  fileprivate mutating func wait(now: Instant) { dueAt = now + AnswerCredit.waitNanoseconds }

  fileprivate mutating func noteSent(now: Instant) {
    dueAt = .never
    sentAt = now
    count += 1
  }
}

extension ReceiverSession {
  /// These chunks are here from an earlier session. The next report says so.
  mutating func resume(_ chunks: [Range<UInt64>], _ line: inout ReceiverLine, now: Instant) {
    let before = detector.received.count
    detector.hold(chunks)
    line.counters.resumedChunks += detector.received.count - before
    blocks?.noteHeld(received: detector.received).forEach { line.note($0) }
    patience.noteNewChunk(now: now)
    resuming.isResumed = true
    reportSoon(now: now)
    // A group is sent everything, because other members may lack it.
    if !isGroup, !isOneWay { resuming.arm(grtt: grttNanoseconds, now: now) }
  }

  /// A chunk that is here was sent for the first time. True when it came in an earlier session.
  mutating func noteNeedless(_ chunk: UInt64, now: Instant) -> Bool {
    guard resuming.isResumed, chunk >= detector.frontier else { return false }
    patience.noteNewChunk(now: now)
    if !isGroup, !isOneWay { resuming.arm(grtt: grttNanoseconds, now: now) }
    return true
  }

  /// What this receiver lacks: everything, for a sender that has not sent it yet, or what is lost.
  mutating func takeRequest(_ line: inout ReceiverLine, now: Instant) -> ReceiverTransmission? {
    takeRest(&line, now: now) ?? takeNack(&line, now: now)
  }

  private mutating func takeRest(_ line: inout ReceiverLine, now: Instant) -> ReceiverTransmission? {
    guard resuming.dueAt <= now else { return nil }
    guard credit.allows(Nack.shortestByteCount) else {
      resuming.wait(now: now)
      return nil
    }
    resuming.noteSent(now: now)
    let byteCount = Int(min(UInt64(line.configuration.datagramByteCount), credit.byteCount))
    let limit = max(1, Nack.maxRanges(datagramByteCount: byteCount))
    // Those that are sent next are exact: a later NACK says more of the others.
    var ranges = detector.received.missingRanges(
      from: detector.frontier, atMost: limit, exactCount: limit / 2)
    if ranges.isEmpty { ranges = detector.received.missingRanges(atMost: limit) }
    guard !ranges.isEmpty else { return nil }
    line.counters.restsSent += 1
    return transmission(
      .nack(
        Nack(
          receiverID: line.configuration.receiverID,
          highestPacketNumber: UInt32(truncatingIfNeeded: arrivals.ledger.highest ?? 0),
          echoedTimestamp: arrivals.echo.timestamp, holdMicroseconds: arrivals.echo.hold(now: now),
          isRest: true,
          body: .ranges(
            ranges.map {
              ChunkRange(first: UInt32($0.lowerBound), count: UInt32(clamping: $0.upperBound - $0.lowerBound))
            }))))
  }
}
