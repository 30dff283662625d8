/// What a link did, in datagrams. A session's own counts are compared with these.
package struct ImpairmentCounters: Equatable, Sendable {
  /// Datagrams handed to the link.
  package var offeredCount: UInt64 = 0
  package var randomLossCount: UInt64 = 0
  package var listedDropCount: UInt64 = 0
  package var queueOverflowCount: UInt64 = 0
  /// Copies with a flipped bit.
  package var corruptedCount: UInt64 = 0
  /// Copies that ended early.
  package var truncatedCount: UInt64 = 0
  /// Second copies.
  package var duplicatedCount: UInt64 = 0
  /// Datagrams held back so that later ones overtake them.
  package var reorderedCount: UInt64 = 0
  /// Datagrams that a bottleneck's queue marked, or would have marked if their sender had allowed it.
  package var markedCount: UInt64 = 0

  package init() {}

  /// Datagrams of which no copy was delivered.
  package var droppedCount: UInt64 { randomLossCount + listedDropCount + queueOverflowCount }
  /// Copies delivered, second ones and corrupted ones included.
  package var deliveredCount: UInt64 { offeredCount - droppedCount + duplicatedCount }

  package static func += (total: inout ImpairmentCounters, other: ImpairmentCounters) {
    total.offeredCount += other.offeredCount
    total.randomLossCount += other.randomLossCount
    total.listedDropCount += other.listedDropCount
    total.queueOverflowCount += other.queueOverflowCount
    total.corruptedCount += other.corruptedCount
    total.truncatedCount += other.truncatedCount
    total.duplicatedCount += other.duplicatedCount
    total.reorderedCount += other.reorderedCount
    total.markedCount += other.markedCount
  }

  mutating func count(_ cause: DropCause) {
    switch cause {
    case .randomLoss: randomLossCount += 1
    case .listed: listedDropCount += 1
    case .queueOverflow: queueOverflowCount += 1
    }
  }
}
