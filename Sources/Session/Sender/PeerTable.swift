import Ground
import Wire

/// The receivers that a sender knows, Specs/chunked-udp.md §6.1: finds, admits, revives and settles them.
struct PeerTable: Sendable {
  /// Receivers of a group that a sender keeps account of, at most.
  private static let maximumCount = 100_000
  /// How long the rate of a group waits for what its members' paths carry, beside four round trips.
  private static let pathPatience: Nanoseconds = .milliseconds(100)

  private let isGroup: Bool
  private let expectedCount: Int
  /// In the order in which they came.
  private(set) var all: [SenderPeer] = []
  private var indicesByID: [UInt64: Int] = [:]
  /// Receivers under way that have reported: these pace the session. None before the first report.
  private var activeIndices: [Int] = []
  private var hasActiveBegun = false
  private(set) var underWayCount = 0
  /// Of these, the ones whose disk is full.
  var fullCount = 0
  /// Receivers that had joined when chunks began to flow: these may still report for the first time. 0 when
  /// they have had the time for it.
  private var awaitedCount = 0
  private var pathsAwaitedUntil = Instant.zero
  private var representatives = Representatives()
  private var roundTrip = GroupRoundTrip()
  /// The others have everything: those that fell behind are the group now.
  var isOfStragglers = false
  /// The part of the newest datagrams that the usual member loses; nil while it is not known.
  var usualLoss: Double?
  /// A member lags for the first time.
  var hasNewStraggler = false

  init(isGroup: Bool, expectedCount: Int) {
    self.isGroup = isGroup
    self.expectedCount = expectedCount == SenderMachine.anyNumberOfReceivers ? 1 : expectedCount
  }

  var count: Int { all.count }
  var indices: Range<Int> { all.indices }
  /// Without copies: a sender looks at thousands of them, forty times a second.
  subscript(index: Int) -> SenderPeer {
    _read { yield all[index] }
    _modify { yield &all[index] }
  }

  // MARK: Known and new receivers

  func index(of receiverID: UInt64) -> Int? { indicesByID[receiverID] }

  /// A receiver that is known, and was just heard.
  mutating func hear(_ receiverID: UInt64, now: Instant) -> Int? {
    guard let index = indicesByID[receiverID] else { return nil }
    all[index].lastHeardAt = now
    return index
  }

  /// A receiver that is new, and for which there is a place.
  func mayAdmit(_ receiverID: UInt64) -> Bool {
    receiverID != 0 && indicesByID[receiverID] == nil && all.count < (isGroup ? Self.maximumCount : 1)
  }

  /// A new receiver's place; nil when there is none for it. Datagrams that were sent before it joined are not
  /// in flight to it.
  mutating func admit(_ receiverID: UInt64, chunkCount: UInt64, ledger: SentLedger, now: Instant) -> Int? {
    guard mayAdmit(receiverID) else { return nil }
    let index = all.count
    all.append(
      SenderPeer(
        receiverID: receiverID, hostName: "", isGroup: isGroup, chunkCount: chunkCount, now: now))
    all[index].beginAnew(ledger, now: now)
    indicesByID[receiverID] = index
    underWayCount += 1
    return index
  }

  /// Forgets the quiet receiver of a unicast session, when messages of another one arrive in its place.
  /// Returns the forgotten one.
  ///
  /// In unicast the announce goes to one address and port. When another id answers there while the receiver
  /// is quiet, the receiver's process was started anew.
  mutating func makeRoom(for receiverID: UInt64, now: Instant) -> SenderPeer? {
    guard !isGroup, receiverID != 0, indicesByID[receiverID] == nil, let former = all.first,
      former.isQuiet(now: now)
    else { return nil }
    all.removeAll()
    indicesByID.removeAll()
    activeIndices = []
    (underWayCount, fullCount) = (0, 0)
    return former
  }

  // MARK: How they fare

  /// A message arrives from a receiver that was given up. After an outage it is served like any other.
  mutating func revive(_ index: Int, ledger: SentLedger, now: Instant) {
    guard !all[index].isUnderWay else { return }
    all[index].outcome = .underWay
    all[index].beginAnew(ledger, now: now)
    underWayCount += 1
    countFull()
    noteActive(index)
  }

  /// A receiver that reports takes part. Joins alone cost nothing: ten thousand forged ones delay nobody.
  mutating func noteActive(_ index: Int) {
    guard !all[index].isActive, all[index].hasReported, all[index].isUnderWay else { return }
    all[index].isActive = true
    hasActiveBegun = true
    activeIndices.append(index)
  }

  /// A message of the receiver gave a round trip.
  mutating func noteRoundTrip(_ index: Int, now: Instant) {
    if isGroup, all[index].rtt.hasSample { roundTrip.add(all[index].rtt.latest, now: now) }
  }

  /// Chunks begin to flow. Those that have joined by now count for the size of the group before they report,
  /// and for a moment the rate waits for them. Joins can be forged: no longer than some of their reports
  /// take.
  mutating func awaitReports(now: Instant) {
    awaitedCount = underWayCount
    pathsAwaitedUntil = now + Self.pathPatience + 4 * grttNanoseconds
  }

  mutating func endAwaiting() { awaitedCount = 0 }

  /// A receiver's outcome is known. False when it was known before.
  mutating func settle(_ index: Int, _ outcome: PeerOutcome) -> Bool {
    guard all[index].isUnderWay else { return false }
    all[index].outcome = outcome
    underWayCount -= 1
    if fullCount > 0 { countFull() }
    if all[index].isActive {
      all[index].isActive = false
      activeIndices.removeAll { $0 == index }
    }
    return true
  }

  /// A receiver that was given up for its silence states its outcome. False for all others.
  mutating func believe(_ outcome: PeerOutcome, ofSilent index: Int) -> Bool {
    guard all[index].outcome == .silent else { return false }
    all[index].outcome = outcome
    return true
  }

  /// Time in which this process could hear nothing.
  mutating func postpone(by nanoseconds: Nanoseconds) {
    for index in all.indices { all[index].postpone(by: nanoseconds) }
  }

  /// Members of a group to which no chunk gets through.
  mutating func noteDeaf(_ ledger: SentLedger, chunkCount: UInt64, now: Instant) {
    guard isGroup else { return }
    for index in activeIndices { all[index].noteDeaf(ledger, chunkCount: chunkCount, now: now) }
  }

  /// Nothing is in flight to the receivers under way.
  mutating func writeOffFlight(_ ledger: SentLedger, now: Instant) {
    for index in all.indices where all[index].isUnderWay { all[index].writeOff(ledger, now: now) }
  }

  // MARK: All of them

  /// The largest smoothed RTT of the receivers under way: GRTT. A guess until one has answered.
  var grttNanoseconds: Nanoseconds {
    if isLarge, let longest = roundTrip.nanoseconds { return longest }
    var largest: Nanoseconds = 0
    if activeIndices.isEmpty {
      for index in indices where all[index].rtt.hasSample && all[index].isUnderWay {
        largest = max(largest, all[index].rtt.smoothed)
      }
    } else {
      for index in activeIndices where all[index].rtt.hasSample {
        largest = max(largest, all[index].rtt.smoothed)
      }
    }
    if largest == 0 {
      for index in indices where all[index].rtt.hasSample { largest = max(largest, all[index].rtt.smoothed) }
    }
    return largest == 0 ? .milliseconds(100) : largest
  }

  /// The least number of chunks that one of them holds; `all` for a receiver that is whole. Those that are
  /// served by unicast do not count.
  func leastHeldCount(of all: UInt64) -> UInt64 {
    indices.reduce(nil) { (least: UInt64?, index: Int) -> UInt64? in
      if case .left(.needsUnicast, _) = self[index].outcome { return least }
      return min(least ?? .max, self[index].outcome.isWhole ? all : self[index].chunksHeld)
    } ?? 0
  }

  /// The part of the newest datagrams that did not arrive at the receiver that lost most of them, 0...1; of
  /// those that are not lossy, because symbols for these would make the others wait.
  var largestRecentLoss: Double {
    RecentLoss.largest(
      indices.compactMap { self[$0].isCounted && !isLossy($0) ? self[$0].recentLoss : nil })
  }

  /// Datagrams that did not arrive at the receiver that lost most.
  var mostLostCount: UInt64 { indices.reduce(0) { max($0, self[$1].lostDatagrams) } }

  /// The longest of the least round trips of the receivers under way.
  var longestMinimumRtt: Nanoseconds? {
    var longest: Nanoseconds?
    for index in pacingIndices where all[index].isUnderWay && all[index].rtt.hasSample {
      longest = max(longest ?? 0, all[index].rtt.minimum)
    }
    return longest
  }

  /// Whether each receiver that paces the session has shown what its path carries, or has had the time for
  /// it. Before that the rate must not grow: the first to report may have the widest path.
  mutating func isEachPathKnown(now: Instant) -> Bool {
    guard !isLarge, now < pathsAwaitedUntil else { return true }
    let isKnown = all.indices.allSatisfy { !all[$0].isCounted || all[$0].carried.fraction != nil }
    if isKnown { pathsAwaitedUntil = .zero }
    return isKnown
  }

  /// R of RFC 5401: the receivers that report, or that joined while nothing has been reported; or those
  /// expected.
  var groupSize: UInt32 {
    let counted =
      hasActiveBegun ? max(activeIndices.count, min(awaitedCount, underWayCount)) : underWayCount
    return UInt32(clamping: max(expectedCount, counted))
  }

  /// The representatives pace the session, and not all its receivers.
  var isLarge: Bool { isGroup && FeedbackShare.isLarge(UInt64(groupSize)) }

  /// True when each receiver that paces the session has room for more.
  func allHaveRoom(_ hasRoom: (SenderPeer) -> Bool) -> Bool {
    guard !isLarge else {
      return representatives.indices.allSatisfy { !all[$0].isCounted || hasRoom(all[$0]) }
    }
    guard activeIndices.isEmpty else {
      return activeIndices.allSatisfy {
        all[$0].isLeftOut || all[$0].isDeaf || all[$0].lag.isLagging || all[$0].storage.isFull
          || hasRoom(all[$0])
      }
    }
    return indices.allSatisfy { !all[$0].isUnderWay || all[$0].isLeftOut || hasRoom(all[$0]) }
  }
}

/// The representatives of a large group.
extension PeerTable {
  /// Those that pace the session: in a large group the representatives, otherwise all.
  var pacingIndices: [Int] { isLarge ? representatives.indices : Array(indices) }

  func isRepresentative(_ index: Int) -> Bool { representatives.contains(index) }

  var representativeIDs: [UInt64] {
    isLarge ? representatives.indices.map { all[$0].receiverID } : []
  }

  mutating func noteNeed(_ index: Int, chunkCount: UInt64) {
    if isLarge { representatives.noteNeed(index, chunkCount: chunkCount) }
  }

  /// A member that is not named has reported.
  mutating func noteUnnamed(_ index: Int) { representatives.noteUnnamed(index, all) }

  /// Chooses the representatives anew when it is time. True when others are named than before. A new one
  /// limits nothing before its first message. `patience`: one that is silent for longer gives its place to
  /// another.
  mutating func chooseRepresentatives(patience: Nanoseconds, now: Instant) -> Bool {
    guard isLarge else {
      representatives.clear()
      return false
    }
    guard representatives.isDue(now: now) else { return false }
    let before = representatives.indices
    let isChanged = representatives.choose(all, now: now) { $0.mayRepresent(patience: patience, now: now) }
    guard isChanged else { return false }
    for index in before where !representatives.contains(index) {
      all[index].endRepresenting(patience: patience, now: now)
    }
    for index in representatives.indices where !before.contains(index) {
      all[index].beginRepresenting(now: now)
    }
    return true
  }
}
