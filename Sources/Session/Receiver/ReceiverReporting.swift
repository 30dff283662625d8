import Ground
import Wire

/// When a receiver reports, Specs/chunked-udp.md §6.4.
struct ReceiverReporting: Sendable {
  fileprivate(set) var dueAt = Instant.never
  /// `counters.byteCount` when the last report was sent, and reports sent since something arrived last.
  fileprivate var reportedByteCount: UInt64 = 0
  fileprivate var quietReportCount = 0

  /// In a large group: named by the sender, and so to report often.
  fileprivate var isRepresentative: Bool
  /// In a group, where reports keep time with packets: the report is due when this packet or a later one has
  /// arrived; nil before the first datagram of the session. No sooner than `earliestAt`.
  fileprivate var duePacket: UInt64?
  fileprivate var earliestAt = Instant.zero
  /// The mean time between two datagrams of the sender, when it had sent every chunk: afterwards few follow.
  fileprivate var spacing: Nanoseconds?

  init(isRepresentative: Bool) { self.isRepresentative = isRepresentative }

  fileprivate var hurry = HurriedReports()

  /// What the owner's full disk lacks for the rest of the set; 0: it is not full.
  var missingKibibytes: UInt32 = 0

  mutating func disarm() { dueAt = .never }
}

extension ReceiverSession {
  /// Something arrived, which the next report states.
  mutating func armReport(_ line: inout ReceiverLine, now: Instant) {
    guard !isOneWay else { return }
    reporting.quietReportCount = 0
    guard !isSparse else { return armSparseReport(&line, now: now) }
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

  /// The next report leaves at once: its sender does not know what is here.
  mutating func reportSoon(now: Instant) {
    guard !isOneWay else { return }
    reporting.dueAt = now
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
    if isLargeGroup, let join = takeIntroduction(&line, now: now) { return join }
    let interval = nextReportInterval(line, now: now)
    reporting.dueAt = now + spread(interval, &line)
    if isGroup { drawSparseReport(&line, now: now) }
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
          duplicateCount: line.counters.duplicateDatagrams + line.counters.duplicateChunks,
          congestionMarkCount: UInt32(truncatingIfNeeded: line.counters.markedDatagrams),
          countsMarks: line.configuration.countsMarks, missingKibibytes: reporting.missingKibibytes)))
  }

  /// The interval until a datagram arrives again. A sender whose window is full waits for this report. So a
  /// lost report is repeated soon, and then ever more slowly, up to the interval of an idle receiver.
  private mutating func nextReportInterval(_ line: ReceiverLine, now: Instant) -> Nanoseconds {
    defer { reporting.quietReportCount += 1 }
    guard !isGroup else { return idleReportInterval(now: now) }
    let idle = GroupTiming.idleReportInterval(grtt: grttNanoseconds)
    let interval = ReportTiming.interval(
      grtt: grttNanoseconds, isGroup: false, groupSize: 1, isBeginning: Self.isBeginning(line))
    return min(interval << UInt64(min(reporting.quietReportCount, 7)), idle)
  }

  private static func isBeginning(_ line: ReceiverLine) -> Bool {
    line.counters.reportsSent < ReportTiming.firstReportCount
  }
}

/// Reports in a large group, and in a small one while chunks flow: in time with the sender's datagrams, so
/// that all of them together take a fixed part of its rate.
extension ReceiverSession {
  static func isLargeGroup(_ announce: Announce, isGroup: Bool) -> Bool {
    isGroup && FeedbackShare.isLarge(groupSize(announce, isGroup: isGroup))
  }

  /// The mean time between two datagrams of the sender, while its chunks flow.
  func packetSpacing(now: Instant) -> Nanoseconds {
    reporting.spacing ?? FeedbackShare.spacing(of: arrivals.span ?? 0, in: now - patience.beganAt)
  }

  /// The sender has sent every chunk.
  mutating func keepPacketSpacing(now: Instant) {
    if reporting.spacing == nil { reporting.spacing = packetSpacing(now: now) }
  }

  private var stage: FeedbackShare.Stage {
    let isEnding = reporting.spacing != nil || detector.frontier >= detector.received.capacity
    return FeedbackShare.stage(packet: arrivals.ledger.highest ?? 0, isEnding: isEnding)
  }

  private var isSparse: Bool { isLargeGroup || (isGroup && stage == .flowing) }

  private func idleReportInterval(now: Instant) -> Nanoseconds {
    GroupTiming.idleReportInterval(
      grtt: grttNanoseconds, groupSize: groupSize, isRepresentative: reporting.isRepresentative,
      stage: stage, spacing: packetSpacing(now: now))
  }

  private var reportDatagramCount: UInt64 {
    FeedbackShare.reportDatagramCount(
      groupSize: groupSize, isRepresentative: reporting.isRepresentative, stage: stage)
  }

  private mutating func armSparseReport(_ line: inout ReceiverLine, now: Instant) {
    let highest = arrivals.ledger.highest ?? 0
    guard let duePacket = reporting.duePacket else {
      // From the first datagram on the others report one after the other.
      let isFirst = reporting.isRepresentative || !isLargeGroup
      reporting.duePacket = isFirst ? highest : highest + line.draw(reportDatagramCount)
      reporting.dueAt = isFirst ? now : now + spread(idleReportInterval(now: now), &line)
      return
    }
    if highest >= duePacket { reporting.dueAt = min(reporting.dueAt, max(now, reporting.earliestAt)) }
    if isLargeGroup, !reporting.isRepresentative, stage != .ending { hurryReport(&line, now: now) }
  }

  /// A sender that looks for its rate must hear of a narrow path before its queue overflows.
  private mutating func hurryReport(_ line: inout ReceiverLine, now: Instant) {
    if reporting.hurry.isDue(arrivals.echo, groupSize: groupSize, &line, now: now) {
      reporting.dueAt = now
    }
  }

  /// The next report.
  private mutating func drawSparseReport(_ line: inout ReceiverLine, now: Instant) {
    let count = reportDatagramCount
    reporting.duePacket = (arrivals.ledger.highest ?? 0) + count / 2 + line.draw(count)
    reporting.earliestAt =
      now
      + spread(
        FeedbackShare.ownInterval(groupSize: groupSize, grtt: grttNanoseconds), &line)
  }

  /// An announce names the receivers that report often. A new one reports at once.
  mutating func noteRepresentatives(_ announce: Announce, _ line: inout ReceiverLine, now: Instant) {
    let isNamed = announce.representatives.contains(line.configuration.receiverID)
    guard isNamed != reporting.isRepresentative else { return }
    reporting.isRepresentative = isNamed
    if isNamed {
      reporting.dueAt = now
    } else {
      drawSparseReport(&line, now: now)
      reporting.dueAt = now + spread(idleReportInterval(now: now), &line)
    }
  }

  /// A receiver of a large group joins before it first says anything, if the session began before its turn.
  mutating func takeIntroduction(_ line: inout ReceiverLine, now: Instant) -> ReceiverTransmission? {
    guard joining.joinCount == 0, credit.allows(Join.maximumByteCount) else { return nil }
    line.counters.joinsSent += 1
    return transmission(.join(joining.take(line.configuration, now: now)))
  }
}
