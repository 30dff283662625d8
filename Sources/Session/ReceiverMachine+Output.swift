package import Ground
import Wire

/// What a receiver says, and when.
extension ReceiverMachine {
  /// The next datagram to send, until nil. `socketDrops`: datagrams the kernel dropped at our socket so far.
  ///
  /// All that is sent has credit: a receiver sends no more than three times what the session brought it.
  package mutating func pollTransmit(now: Instant, socketDrops: UInt32 = 0) -> ReceiverTransmission? {
    if let word = lastWords.popLast() {
      // The join among them was counted when it was made.
      if case .abort = word.message { counters.abortsSent += 1 }
      if case .complete = word.message { counters.completesSent += 1 }
      return word
    }
    guard !hasEnded else { return nil }
    guard phase != .listening else { return pollCandidates(now: now) }
    if joining.dueAt <= now {
      if credit.allows(Join.maximumByteCount) {
        counters.joinsSent += 1
        return transmission(.join(joining.take(configuration, now: now)))
      }
      joining.disarm()
    }
    if timers.isDue(.complete, now: now), let complete, mayAnswer(.complete, complete.byteCount, now: now) {
      return transmission(.complete(takeComplete(complete, now: now)))
    }
    if timers.isDue(.nack, now: now), mayAnswer(.nack, Nack.shortestByteCount, now: now),
      let nack = takeNack(now: now)
    {
      return transmission(nack)
    }
    if timers.isDue(.report, now: now), mayAnswer(.report, Report.fixedByteCount, now: now) {
      timers[.report] = now + spread(nextReportInterval())
      return transmission(.report(report(now: now, socketDrops: socketDrops)))
    }
    return nil
  }

  private mutating func pollCandidates(now: Instant) -> ReceiverTransmission? {
    for index in candidates.indices {
      guard let message = candidates[index].pollTransmit(configuration, now: now) else { continue }
      candidates[index].credit.noteSent(byteCount: message.byteCount)
      defer { candidates[index].nextPacketNumber += 1 }
      if case .nack(let nack) = message {
        counters.nacksDue += 1
        count(nack)
      } else {
        counters.joinsSent += 1
      }
      return ReceiverTransmission(
        sessionID: candidates[index].sessionID, message: message, flags: [],
        packetNumber: UInt32(truncatingIfNeeded: candidates[index].nextPacketNumber))
    }
    return nil
  }

  mutating func transmission(_ message: ControlMessage) -> ReceiverTransmission {
    defer { nextPacketNumber += 1 }
    credit.noteSent(byteCount: message.byteCount)
    return ReceiverTransmission(
      sessionID: sessionID, message: message, flags: [],
      packetNumber: UInt32(truncatingIfNeeded: nextPacketNumber))
  }

  /// Whether the credit has so many bytes. If not, the timer waits: what arrives next brings credit.
  private mutating func mayAnswer(_ timer: Timer, _ byteCount: Int, now: Instant) -> Bool {
    if credit.allows(byteCount) { return true }
    timers[timer] = now + .milliseconds(100)
    return false
  }

  /// Within which time this receiver answers, drawn anew each time: at once in unicast.
  mutating func answerSpread(_ groupSize: UInt64) -> Nanoseconds {
    let within = Double(GroupTiming.answerSpread(groupSize: groupSize))
    return within == 0 ? 0 : Nanoseconds(generator.nextUnit() * within)
  }

  /// Answers the sender: at once in unicast, at some time within the group's spread otherwise.
  mutating func answerSoon(_ timer: Timer, now: Instant) {
    guard !isOneWay else { return }
    timers[timer] = min(timers[timer], now + answerSpread(groupSize))
  }

  mutating func armReport(now: Instant) {
    guard !isOneWay else { return }
    quietReportCount = 0
    let interval = ReportTiming.interval(
      grtt: grttNanoseconds, isGroup: isGroup, groupSize: UInt32(clamping: groupSize),
      isBeginning: isBeginning)
    // A small buffer is full before the interval is over: an eighth of it at a time keeps the sender going.
    let isMuch =
      counters.byteCount - reportedByteCount >= UInt64(max(1, configuration.receiveBufferByteCount / 8))
    if !isGroup, isMuch {
      timers[.report] = now
      return
    }
    // Drawn once a report, not once a datagram: the least of many draws would always be the shortest.
    guard timers[.report] > now + (isGroup ? interval + interval / 2 : interval) else { return }
    timers[.report] = now + spread(interval)
  }

  /// Until something arrives again. A sender whose window is full waits for this: a lost report is made good soon, then
  /// more and more slowly, up to what an idle receiver sends.
  private mutating func nextReportInterval() -> Nanoseconds {
    defer { quietReportCount += 1 }
    let idle = GroupTiming.idleReportInterval(grtt: grttNanoseconds, isGroup: isGroup, groupSize: groupSize)
    guard !isGroup else { return idle }
    let interval = ReportTiming.interval(
      grtt: grttNanoseconds, isGroup: false, groupSize: 1, isBeginning: isBeginning)
    return min(interval << UInt64(min(quietReportCount, 7)), idle)
  }

  private var isBeginning: Bool { counters.reportsSent < ReportTiming.firstReportCount }

  /// In a group a time in half to one and a half of the interval, so that receivers which heard the same datagram do
  /// not speak together (RFC 3550 §6.3.1 spreads its reports so).
  private mutating func spread(_ interval: Nanoseconds) -> Nanoseconds {
    isGroup ? Nanoseconds(Double(interval) * (0.5 + generator.nextUnit())) : interval
  }

  /// *complete*, again and again until *close* comes: after two round trips, from the fourth on less and less often.
  private mutating func takeComplete(_ complete: Complete, now: Instant) -> Complete {
    completeTries += 1
    counters.completesSent += 1
    if completeTries == 1 {  // a sender that got it and left is not waited for as long as one that sends
      timers[.idle] = now + silenceNanoseconds
      timers.disarm(.report)
    }
    let roundTrips = max(2 * grttNanoseconds, .milliseconds(2))
    let interval = min(
      roundTrips << UInt64(min(max(0, completeTries - 3), 8)), max(.milliseconds(500), roundTrips))
    timers[.complete] = now + spread(interval)
    var message = complete
    message.echoedTimestamp = echo.timestamp
    message.holdMicroseconds = echo.hold(now: now)
    return message
  }

  /// Silence that ends the session. Who only waits for *close* has all it came for, and a sender that got *complete* and left
  /// says nothing more, whatever it said last.
  var silenceNanoseconds: Nanoseconds {
    let idle = configuration.idleNanoseconds
    return phase == .completing ? min(max(.seconds(2), 20 * grttNanoseconds), max(.seconds(2), idle)) : idle
  }

  private mutating func report(now: Instant, socketDrops: UInt32) -> Report {
    counters.reportsSent += 1
    reportedByteCount = counters.byteCount
    return Report(
      receiverID: configuration.receiverID,
      highestPacketNumber: UInt32(truncatingIfNeeded: ledger.highest ?? 0),
      echoedTimestamp: echo.timestamp, holdMicroseconds: echo.hold(now: now),
      receiverClockMicroseconds: echo.arrival.timestamp, socketDropCount: socketDrops,
      receivedDatagramCount: counters.datagrams, receivedByteCount: counters.byteCount,
      heldChunkCount: chunksHeld,
      duplicateCount: counters.duplicateDatagrams + counters.duplicateChunks)
  }
}
