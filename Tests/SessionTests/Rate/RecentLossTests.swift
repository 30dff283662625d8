import Session
import Testing

@Suite struct RecentLossTests {
  /// As it is shown when four or more were lost: a standard deviation more than was seen.
  private static func shown(_ fraction: Double, of count: Double) -> Double {
    fraction + (fraction * (1 - fraction) / count).squareRoot()
  }

  private static func loss(_ lost: UInt64, of sent: UInt64, isOfSearch: Bool = false) -> RecentLoss {
    var loss = RecentLoss()
    loss.add(sent: sent, lost: lost, isOfSearch: isOfSearch)
    return loss
  }

  @Test func theLargestPartCounts() {
    #expect(RecentLoss.largest([]) == 0 && RecentLoss.largest([RecentLoss()]) == 0)
    #expect(
      RecentLoss.largest([Self.loss(10, of: 100), Self.loss(30, of: 120)]) == Self.shown(0.25, of: 120))
  }

  /// A full queue dropped most of the first ones. They count only as long as there are no others.
  @Test func aSearchForTheRateIsForgotten() {
    var loss = Self.loss(200, of: 1_000, isOfSearch: true)
    #expect(RecentLoss.largest([loss]) == Self.shown(0.2, of: 1_000))
    #expect(RecentLoss.largest([loss, Self.loss(10, of: 1_000)]) == Self.shown(0.01, of: 1_000))
    loss.add(sent: 1_000, lost: 50, isOfSearch: false)
    #expect(RecentLoss.largest([loss]) == Self.shown(0.05, of: 1_000))
    loss.add(sent: 1_000, lost: 900, isOfSearch: true)
    #expect(RecentLoss.largest([loss]) == Self.shown(0.05, of: 1_000))
  }

  /// Ten datagrams of which two are lost say little beside a thousand.
  @Test func aReceiverWithFewDatagramsDoesNotCount() {
    #expect(
      RecentLoss.largest([Self.loss(50, of: 1_000), Self.loss(2, of: 10)]) == Self.shown(0.05, of: 1_000))
    #expect(RecentLoss.largest([Self.loss(2, of: 10)]) == 0.2)
    #expect(
      RecentLoss.largest([Self.loss(50, of: 1_000), Self.loss(125, of: 500)]) == Self.shown(0.25, of: 500))
  }
}
