package import Ground
import Wire

/// When a loss is one, and when it is asked for.
extension ReceiverMachine {
  /// NACKs that follow each other without a pause, when one has no room for all that is lost.
  private static let nacksAtOnce = 8

  /// When nothing more arrives: 1/8 RTT over the one RTT that has passed, RFC 9002 §6.1.2.
  private var windows: LossDetector.Windows {
    LossDetector.Windows(
      quiet: max(grttNanoseconds / 8, .milliseconds(1)),
      reordering: ledger.reordering.nanoseconds(grtt: grttNanoseconds), patience: noticePatience)
  }

  /// How long a NACK may stay without a repair notice: its round trip, the sender's gathering, the group's backoff.
  /// Doubles each time that nothing came of it, up to a second.
  var noticePatience: Nanoseconds {
    let gathering = isGroup ? grttNanoseconds * 2 : 0
    let patience = 2 * grttNanoseconds + gathering + .milliseconds(isGroup ? 10 : 3)
    return min(patience << unansweredCount, max(patience, .seconds(1)))
  }

  /// Finds losses, arms the NACK. Runs when a batch of datagrams has been handled, and by timer.
  package mutating func detectLosses(now: Instant) {
    guard phase == .receiving, !isOneWay else { return }
    let isUnanswered = findLosses(now: now)
    if isUnanswered, now >= unansweredAt + noticePatience {
      unansweredAt = now
      unansweredCount = min(unansweredCount + 1, 7)
    }
    timers[.detect] = detector.nextDeadline(ledger: ledger, windows: windows)
    if detector.wantsNack {
      if timers[.nack] == .never { timers[.nack] = nackTime(now: now) }
    } else {
      timers.disarm(.nack)
    }
  }

  /// What is lost by now, as far as is known now: losses teach, too. True when a NACK stayed without a notice.
  private mutating func findLosses(now: Instant) -> Bool {
    var isUnanswered = false
    while true {
      let used = windows
      let lossesBefore = detector.lossCount
      isUnanswered = detector.detect(ledger: ledger, windows: used, now: now) || isUnanswered
      ledger.reordering.noteLosses(detector.lossCount - lossesBefore, grtt: grttNanoseconds, now: now)
      guard windows.reordering < used.reordering else { return isUnanswered }
    }
  }

  /// Unicast: at once, but no more than eight times a round trip. Group: after the backoff of RFC 5401.
  private mutating func nackTime(now: Instant) -> Instant {
    if isGroup {
      let size = UInt32(min(groupSize, GroupTiming.largestGroupSize))
      return now + NackBackoff.delay(grtt: grttNanoseconds, groupSize: size, using: &generator)
    }
    return max(now, lastNackAt + nackSpacing)
  }

  private var nackSpacing: Nanoseconds {
    min(max(grttNanoseconds / 8, .microseconds(400)), .milliseconds(10))
  }

  /// The NACK that is due; nil when nothing is left to ask for.
  mutating func takeNack(now: Instant) -> ControlMessage? {
    // A wake-up that comes late does not put off the NACKs behind it: the space is kept between the times at which they
    // were due, or a real timer's lateness would make fewer of them than the simulator's.
    let lateness = min(now - timers[.nack], nackSpacing)
    timers.disarm(.nack)
    counters.nacksDue += 1
    let byteCount = Int(min(UInt64(configuration.datagramByteCount), credit.byteCount))
    let limit = max(1, Nack.maxRanges(datagramByteCount: byteCount))
    let ranges = detector.takeWanted(maximumRanges: limit, now: now)
    timers[.detect] = detector.nextDeadline(ledger: ledger, windows: windows)
    guard !ranges.isEmpty else {
      counters.nacksSuppressed += 1
      return nil
    }
    lastNackAt = Instant(nanoseconds: now.nanoseconds - min(lateness, now.nanoseconds))
    nackBurstCount += 1
    if !detector.wantsNack {
      nackBurstCount = 0
    } else if nackBurstCount < Self.nacksAtOnce {
      timers[.nack] = now
    } else {
      nackBurstCount = 0
      timers[.nack] = nackTime(now: now)
    }
    let nack = Nack(
      receiverID: configuration.receiverID,
      highestPacketNumber: UInt32(truncatingIfNeeded: ledger.highest ?? 0),
      echoedTimestamp: echo.timestamp, holdMicroseconds: echo.hold(now: now), body: .ranges(ranges))
    count(nack)
    return .nack(nack)
  }

  mutating func count(_ nack: Nack) {
    guard case .ranges(let ranges) = nack.body else { return }
    counters.nacksSent += 1
    nacks.noteSent(ranges)
    counters.chunksAskedFor += ranges.reduce(0) { $0 + UInt64($1.count) }
  }
}
