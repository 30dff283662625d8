import Ground

/// What a queue lets through as long as it does not become empty.
struct QueuePassage: Sendable {
  /// With fewer datagrams the bunches in which they arrive would count.
  private static let knownCount: UInt64 = 32
  private var count: UInt64 = 0
  private var nanoseconds: Nanoseconds = 0

  mutating func add(_ sample: RateSample) {
    count.addSaturating(sample.deliveredCount - min(sample.deliveredCount, sample.smallCount))
    nanoseconds.addSaturating(sample.deliveredOverNanoseconds)
  }

  /// Datagrams with a chunk per second; nil before enough were seen.
  var rate: Double? {
    count >= Self.knownCount && nanoseconds > 0 ? Double(count) * 1e9 / Double(nanoseconds) : nil
  }
}

/// A drain of a rate that was measured too high, Specs/decisions.md §17.
extension ModelController {
  /// A queue that stays lets through what its path carries. When this is less than what the drain sends, the
  /// rate of start-up was too high, as when a busy host has read many datagrams at once. True when the rate
  /// became smaller: the queue drains anew.
  mutating func isTooMuch(_ sample: RateSample) -> Bool {
    // Reports that a busy sender reads late look like a queue. Marks show that there is one.
    guard signs.isStanding(minimumRtt: minimumRtt), !sample.isSenderLate || sample.areManyMarked else {
      passage = QueuePassage()
      return false
    }
    passage.add(sample)
    guard let rate = passage.rate else { return false }
    passage = QueuePassage()
    guard rate < Constants.drainGain * pathRate else { return false }
    pathRate = rate
    return true
  }
}
