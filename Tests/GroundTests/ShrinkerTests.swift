import Ground
import Testing

/// The shrinker finds the parts that a failure needs.
@Suite struct ShrinkerTests {
  /// A failure that needs all of these parts, among the numbers below 40.
  @Test(arguments: [[7], [0, 39], [3, 4], [1, 20, 38], [5, 6, 7, 8]])
  func itLeavesTheNeededParts(needed: [Int]) {
    let parts = Array(0..<40)
    let found = Shrinker.smallest(parts, tries: 1_000) { Set(needed).isSubset(of: $0) }
    #expect(found == needed)
  }

  @Test func aFailureThatNeedsNothingNeedsOneTry() {
    var tryCount = 0
    let found = Shrinker.smallest([1, 2, 3], tries: 9) { _ in
      tryCount += 1
      return true
    }
    #expect(found.isEmpty && tryCount == 1)
  }

  /// Whatever the limit, what is found fails.
  @Test(arguments: 0..<30)
  func aLimitOfTriesIsKept(tries: Int) {
    var tryCount = 0
    let fails: ([Int]) -> Bool = { $0.contains(11) && $0.contains(29) }
    let found = Shrinker.smallest(Array(0..<40), tries: tries) {
      tryCount += 1
      return fails($0)
    }
    #expect(tryCount <= tries && fails(found))
  }
}
