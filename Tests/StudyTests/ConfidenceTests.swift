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
    let halfWidth = try #require(confidence.halfWidth)
    #expect(abs(halfWidth - 2.365 * (32.0 / 7).squareRoot() / 8.0.squareRoot()) < 1e-9)
    #expect(confidence.text(2) == "5.00 ± 1.79")
  }

  /// Of two trials the interval is 12.7 standard errors wide: "8.0 ± 50.8" says nothing.
  @Test(arguments: [[3], [3, 5]] as [[Double]])
  func fewTrialsSayNothingOfTheirSpread(values: [Double]) {
    #expect(Confidence(values).halfWidth == nil)
    #expect(!Confidence(values).text(1).contains("±"))
  }

  @Test(arguments: [
    ([0, 0, 9], 0.0...20.0, "3.0 (0.0 to 15.9)"), ([20, 20, 11], 0...20, "17.0 (4.1 to 20.0)"),
    ([9, 10, 11], 0...20, "10.0 ± 2.5"), ([0, 0, 9], 0...Double.infinity, "3.0 (0.0 to 15.9)"),
  ])
  func anIntervalStaysWhereValuesCanLie(values: [Double], range: ClosedRange<Double>, text: String) {
    #expect(Confidence(values).text(1, in: range) == text)
  }

  /// An interval of no width would claim that no other trial can differ.
  @Test(arguments: [[0, 0, 0, 0, 0], [20, 20, 20]] as [[Double]])
  func equalTrialsHaveNoInterval(values: [Double]) {
    #expect(Confidence(values).halfWidth == nil)
    #expect(Confidence(values).text(1) == (values[0] == 0 ? "0.0" : "20.0"))
    #expect(Confidence(values + [19]).halfWidth != nil)
  }

  @Test func valuesThatAreNoneDoNotCount() {
    #expect(Confidence([3]).text(1) == "3.0")
    #expect(Confidence([]).text(1) == "–")
    #expect(Confidence([1, .nan, 3]).mean == 2)
  }
}
