import Ground
import Session
import Testing

@Suite struct GroupTimingTests {
  @Test(arguments: [
    (Nanoseconds(0), UInt32(1), Nanoseconds(1_000_000)), (40_000_000, 1, 10_000_000),
    (1_000_000_000, 1, 50_000_000), (40_000_000, 3, 10_000_000), (0, 100, 20_000_000),
    (1_000_000_000, 1_000, 200_000_000), (1_000_000, .max, 2_000_000_000),
  ])
  func reportsAreSpreadByGroupSize(grtt: Nanoseconds, groupSize: UInt32, expected: Nanoseconds) {
    #expect(ReportTiming.interval(grtt: grtt, isGroup: groupSize > 1, groupSize: groupSize) == expected)
  }

  /// However large the group, a receiver that reports as it should is not called silent, even when a few are
  /// lost.
  @Test(arguments: [UInt64(0), 1, 3, 10, 11, 1_000, 4_000, 100_000, .max])
  func silenceIsLongerThanSpreading(groupSize: UInt64) {
    let grtt: Nanoseconds = .milliseconds(300)
    let spacing: Nanoseconds = .microseconds(120)
    for stage in [FeedbackShare.Stage.beginning, .flowing, .ending] {
      let idle = GroupTiming.idleReportInterval(
        grtt: grtt, groupSize: groupSize, isRepresentative: false, stage: stage, spacing: spacing)
      let silence = GroupTiming.meaninglessSilence(
        grtt: grtt, groupSize: groupSize, stage: stage, spacing: spacing)
      #expect(silence >= 4 * (3 * idle / 2))
    }
  }

  @Test func unicastAnswersAtOnce() {
    #expect(GroupTiming.answerSpread(groupSize: 1) == 0 && GroupTiming.joinInterval(groupSize: 1) == 0)
    #expect(GroupTiming.answerSpread(groupSize: 10) == .microseconds(2_500))
    #expect(GroupTiming.answerSpread(groupSize: 1_000) == .seconds(1))
    #expect(GroupTiming.answerSpread(groupSize: .max) == .seconds(100))
  }
}
