package import Ground
import Wire

/// One receiver, as its sender knows it.
package struct SenderPeer: Sendable {
  package let receiverID: UInt64
  private let isGroup: Bool
  package internal(set) var hostName: String
  package internal(set) var outcome = PeerOutcome.underWay
  package internal(set) var rtt = RttEstimator()
  /// Chunks, and symbols that stand for missing chunks.
  package internal(set) var chunksHeld: UInt64 = 0
  package internal(set) var datagramsReceived: UInt64 = 0
  /// Datagrams its own socket buffer dropped (SO_MEMINFO), so far.
  package internal(set) var socketDrops: UInt32 = 0
  package internal(set) var duplicatesReceived: UInt64 = 0
  package internal(set) var nacksReceived: UInt64 = 0
  package internal(set) var lostDatagrams: UInt64 = 0

  var receiveBufferByteCount: UInt64 = .max
  var lastHeardAt: Instant
  private var reportedAt: Instant
  /// The newest packet that it has certainly seen, the values of its last report, and the report with which
  /// the last sample ended.
  private(set) var highestPacket: UInt64?
  private var lastReport: Reported?
  private var sampledReport: Reported?
  /// In a group: the part of what was sent lately that came through. The receiver with the least is the
  /// slowest.
  var carried = CarriedShare()
  var recentLoss = RecentLoss()
  /// In a group: it is silent while others are not. It does not delay them until its next message.
  var isLeftOut = false
  /// In a large group: whether the announce names it.
  var naming = PeerNaming()
  /// In a group: it answers, and no chunk arrives there. It neither limits the window nor sets the rate.
  package private(set) var isDeaf = false
  /// In a group: whether the others wait for it.
  var lag = MemberLag()
  /// What it says of its disk. One whose disk is full delays nobody.
  private(set) var storage = PeerStorage()
  /// What it says of datagrams that came marked.
  package internal(set) var marks = PeerMarks()
  /// Packets below this are not in flight any more, whatever reports say, because the receiver was silent for
  /// long enough.
  private var writtenOff: UInt64 = 0
  private(set) var progressAt: Instant
  /// It has told what it received: it is no mere join.
  package private(set) var hasReported = false
  /// It is among the sender's active receivers.
  var isActive = false
  var repairBudget: RepairBudget
  /// The time between its reports while data flow; what the window must cover beyond the round trip.
  private(set) var feedback = FeedbackInterval()
  /// Chunks and symbols that arrived there, by its reports: those that it holds, and duplicates, which are
  /// repairs for others.
  private(set) var arrivedChunkCount: UInt64 = 0
  /// Its speed is judged over a period: the beginning of the period, and the chunks that had arrived by then.
  var judgedFrom: (at: Instant, arrivedChunkCount: UInt64)
  /// From then on it has had the chance to get every chunk.
  private(set) var servedFrom: Instant
  /// When these last increased; how many had arrived, and how many datagrams with a chunk had been sent, by
  /// then.
  private(set) var gainedAt: Instant
  private var arrivedAtGain: UInt64 = 0
  private(set) var chunkDatagramsAtGain: UInt64 = 0
  private var gainWindow = GainWindow()

  /// A member to which fewer than one in this many chunks came since it joined is deaf.
  private static let untouchedShare: UInt64 = 32

  private struct Reported: Sendable {
    var highestPacket: UInt64
    var datagrams: UInt64
    /// Of those sent up to `highestPacket`, the ones with a chunk.
    var chunkDatagramsSent: UInt64
    var clockMicroseconds: UInt32
    var sentAt: Instant
    var socketDrops: UInt32
    var rttNanoseconds: Nanoseconds?
  }

  package init(receiverID: UInt64, hostName: String, isGroup: Bool, chunkCount: UInt64 = 0, now: Instant) {
    self.receiverID = receiverID
    self.isGroup = isGroup
    self.hostName = hostName
    repairBudget = RepairBudget(isGroup: isGroup, chunkCount: chunkCount)
    lastHeardAt = now
    reportedAt = now
    progressAt = now
    gainedAt = now
    judgedFrom = (now, 0)
    servedFrom = now
  }

  var isUnderWay: Bool { outcome == .underWay }
  /// In a group: it has a part in the rate and the window of all.
  var isCounted: Bool { isUnderWay && !isLeftOut && !isDeaf && !lag.isLagging && !storage.isFull }
  /// The others' session goes on as if it were not there. A receiver that is whole is not given up.
  var isGivenUp: Bool { isDeaf || lag.isLagging || !(isUnderWay || outcome.isWhole) }

  /// Its silence, or the search for a size, is over. Earlier datagrams are not in flight to it, and were not
  /// sent in vain.
  mutating func beginAnew(_ ledger: SentLedger, now: Instant) {
    writtenOff = ledger.nextPacket
    progressAt = now
    gainWindow.begin(arrived: arrivedChunkCount, passed: ledger.chunkDatagramCount)
    beginJudging(now: now)
    noteGain(ledger, now: now)
  }

  /// Its disk has room again. This time does not count among the time in which it was served.
  private mutating func beginAgain(after time: Nanoseconds, _ ledger: SentLedger, now: Instant) {
    let before = servedFrom
    beginAnew(ledger, now: now)
    servedFrom = before + time
  }

  mutating func beginJudging(now: Instant) {
    judgedFrom = (now, arrivedChunkCount)
    servedFrom = now
  }

  /// The sender's process did not run. This time was no silence of the receiver.
  mutating func postpone(by nanoseconds: Nanoseconds) {
    lastHeardAt = lastHeardAt + nanoseconds
    reportedAt = reportedAt + nanoseconds
    progressAt = progressAt + nanoseconds
    gainedAt = gainedAt + nanoseconds
    judgedFrom.at = judgedFrom.at + nanoseconds
    servedFrom = servedFrom + nanoseconds
  }

  /// What is in flight to it is lost.
  mutating func writeOff(_ ledger: SentLedger, now: Instant) {
    progressAt = now
    writtenOff = ledger.nextPacket
  }

  // MARK: What arrives there

  /// In a group: a member saw packets behind many chunks, and hardly a chunk arrived there (the short last
  /// ones of files do). It is deaf at once: full datagrams do not reach it at any rate that the others use,
  /// and a lower rate would help nobody.
  private mutating func noteUntouched(_ ledger: SentLedger, highestPacket: UInt64) {
    guard isGroup else { return }
    let passed = ledger.chunkDatagrams(through: highestPacket)
    let sent = passed - min(passed, chunkDatagramsAtGain)
    isDeaf = isDeaf || (sent >= Self.stallDatagramCount && arrivedChunkCount < sent / Self.untouchedShare)
  }

  /// A member of a group that answers, but to which no chunk gets through, says nothing about the path of the
  /// others: full datagrams do not reach it at any rate. Reports show it. The time without one does not: in a
  /// large group it is long.
  mutating func noteDeaf(_ ledger: SentLedger, chunkCount: UInt64, now: Instant) {
    isDeaf =
      isDeaf
      || (isStalled(ledger, chunkCount: chunkCount, limit: .seconds(1), now: reportedAt)
        && now - lastHeardAt < .milliseconds(500))
  }

  /// Whether enough of the datagrams since the last gain arrived: at least an eighth. A path that has become
  /// narrower still carries the short last chunks of files.
  private mutating func isGain(_ ledger: SentLedger, highestPacket: UInt64) -> Bool {
    if isGroup {
      return gainWindow.note(
        arrived: arrivedChunkCount, passed: ledger.chunkDatagrams(through: highestPacket))
    }
    guard arrivedChunkCount > arrivedAtGain else { return false }
    return (arrivedChunkCount - arrivedAtGain) >= (ledger.chunkDatagramCount - chunkDatagramsAtGain) / 8
  }

  private mutating func noteGain(_ ledger: SentLedger, now: Instant) {
    arrivedAtGain = arrivedChunkCount
    isDeaf = false
    gainedAt = now
    chunkDatagramsAtGain = ledger.chunkDatagramCount
  }

  /// Datagrams that were sent, and of which no message shows that they have passed this receiver.
  func inFlightCount(_ ledger: SentLedger) -> UInt64 {
    let floor = max(highestPacket.map { $0 + 1 } ?? 0, writtenOff)
    return ledger.nextPacket > floor ? ledger.nextPacket - floor : 0
  }

  @discardableResult
  mutating func noteRtt(_ echoedTimestamp: UInt32, holdMicroseconds: UInt32, now: Instant) -> Nanoseconds? {
    guard
      let sample = RttEstimator.sample(
        now: now, echoedTimestamp: echoedTimestamp, holdMicroseconds: holdMicroseconds)
    else { return nil }
    rtt.add(sample)
    return sample
  }

  /// A NACK also states how much the receiver has heard. So the datagrams in flight are known when the report
  /// was lost.
  mutating func noteHighest(_ highest: UInt64, now: Instant) {
    guard highest > highestPacket ?? 0 else { return }
    highestPacket = highest
    progressAt = now
    isLeftOut = false
  }

  /// Takes a report: updates the receiver's state and the end of the next sample.
  mutating func handle(_ report: Report, highestPacket highest: UInt64, ledger: SentLedger, now: Instant) {
    guard highest < ledger.nextPacket, highest >= lastReport?.highestPacket ?? 0 else { return }
    let rttNanoseconds = noteRtt(
      report.echoedTimestamp, holdMicroseconds: report.holdMicroseconds, now: now)
    let wasInFlight = inFlightCount(ledger) > 0
    noteHighest(highest, now: now)
    highestPacket = max(highest, highestPacket ?? 0)
    hasReported = true
    if let time = storage.note(report, now: now) { beginAgain(after: time, ledger, now: now) }
    let (arrived, isTooMuch) = report.heldChunkCount.addingReportingOverflow(report.duplicateCount)
    arrivedChunkCount = isTooMuch ? arrivedChunkCount : arrived
    reportedAt = now
    if isGain(ledger, highestPacket: highest) { noteGain(ledger, now: now) }
    noteUntouched(ledger, highestPacket: highest)
    if report.heldChunkCount > chunksHeld { repairBudget.noteGain() }
    chunksHeld = report.heldChunkCount
    datagramsReceived = report.receivedDatagramCount
    duplicatesReceived = report.duplicateCount
    socketDrops = report.socketDropCount
    let current = Reported(
      highestPacket: highest, datagrams: report.receivedDatagramCount,
      chunkDatagramsSent: ledger.chunkDatagrams(through: highest),
      clockMicroseconds: report.receiverClockMicroseconds,
      sentAt: ledger.sentAt(highest), socketDrops: report.socketDropCount, rttNanoseconds: rttNanoseconds)
    let before = reportBeforeData(current, ledger)
    if wasInFlight {
      feedback.noteReport(firstArrivalAt: before.sentAt + (rttNanoseconds ?? rtt.smoothed), now: now)
    }
    guard let last = lastReport else {
      lastReport = current
      if isGroup { sampledReport = current }
      return
    }
    // The numbers only grow. A report with smaller ones is broken or hostile.
    guard highest > last.highestPacket, current.datagrams >= last.datagrams else { return }
    lastReport = current
  }

  /// What a first report would have said if it had arrived when the first chunk left.
  private func reportBeforeData(_ first: Reported, _ ledger: SentLedger) -> Reported {
    var before = first
    before.highestPacket -= min(first.chunkDatagramsSent, first.highestPacket)
    before.datagrams -= min(first.datagrams, arrivedChunkCount)
    before.chunkDatagramsSent = 0
    before.sentAt = ledger.sentAt(before.highestPacket + 1)
    return before
  }

  /// The facts of the reports since the last sample; nil when they are too few. A first report gives a sample
  /// only when the peer's timer is coarse: `feedbackNanoseconds` > 0 in unicast.
  mutating func takeSample(
    ledger: SentLedger, pauses: WindowPauses, idleUntilPacket: UInt64, lateUntilPacket: UInt64,
    feedbackNanoseconds: Nanoseconds, now: Instant
  ) -> RateSample? {
    guard let current = lastReport else { return nil }
    let isCoarse = !isGroup && feedbackNanoseconds > 0
    let last = sampledReport ?? (isCoarse ? reportBeforeData(current, ledger) : current)
    guard current.highestPacket > last.highestPacket else {
      sampledReport = last
      return nil
    }
    var span = Nanoseconds(current.clockMicroseconds &- last.clockMicroseconds) * 1_000
    var sentSpan = current.sentAt - last.sentAt
    let pause = isCoarse ? pauses.length(after: last.highestPacket, through: current.highestPacket) : 0
    if isCoarse, pause > 0 || sampledReport == nil {
      // From the first arrival to the last: the newest datagram also waited in a queue. No less than half a
      // round trip, the time of the first window.
      sentSpan -= min(sentSpan, pause)
      let rttNow = current.rttNanoseconds ?? rtt.smoothed
      span = max(sentSpan + rttNow - min(rttNow, rtt.minimum), rtt.minimum / 2)
    }
    // Two arrivals close together say nothing about the rate. Such a report is combined with the next one.
    guard span >= min(max(rtt.minimum / 8, .microseconds(500)), .milliseconds(10)) else { return nil }
    let sent = current.highestPacket - last.highestPacket
    let delivered = current.datagrams - last.datagrams
    let lost = sent - min(sent, delivered)
    let sentWithChunks = min(
      sent, current.chunkDatagramsSent - min(current.chunkDatagramsSent, last.chunkDatagramsSent))
    lostDatagrams += lost
    sampledReport = current
    return RateSample(
      now: now, rttNanoseconds: current.rttNanoseconds, minimumRttNanoseconds: rtt.minimum,
      deliveredCount: delivered, markedCount: marks.take(), deliveredOverNanoseconds: span,
      sentCount: sentWithChunks,
      smallCount: sent - sentWithChunks, sentOverNanoseconds: sentSpan, lostCount: lost,
      socketDropCount: UInt64(current.socketDrops &- last.socketDrops),
      inFlightCount: inFlightCount(ledger), isApplicationLimited: last.highestPacket < idleUntilPacket,
      isSenderLate: last.highestPacket < lateUntilPacket,
      feedbackNanoseconds: feedbackNanoseconds, highestPacket: current.highestPacket,
      previousPacket: last.highestPacket, nextPacket: ledger.nextPacket)
  }
}
