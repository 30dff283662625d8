import Simulation
import Testing

@Suite struct TraceDigestTests {
  private static func digest(_ words: [UInt64]) -> UInt64 {
    var digest = TraceDigest()
    for word in words { digest.fold(word) }
    return digest.value
  }

  @Test(arguments: [[UInt64(1), 2], [2, 1, 3], [1, 2, 4], [1, 2, 3, 0], [1 << 63, 2, 3], []])
  func anyDifferenceShows(words: [UInt64]) {
    #expect(Self.digest(words) != Self.digest([1, 2, 3]))
    #expect(Self.digest(words) == Self.digest(words))
  }
}
