import Ground
import Wire

/// When a receiver reports, Specs/chunked-udp.md §6.4.
struct ReceiverReporting: Sendable {
  fileprivate(set) var dueAt = Instant.never
  /// `counters.byteCount` when the last report was sent, and reports sent since something arrived last.
  fileprivate var reportedByteCount: UInt64 = 0
  fileprivate var quietReportCount = 0

  mutating func disarm() { dueAt = .never }
}

extension ReceiverSession {
  /// Something arrived, which the next report states.
  mutating func armReport(_ line: inout ReceiverLine, now: Instant) {
    guard !isOneWay else { return }
    reporting.quietReportCount = 0
    let interval = ReportTiming.interval(
      grtt: grttNanoseconds, isGroup: isGroup, groupSize: UInt32(clamping: groupSize),
      isBeginning: Self.isBeginning(line))
    // A small buffer is full before the interval is over: an eighth of it at a time keeps the sender going.
    let isMuch =
      line.counters.byteCount - reporting.reportedByteCount
      >= UInt64(max(1, line.configuration.receiveBufferByteCount / 8))
    if !isGroup, isMuch {
      reporting.dueAt = now
      return
    }
    // Drawn once for each report, and not for each datagram, because the least of many draws would always be
    // short.
    guard reporting.dueAt > now + (isGroup ? interval + interval / 2 : interval) else { return }
    reporting.dueAt = now + spread(interval, &line)
  }

  /// The report that is due; nil when none is. Without credit it waits: the next datagram brings credit.
  mutating func takeReport(
    socketDrops: UInt32, _ line: inout ReceiverLine, now: Instant
  ) -> ReceiverTransmission? {
    guard reporting.dueAt <= now else { return nil }
    guard credit.allows(Report.fixedByteCount) else {
      reporting.dueAt = now + AnswerCredit.waitNanoseconds
      return nil
    }
    let interval = nextReportInterval(line)
    reporting.dueAt = now + spread(interval, &line)
    line.counters.reportsSent += 1
    reporting.reportedByteCount = line.counters.byteCount
    return transmission(
      .report(
        Report(
          receiverID: line.configuration.receiverID,
          highestPacketNumber: UInt32(truncatingIfNeeded: arrivals.ledger.highest ?? 0),
          echoedTimestamp: arrivals.echo.timestamp, holdMicroseconds: arrivals.echo.hold(now: now),
          receiverClockMicroseconds: arrivals.echo.arrival.timestamp, socketDropCount: socketDrops,
          receivedDatagramCount: line.counters.datagrams, receivedByteCount: line.counters.byteCount,
          // A symbol brings its block as far as a chunk does.
          heldChunkCount: detector.received.count + (blocks?.usefulSymbolCount ?? 0),
          duplicateCount: line.counters.duplicateDatagrams + line.counters.duplicateChunks)))
  }

  /// The interval until a datagram arrives again. A sender whose window is full waits for this report. So a
  /// lost report is repeated soon, and then ever more slowly, up to the interval of an idle receiver.
  private mutating func nextReportInterval(_ line: ReceiverLine) -> Nanoseconds {
    defer { reporting.quietReportCount += 1 }
    let idle = GroupTiming.idleReportInterval(grtt: grttNanoseconds, isGroup: isGroup, groupSize: groupSize)
    guard !isGroup else { return idle }
    let interval = ReportTiming.interval(
      grtt: grttNanoseconds, isGroup: false, groupSize: 1, isBeginning: Self.isBeginning(line))
    return min(interval << UInt64(min(reporting.quietReportCount, 7)), idle)
  }

  private static func isBeginning(_ line: ReceiverLine) -> Bool {
    line.counters.reportsSent < ReportTiming.firstReportCount
  }
}
