import Ground

/// Members of a group that fall behind the others, Specs/chunked-udp.md §6.7: first the group goes on without
/// waiting for them, then they are left behind. Only where the sender's user wants that.
struct Stragglers: Sendable {
  /// A member is slow when its path carries less than this part of what the median member's path carries, and
  /// until it carries the second part.
  private static let slowShare: (below: Double, until: Double) = (0.75, 0.8)
  /// A member is lossy likewise, if the median member's path carries at least the third part of what is sent:
  /// otherwise chance alone makes such differences.
  private static let lossyShare = (below: 0.9, until: 0.92, ofMedian: 0.85)
  /// A member is late when it is behind by more than this part of the time that the group has taken, and
  /// this.
  private static let lateShare: Nanoseconds = 4
  private static let lateNanoseconds: Nanoseconds = .milliseconds(50)
  /// A member that said nothing for this long is silent, and not slow.
  private static let silence: Nanoseconds = .seconds(2)
  /// Between two looks at the members' progress: this for each member, at least.
  private static let lookNanoseconds: Nanoseconds = .microseconds(10)

  /// Time behind the others after which a member is left.
  let limit: Nanoseconds
  private var progress: GroupProgress
  private var lookAt: Instant

  init(limit: Nanoseconds, now: Instant) {
    self.limit = limit
    progress = GroupProgress(now: now)
    lookAt = now
  }

  /// A member that is to be left behind.
  struct Left: Sendable {
    var index: Int
    var timeBehind: Nanoseconds
    var isSilent: Bool
  }

  /// Looks at the members' progress. Returns those whose time is over. `chunkCount`: of the set;
  /// `reportInterval`: of one member; `meaningless`: a silence that says nothing.
  mutating func judge(
    _ peers: inout PeerTable, chunkCount: UInt64, reportInterval: Nanoseconds, meaningless: Nanoseconds,
    startedAt: Instant, now: Instant
  ) -> [Left] {
    guard lookAt <= now else { return [] }
    lookAt = now + UInt64(peers.count) * Self.lookNanoseconds
    defer { peers.noteLagging() }
    // Without others nobody is behind them. A member that was behind is served.
    guard let group = peers.medianHeldCount(of: chunkCount) else { return [] }
    progress.note(chunksHeld: group, isDone: group >= chunkCount, now: now)
    // Reports are as old as the group's size makes them.
    let lateness = Self.lateNanoseconds + 2 * peers.grttNanoseconds + 3 * reportInterval
    var left: [Left] = []
    for index in peers.indices where peers[index].isUnderWay {
      let behind = progress.timeBehind(chunksHeld: peers[index].chunksHeld)
      peers[index].lag.isLate = behind > progress.clock / Self.lateShare + lateness
      // A member that came later, or came back, has this much more time.
      let allowed = max(limit, meaningless) + (peers[index].servedFrom - startedAt)
      peers[index].lag.isFarBehind = behind > allowed / 2
      guard behind > allowed else { continue }
      left.append(
        Left(index: index, timeBehind: behind, isSilent: now - peers[index].lastHeardAt > Self.silence))
    }
    return left
  }

  /// A member is slow by what its path carries, beside what the median member's path carries.
  static func isSlow(_ carried: Double, beside median: Double, wasSlow: Bool) -> Bool {
    carried < median * (wasSlow ? slowShare.until : slowShare.below)
  }

  /// It is not slow, but would still cost the others more than a few hundredths of their time.
  static func isLossy(_ carried: Double, beside median: Double, wasLossy: Bool) -> Bool {
    median >= lossyShare.ofMedian && carried < median * (wasLossy ? lossyShare.until : lossyShare.below)
  }
}

extension PeerTable {
  /// The chunks that the upper half of the group holds at least. One member that claims too much does not
  /// raise them. Nil for a group of one.
  func medianHeldCount(of all: UInt64) -> UInt64? {
    Self.upperMedian(
      indices.lazy.filter { self[$0].outcome.isWhole || self[$0].isActive }
        .map { self[$0].outcome.isWhole ? all : self[$0].chunksHeld })
  }

  private var medianCarried: Double? {
    Self.upperMedian(
      indices.lazy.filter { self[$0].isActive && !self[$0].isDeaf }.compactMap {
        self[$0].carried.knownFraction
      })
  }

  /// Reports were gathered: which members are slow.
  mutating func noteSlow() {
    guard let median = medianCarried else { return }
    for index in indices where self[index].isActive {
      guard let fraction = self[index].carried.knownFraction else { continue }
      let lag = self[index].lag
      self[index].lag.isSlow = Stragglers.isSlow(fraction, beside: median, wasSlow: lag.isSlow)
      guard let fraction = self[index].carried.settledFraction else { continue }
      self[index].lag.isLossy = Stragglers.isLossy(fraction, beside: median, wasLossy: lag.isLossy)
    }
    noteLagging()
  }

  /// Members that are slow or late wait until the others have everything. Then they are the group.
  mutating func noteLagging() {
    let isAnyoneElse = indices.contains {
      self[$0].isActive && !self[$0].lag.fallsBehind && !self[$0].isLeftOut && !self[$0].isDeaf
        && !self[$0].storage.isFull
    }
    isOfStragglers = false
    for index in indices where self[index].isUnderWay {
      let fallsBehind = self[index].lag.fallsBehind
      self[index].lag.isLagging = isAnyoneElse && fallsBehind
      if self[index].lag.isLagging, !self[index].lag.hasLagged {
        self[index].lag.hasLagged = true
        hasNewStraggler = hasNewStraggler || !self[index].isLeftOut
      }
      isOfStragglers = isOfStragglers || (!isAnyoneElse && fallsBehind)
    }
  }

  /// Of an even number of values the larger one of the middle; nil for fewer than two.
  private static func upperMedian<Value: Comparable>(_ values: some Sequence<Value>) -> Value? {
    let sorted = values.sorted()
    return sorted.count < 2 ? nil : sorted[sorted.count / 2]
  }
}
