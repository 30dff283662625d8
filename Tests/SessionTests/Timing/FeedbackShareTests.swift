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
    func messagesPerDatagram(_ isRepresentative: Bool) -> Double {
      let interval = FeedbackShare.reportInterval(
        groupSize: groupSize, isRepresentative: isRepresentative, grtt: 0, spacing: spacing)
      return Double(spacing) / Double(interval)
    }
    let representatives = Double(FeedbackShare.representativeCount) * messagesPerDatagram(true)
    let others = Double(groupSize) * messagesPerDatagram(false)
    let completes =
      Double(groupSize) * Double(spacing)
      / Double(FeedbackShare.completeSpread(groupSize: groupSize, spacing: spacing))
    #expect((representatives + others) * Self.report < 0.014 * Self.datagram)
    #expect(completes * Self.complete < 0.008 * Self.datagram)
  }

  @Test func smallGroupsReportAsBefore() {
    #expect(!FeedbackShare.isLarge(1) && !FeedbackShare.isLarge(10) && FeedbackShare.isLarge(11))
  }

  @Test func noNumberTraps() {
    for size in [0, 11, .max] as [UInt64] {
      for time in [0, 1, .max] as [Nanoseconds] {
        _ = FeedbackShare.completeSpread(groupSize: size, spacing: time)
        _ = FeedbackShare.reportInterval(
          groupSize: size, isRepresentative: false, grtt: time, spacing: time)
        _ = FeedbackShare.spacing(of: size, in: time)
      }
    }
  }
}
