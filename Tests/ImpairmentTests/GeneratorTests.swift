import Impairment
import Testing

@Suite struct GeneratorTests {
  /// The first outputs from state 1, 2, 3, 4 of the authors' C code.
  @Test func xoshiroMatchesThePublishedOutputs() {
    var generator = Xoshiro256StarStar(state: (1, 2, 3, 4))
    let expected: [UInt64] = [11_520, 0, 1_509_978_240, 1_215_971_899_390_074_240]
    let outputs = expected.map { _ in generator.next() }
    #expect(outputs == expected)
  }

  @Test func anAllZeroStateIsNotUsed() {
    var generator = Xoshiro256StarStar(state: (0, 0, 0, 0))
    let outputs = (0..<4).map { _ in generator.next() }
    #expect(outputs.contains { $0 != 0 })
  }

  @Test func aSplitDependsOnSeedAndStreamOnly() {
    var drained = Xoshiro256StarStar(seed: 9)
    for _ in 0..<100 { _ = drained.next() }
    var fresh = Xoshiro256StarStar(seed: 9).split(stream: 3)
    var late = drained.split(stream: 3)
    var other = drained.split(stream: 4)
    let (first, second, third) = (fresh.next(), late.next(), other.next())
    #expect(first == second)
    #expect(first != third)
  }
}
