/// The part of the newest datagrams that did not arrive at one receiver of a group.
package struct RecentLoss: Sendable {
  /// Datagrams; at 5 % loss a standard deviation of 0.3 %. So the largest of a hundred is little more than
  /// the mean.
  private static let memoryCount = 4_096.0
  /// With fewer a member's loss is not compared with that of others: at 5 % a standard deviation of 1.4 %.
  private static let knownCount = 256.0
  /// Fewer lost datagrams tell nothing of a deviation.
  private static let meaningfulCount = 4.0
  private var sentCount = 0.0
  private var lostCount = 0.0
  /// Some of these datagrams, or all, left while the sender looked for the rate. A full queue drops many of
  /// them, which says nothing about later ones.
  private var isOfSearch = true

  package init() {}

  /// A standard deviation more than what was seen: too few symbols at the end cost a round of repairs, and
  /// too many cost little.
  private var fraction: Double {
    guard sentCount > 0 else { return 0 }
    let seen = min(1, lostCount / sentCount)
    guard lostCount >= Self.meaningfulCount else { return seen }
    return min(1, seen + (seen * (1 - seen) / sentCount).squareRoot())
  }

  /// What was seen, 0...1; nil before enough was, or while only the search for a rate was.
  var knownFraction: Double? {
    sentCount >= Self.knownCount && !isOfSearch ? min(1, lostCount / sentCount) : nil
  }

  /// Datagrams of the search for a rate count until others follow.
  package mutating func add(sent: UInt64, lost: UInt64, isOfSearch: Bool) {
    guard self.isOfSearch || !isOfSearch else { return }
    if self.isOfSearch, !isOfSearch { self = RecentLoss() }
    self.isOfSearch = isOfSearch
    let kept = sentCount > Self.memoryCount ? Self.memoryCount / sentCount : 1
    sentCount = sentCount * kept + Double(sent)
    lostCount = lostCount * kept + Double(lost)
  }

  /// The largest part of several receivers, 0...1. Datagrams of the search count when there are no others. A
  /// receiver with less than half of the datagrams of another does not count, because chance may make its
  /// part too large.
  package static func largest(_ all: [RecentLoss]) -> Double {
    let settled = all.filter { !$0.isOfSearch }
    let counted = settled.isEmpty ? all : settled
    let most = counted.reduce(0) { max($0, $1.sentCount) }
    return counted.reduce(0) { 2 * $1.sentCount >= most ? max($0, $1.fraction) : $0 }
  }
}
