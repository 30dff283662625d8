import Ground
import Session
import Testing

@Suite struct FeedbackShareTests {
  /// Bytes on the wire: a report, a complete, and a datagram with a chunk of 1,440 bytes.
  private static let (report, complete, datagram) = (130.0, 88.0, 1_514.0)

  /// However large the group and however fast the sender, its receivers take the same small part of the rate.
  @Test(
    arguments: [11, 100, 1_000, 10_000, 100_000] as [UInt64],
    [.microseconds(2), .microseconds(120), .milliseconds(2)] as [Nanoseconds])
  func theShareDoesNotGrowWithTheGroup(groupSize: UInt64, spacing: Nanoseconds) {
    func reportsPerDatagram(_ stage: FeedbackShare.Stage) -> Double {
      func one(_ isRepresentative: Bool) -> Double {
        let interval = FeedbackShare.reportInterval(
          groupSize: groupSize, isRepresentative: isRepresentative, stage: stage, grtt: 0, spacing: spacing)
        return Double(spacing) / Double(interval)
      }
      return Double(FeedbackShare.representativeCount) * one(true) + Double(groupSize) * one(false)
    }
    let completes =
      Double(groupSize) * Double(spacing)
      / Double(FeedbackShare.completeSpread(groupSize: groupSize, spacing: spacing))
    #expect(reportsPerDatagram(.beginning) * Self.report < 0.014 * Self.datagram)
    #expect(reportsPerDatagram(.flowing) * Self.report < (groupSize < 1_000 ? 0.009 : 0.0066) * Self.datagram)
    #expect(reportsPerDatagram(.ending) * Self.report < 0.014 * Self.datagram)
    #expect(completes * Self.complete < 0.008 * Self.datagram)
  }

  /// However slow the sender, the members of a small group take little of its rate while chunks flow. As
  /// often as time alone allows, ten of them would take a fifth of 10 Mb/s.
  @Test(arguments: [1, 3, 10] as [UInt64], [.microseconds(12), .milliseconds(1)] as [Nanoseconds])
  func aSlowSenderHearsFewReports(groupSize: UInt64, spacing: Nanoseconds) {
    let interval = FeedbackShare.reportInterval(
      groupSize: groupSize, isRepresentative: false, stage: .flowing, grtt: .milliseconds(20),
      spacing: spacing)
    let reports = Double(groupSize) * Double(spacing) / Double(interval)
    #expect(reports * Self.report <= 0.0125 * Self.datagram)
    #expect(interval >= .milliseconds(5))
  }

  @Test func theSenderFindsItsRateFirst() {
    #expect(FeedbackShare.stage(packet: 999, isEnding: false) == .beginning)
    #expect(FeedbackShare.stage(packet: 1_000, isEnding: false) == .flowing)
    #expect(FeedbackShare.stage(packet: 1, isEnding: true) == .ending)
    for stage in [FeedbackShare.Stage.beginning, .ending] {
      let count = FeedbackShare.reportDatagramCount(groupSize: 10, isRepresentative: false, stage: stage)
      #expect(count == 0, "time alone counts")
    }
  }

  @Test func upToTenReportAlike() {
    #expect(!FeedbackShare.isLarge(1) && !FeedbackShare.isLarge(10) && FeedbackShare.isLarge(11))
  }

  @Test func noNumberTraps() {
    for size in [0, 11, .max] as [UInt64] {
      for time in [0, 1, .max] as [Nanoseconds] {
        _ = FeedbackShare.completeSpread(groupSize: size, spacing: time)
        _ = FeedbackShare.reportInterval(
          groupSize: size, isRepresentative: false, stage: .flowing, grtt: time, spacing: time)
        _ = FeedbackShare.spacing(of: size, in: time)
      }
    }
  }
}
