import Impairment
import Runs
import Testing

@Suite struct FragmentLossTests {
  @Test(arguments: [
    (0, 1, 28), (1_472, 1, 1_500), (1_473, 2, 1_521), (45_000, 31, 45_628), (65_507, 45, 66_415),
  ])
  func fragments(byteCount: Int, count: Int, packetBytes: Int) {
    #expect(FragmentLoss.fragmentCount(byteCount: byteCount) == count)
    #expect(FragmentLoss.packetByteCount(byteCount: byteCount) == packetBytes)
  }

  @Test func withoutLossThereIsNothingToDecide() {
    #expect(FragmentLoss.decision(lossFraction: 0, seed: 1) == nil)
  }

  /// An image dies with any of its fragments, and its fate does not depend on that of the images before it.
  @Test func anImageDiesWithAnyOfItsFragments() throws {
    let decide = try #require(FragmentLoss.decision(lossFraction: 0.02, seed: 7))
    let again = try #require(FragmentLoss.decision(lossFraction: 0.02, seed: 7))
    let large = (0..<1_000).map { decide(UInt64($0), 45_000) }
    #expect(large[500...].enumerated().allSatisfy { again(UInt64(500 + $0), 45_000) == $1 })
    let small = (0..<1_000).count { decide(UInt64($0), 100) }
    // 31 fragments: 1 − 0.98³¹ is 47 %.
    #expect((400...540).contains(large.count { $0 }) && (5...45).contains(small))
  }
}
