import Ground
import Session
import Testing

@Suite struct RttEstimatorTests {
  /// RFC 9002 §5.3, by hand.
  @Test func smoothsAsTheSpecificationSays() {
    var rtt = RttEstimator()
    #expect(!rtt.hasSample && rtt.smoothed == .milliseconds(333) && rtt.minimum == .max)
    rtt.add(80_000)
    #expect(rtt.smoothed == 80_000 && rtt.variation == 40_000 && rtt.minimum == 80_000)
    rtt.add(160_000)
    #expect(rtt.variation == (3 * 40_000 + 80_000) / 4 && rtt.smoothed == (7 * 80_000 + 160_000) / 8)
    rtt.add(40_000)
    #expect(rtt.minimum == 40_000 && rtt.latest == 40_000)
  }

  @Test func samplesAcrossTheWrapOfTheTimestamp() {
    let sent = Instant(nanoseconds: (UInt64(UInt32.max) - 5) * 1_000)
    let now = sent + .microseconds(20)
    #expect(now.timestamp == 14)
    #expect(
      RttEstimator.sample(now: now, echoedTimestamp: sent.timestamp, holdMicroseconds: 3)
        == .microseconds(17))
  }

  @Test(
    arguments: [
      (10, 20, 0),  // from the future
      (1_000, 0, 1_001),  // held for longer than it was away
      (200_000_000, 0, 0), (61_000_000, 0, 0),  // older than any path
      (0, UInt32.max, UInt32.max),
    ] as [(UInt64, UInt32, UInt32)])
  func refusesWhatDoesNotFit(now: UInt64, echoed: UInt32, hold: UInt32) {
    let now = Instant(nanoseconds: now * 1_000)
    #expect(RttEstimator.sample(now: now, echoedTimestamp: echoed, holdMicroseconds: hold) == nil)
  }

  @Test func lessThanAMicrosecondIsOne() {
    #expect(RttEstimator.sample(now: .zero, echoedTimestamp: 0, holdMicroseconds: 0) == 1_000)
  }
}
