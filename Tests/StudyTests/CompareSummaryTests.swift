import Study
import Runs
import Testing

@Suite struct CompareSummaryTests {
  private static func result(
    _ variant: CompareVariant, loss: Double = 0, trial: Int, receiver: Int = 0, whole: Int,
    bytes: UInt64 = 1_050
  ) -> CompareResult {
    var result = CompareResult(
      variant: variant, lossFraction: loss, trial: trial, receiver: receiver, seed: 1, imagesSent: 20,
      imageByteCount: 1_000)
    result.imagesWhole = whole
    result.endSeen = whole > 0
    result.packetByteCount = bytes
    return result
  }

  @Test func meansAreOverTrials() throws {
    let results = [10, 12, 14].enumerated().map {
      Self.result(.naive, loss: 0.01, trial: $0.offset, whole: $0.element)
    }
    let summary = try #require(
      CompareSummary.all(results, imageByteCounts: Array(repeating: 45_000, count: 20)).first)
    #expect(summary.whole.mean == 12 && summary.trialCount == 3)
    // Wilson's interval of 36 in 60.
    let ends = (try #require(summary.whole.low), try #require(summary.whole.high))
    #expect(abs(ends.0 - 9.47) < 0.01 && abs(ends.1 - 14.29) < 0.01)
    #expect(abs(summary.overhead.mean - 0.05) < 1e-12)
    let expected = try #require(summary.expectedWhole)
    #expect(abs(expected - 14.65) < 0.01)
  }

  /// What could not be sent has no overhead, and −100 % would be a lie.
  @Test func nothingSentHasNoOverhead() throws {
    let results = [Self.result(.naive, trial: 0, whole: 0, bytes: 28)]
    let summary = try #require(CompareSummary.all(results, imageByteCounts: [4_000_000]).first)
    #expect(summary.overhead.trialCount == 0)
    #expect(!CompareSummary.table([summary]).contains("-100"))
  }

  /// Receivers of one session share a sender: they are one trial.
  @Test func receiversOfATrialAreOneTrial() throws {
    let results = [(0, 0, 10), (0, 1, 20), (1, 0, 0), (1, 1, 10)].map {
      Self.result(.chunked, trial: $0.0, receiver: $0.1, whole: $0.2)
    }
    let summary = try #require(CompareSummary.all(results, imageByteCounts: [45_000]).first)
    #expect(summary.trialCount == 2 && summary.whole.mean == 10)
    #expect(summary.endLostCount == 1)
  }

  @Test func rowsAreByLossThenVariant() {
    let results = [
      Self.result(.chunked, loss: 0.05, trial: 0, whole: 20), Self.result(.chunkedTCP, trial: 0, whole: 20),
      Self.result(.naive, loss: 0.05, trial: 0, whole: 4), Self.result(.naive, trial: 0, whole: 20),
    ]
    let summaries = CompareSummary.all(results, imageByteCounts: [45_000])
    #expect(summaries.map(\.variant) == [.naive, .chunkedTCP, .naive, .chunked])
    let lines = CompareSummary.table(summaries, width: 300).split(separator: "\n")
    #expect(lines.count == 6)
    #expect(CompareSummary.table(summaries).split(separator: "\n").allSatisfy { $0.count <= 100 })
    #expect(CompareSummary.legend.split(separator: "\n").allSatisfy { $0.count <= 105 })
    #expect(lines[4].hasPrefix("5 %, naive, UDP") && lines[5].hasPrefix("5 %, chunked, UDP"))
  }

  @Test func aLineHasAFieldForEachName() {
    let fields = CompareCSV.line(Self.result(.naive, trial: 0, whole: 20)).split(separator: ",").count
    #expect(fields == CompareCSV.head.split(separator: ",").count)
  }
}
