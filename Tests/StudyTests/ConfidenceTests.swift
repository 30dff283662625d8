import Study
import Testing

@Suite struct ConfidenceTests {
  /// Student's 97.5 % quantiles from any table of them.
  @Test(arguments: [
    (1, 12.706), (2, 4.303), (9, 2.262), (10, 2.228), (11, 2.201), (15, 2.131), (30, 2.042), (120, 1.980),
    (10_000, 1.960),
  ])
  func quantiles(degreesOfFreedom: Int, expected: Double) {
    #expect(abs(Confidence.studentQuantile(degreesOfFreedom: degreesOfFreedom) - expected) < 0.001)
  }

  /// Values 2, 4, 4, 4, 5, 5, 7, 9: mean 5, standard deviation √(32/7); half width 2.365 · s ÷ √8.
  @Test func intervalOfEightValues() throws {
    let confidence = Confidence([2, 4, 4, 4, 5, 5, 7, 9])
    #expect(confidence.mean == 5 && confidence.trialCount == 8)
    let ends = (try #require(confidence.low), try #require(confidence.high))
    let halfWidth = 2.365 * (32.0 / 7).squareRoot() / 8.0.squareRoot()
    #expect(abs(ends.0 - (5 - halfWidth)) < 1e-9 && abs(ends.1 - (5 + halfWidth)) < 1e-9)
    #expect(confidence.text(2) == "5.00 ± 1.79")
  }

  /// Of two trials the interval is 12.7 standard errors wide: "8.0 ± 50.8" says nothing.
  @Test(arguments: [[3], [3, 5]] as [[Double]])
  func fewTrialsSayNothingOfTheirSpread(values: [Double]) {
    #expect(Confidence(values).low == nil && Confidence(values).high == nil)
    #expect(Confidence(counts: values, of: 20).low == nil)
    #expect(!Confidence(values).text(1).contains("±"))
  }

  @Test(arguments: [
    ([0, 0, 9], 0.0...20.0, "3.0 (0.0 to 15.9)"), ([20, 20, 11], 0...20, "17.0 (4.1 to 20.0)"),
    ([9, 10, 11], 0...20, "10.0 ± 2.5"), ([0, 0, 9], 0...Double.infinity, "3.0 (0.0 to 15.9)"),
  ])
  func anIntervalStaysWhereValuesCanLie(values: [Double], range: ClosedRange<Double>, text: String) {
    #expect(Confidence(values, in: range).text(1) == text)
  }

  /// An interval of no width would claim that no other trial can differ.
  @Test(arguments: [[0, 0, 0, 0, 0], [20, 20, 20]] as [[Double]])
  func equalTrialsHaveNoInterval(values: [Double]) {
    #expect(Confidence(values).low == nil)
    #expect(Confidence(values).text(1) == (values[0] == 0 ? "0.0" : "20.0"))
    #expect(Confidence(values + [19]).low != nil)
  }

  /// Wilson's score interval, as any table has it: 0 of 100 is 0 to 0.0370, 50 of 100 is 0.4038 to 0.5962.
  @Test(arguments: [
    ([0, 0, 0, 0, 0], 0.0, 0.74), ([20, 20, 20, 20, 20], 19.26, 20), ([10, 10, 10, 10, 10], 8.08, 11.92),
    // 3 ÷ 20 in each trial: 0.0931 to 0.2328.
    ([3, 3, 3, 3, 3], 1.86, 4.66),
  ])
  func countsHaveWilsonsInterval(counts: [Double], low: Double, high: Double) throws {
    let confidence = Confidence(counts: counts, of: 20)
    let ends = (try #require(confidence.low), try #require(confidence.high))
    #expect(abs(ends.0 - low) < 0.01 && abs(ends.1 - high) < 0.01)
  }

  /// All images of a trial, or none: the trials are worth five outcomes, not a hundred. 2 of 5 by Wilson,
  /// with the variance that five trials show: they differ 30 times as much as images that are lost one by
  /// one.
  @Test func trialsThatDifferMoreAreWorthFewerOutcomes() throws {
    let alike = Confidence(counts: [8, 8, 8, 8, 8], of: 20)
    let apart = Confidence(counts: [20, 20, 0, 0, 0], of: 20)
    #expect(alike.mean == apart.mean)
    let ends = (try #require(apart.low), try #require(apart.high))
    #expect(ends.0 > 0 && ends.1 < 20)
    #expect(ends.1 - ends.0 > 3 * (try #require(alike.high) - (try #require(alike.low))))
    // More receivers are more outcomes.
    let group = Confidence(counts: [8, 8, 8, 8, 8], of: 20, perTrial: 10)
    #expect(try #require(group.high) < (try #require(alike.high)))
  }

  @Test func nothingSentHasNoInterval() {
    #expect(Confidence(counts: [0, 0, 0], of: 0).low == nil)
    #expect(Confidence(counts: [], of: 20).text(1) == "–")
  }

  @Test func valuesThatAreNoneDoNotCount() {
    #expect(Confidence([3]).text(1) == "3.0")
    #expect(Confidence([]).text(1) == "–")
    #expect(Confidence([1, .nan, 3]).mean == 2)
  }
}
