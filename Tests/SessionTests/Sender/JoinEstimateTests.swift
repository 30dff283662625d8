import Ground
import Session
import Testing

@Suite struct JoinEstimateTests {
  private static func isComing(_ expected: UInt64, _ joined: UInt64, after part: Double) -> Bool {
    let spread = Double(GroupTiming.answerSpread(groupSize: expected))
    return JoinEstimate.isComing(expected, joinedCount: joined, after: Nanoseconds(part * spread))
  }

  @Test func threeQuartersOfTheJoinsAreEnough() {
    #expect(Self.isComing(100, 75, after: 1))
    #expect(!Self.isComing(100, 74, after: 1))
    // Those that are due by now.
    #expect(Self.isComing(1_000, 375, after: 0.5))
    #expect(!Self.isComing(1_000, 374, after: 0.5))
    // No more come after the spread.
    #expect(Self.isComing(100, 75, after: 10))
  }

  @Test func fewJoinsAndSmallGroupsSayTooLittle() {
    #expect(Self.isComing(1_000, 32, after: 0.01))
    #expect(!Self.isComing(1_000, 31, after: 0.01))
    #expect(Self.isComing(64, 64, after: 1))
    #expect(!Self.isComing(63, 63, after: 1))
  }
}
