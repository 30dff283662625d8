import Ground
import Wire

/// When a receiver asks for missing chunks, Specs/chunked-udp.md §6.5.
struct ReceiverAsking: Sendable {
  fileprivate var nackAt = Instant.never
  /// When losses are looked for although nothing arrives.
  fileprivate var detectAt = Instant.never
  fileprivate var lastNackAt = Instant.zero
  /// NACKs sent without a pause between them.
  fileprivate var burstCount = 0
  /// Successive NACKs without a notice, and the time from which this counts.
  fileprivate var unansweredCount: UInt64 = 0
  fileprivate var unansweredAt = Instant.zero

  var deadline: Instant { min(nackAt, detectAt) }
  func isDetectDue(now: Instant) -> Bool { detectAt <= now }

  /// A notice or a repair came.
  mutating func noteAnswer() { unansweredCount = 0 }
  /// Nothing is missing.
  mutating func stop() {
    nackAt = .never
    detectAt = .never
  }
  /// Chunks are missing again.
  mutating func resume() { detectAt = .zero }
}

extension ReceiverSession {
  /// NACKs that are sent at once when one has no room for all lost chunks.
  private static let nacksAtOnce = 8

  /// When no packet arrives any more: 1/8 RTT after the one RTT that has passed, RFC 9002 §6.1.2.
  private var windows: LossDetector.Windows {
    let quiet = max(grttNanoseconds / 8, .milliseconds(1))
    // In a group the notice may answer another member.
    return LossDetector.Windows(
      quiet: quiet, reordering: arrivals.ledger.reordering.nanoseconds(grtt: grttNanoseconds),
      patience: noticePatience, passed: isGroup ? nil : quiet)
  }

  /// How long a NACK may have no repair notice: its round trip, the sender's gathering, the group's backoff.
  /// Doubles with each NACK without an answer, up to a second.
  private var noticePatience: Nanoseconds {
    let gathering = isGroup ? grttNanoseconds * 2 : 0
    let patience = 2 * grttNanoseconds + gathering + .milliseconds(isGroup ? 10 : 3)
    return min(patience << asking.unansweredCount, max(patience, .seconds(1)))
  }

  /// An *end* leaves when nothing is left to repair. So a NACK that must have reached the sender before, and
  /// that no notice answered, is lost. With each NACK without an answer the next one waits twice as long:
  /// perhaps the sender refuses.
  mutating func noteIdleSender(now: Instant) {
    let way = (grttNanoseconds + .milliseconds(1)) << asking.unansweredCount
    guard now.nanoseconds > way else { return }
    let time = Instant(nanoseconds: now.nanoseconds - way)
    detector.answers.noteIdleSender(requestsThrough: time)
    blocks?.answers.noteIdleSender(requestsThrough: time)
  }

  /// Finds losses, arms the NACK.
  mutating func detectLosses(_ line: inout ReceiverLine, now: Instant) {
    guard !isOneWay else { return }
    // Nothing is missing, which is the usual case, and this runs for each read of the socket.
    guard !detector.isIdle || !(blocks?.isIdle ?? true), !isFull else { return asking.stop() }
    let isUnanswered = findLosses(now: now)
    if isUnanswered, now >= asking.unansweredAt + noticePatience {
      asking.unansweredAt = now
      asking.unansweredCount = min(asking.unansweredCount + 1, 7)
    }
    asking.detectAt = nextDetection
    if wantsNack {
      if asking.nackAt == .never { asking.nackAt = nackTime(&line, now: now) }
    } else {
      asking.nackAt = .never
    }
  }

  /// What is lost by now, as far as is known now: losses teach, too. True when a NACK stayed without a
  /// notice.
  private mutating func findLosses(now: Instant) -> Bool {
    var isUnanswered = false
    while true {
      let used = windows
      let lossesBefore = detector.lossCount
      isUnanswered = detector.detect(ledger: arrivals.ledger, windows: used, now: now) || isUnanswered
      arrivals.ledger.reordering.noteLosses(
        detector.lossCount - lossesBefore, grtt: grttNanoseconds, now: now)
      guard windows.reordering < used.reordering else { break }
    }
    blocks?.takeLost(from: &detector)
    let windows = windows
    let isBlockUnanswered = blocks?.detect(ledger: arrivals.ledger, windows: windows, now: now)
    return isUnanswered || isBlockUnanswered ?? false
  }

  private var wantsNack: Bool { blocks?.wantsNack ?? detector.wantsNack }

  /// When losses are to be looked for although nothing arrives.
  private var nextDetection: Instant {
    let windows = windows
    let deadline = detector.nextDeadline(ledger: arrivals.ledger, windows: windows)
    return min(deadline, blocks?.nextDeadline(ledger: arrivals.ledger, windows: windows) ?? .never)
  }

  /// Unicast: at once, but no more than eight times a round trip. Group: after the backoff of RFC 5401.
  private func nackTime(_ line: inout ReceiverLine, now: Instant) -> Instant {
    guard !isGroup else {
      let isTail = detector.frontier >= detector.received.capacity
      return now + line.nackDelay(grtt: grttNanoseconds, groupSize: groupSize, isTail: isTail)
    }
    return max(now, asking.lastNackAt + nackSpacing)
  }

  private var nackSpacing: Nanoseconds {
    min(max(grttNanoseconds / 8, .microseconds(400)), .milliseconds(10))
  }

  /// The NACK that is due; nil when none is, or when nothing is left to ask for. Without credit it waits: the
  /// next datagram brings credit.
  mutating func takeNack(_ line: inout ReceiverLine, now: Instant) -> ReceiverTransmission? {
    guard asking.nackAt <= now else { return nil }
    guard credit.allows(Nack.shortestByteCount) else {
      asking.nackAt = now + AnswerCredit.waitNanoseconds
      return nil
    }
    // A late wake-up does not delay the next NACKs. The space is kept between the times at which they were
    // due; otherwise the lateness of a real timer would make fewer of them than in the simulator.
    let lateness = min(now - asking.nackAt, nackSpacing)
    asking.nackAt = .never
    line.counters.nacksDue += 1
    let byteCount = Int(min(UInt64(line.configuration.datagramByteCount), credit.byteCount))
    let body = takeMissing(byteCount: byteCount, now: now)
    asking.detectAt = nextDetection
    guard let body else {
      line.counters.nacksSuppressed += 1
      return nil
    }
    asking.lastNackAt = Instant(nanoseconds: now.nanoseconds - min(lateness, now.nanoseconds))
    armNextNack(&line, now: now)
    let nack = Nack(
      receiverID: line.configuration.receiverID,
      highestPacketNumber: UInt32(truncatingIfNeeded: arrivals.ledger.highest ?? 0),
      echoedTimestamp: arrivals.echo.timestamp, holdMicroseconds: arrivals.echo.hold(now: now),
      acceptsSymbols: blocks != nil, body: body)
    line.count(nack)
    return transmission(.nack(nack))
  }

  /// What the next NACK names; nil when nothing is to be asked for.
  private mutating func takeMissing(byteCount: Int, now: Instant) -> Nack.Body? {
    if blocks != nil {
      return blocks?.takeRequest(byteCount: byteCount, received: detector.received, now: now)
    }
    let limit = max(1, Nack.maxRanges(datagramByteCount: byteCount))
    let ranges = detector.takeWanted(maximumRanges: limit, now: now)
    return ranges.isEmpty ? nil : .ranges(ranges)
  }

  private mutating func armNextNack(_ line: inout ReceiverLine, now: Instant) {
    asking.burstCount += 1
    if !wantsNack {
      asking.burstCount = 0
    } else if asking.burstCount < Self.nacksAtOnce {
      asking.nackAt = now
    } else {
      asking.burstCount = 0
      asking.nackAt = nackTime(&line, now: now)
    }
  }
}
