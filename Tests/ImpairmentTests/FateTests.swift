import Impairment
import Testing

@Suite struct FateTests {
  @Test(arguments: Fate.Purpose.allCases)
  func drawsAreUniform(purpose: Fate.Purpose) {
    let stream = Fate(seed: 7, direction: .towardsReceiver, receiver: 2).stream(purpose)
    var counts = [Int](repeating: 0, count: 64)
    for number in UInt64(0)..<64_000 { counts[Int(stream.below(64, number))] += 1 }
    // 63 degrees of freedom: mean 63, and 120 is beyond the 99.998th percentile.
    #expect((20...120).contains(chiSquare(counts, expected: 1_000)))
  }

  @Test func neighbouringKeysShareNothing() {
    let streams = [
      Fate(seed: 1, direction: .towardsReceiver, receiver: 0).stream(.loss),
      Fate(seed: 2, direction: .towardsReceiver, receiver: 0).stream(.loss),
      Fate(seed: 1, direction: .towardsSender, receiver: 0).stream(.loss),
      Fate(seed: 1, direction: .towardsReceiver, receiver: 1).stream(.loss),
      Fate(seed: 1, direction: .towardsReceiver, receiver: 0).stream(.jitter),
    ]
    for first in streams.indices {
      for second in streams.indices where second > first {
        // Two independent fair bits agree half of the time: 10,000 ± 5 standard deviations of 71.
        let agreeing = (UInt64(0)..<20_000).count {
          streams[first].word($0) >> 63 == streams[second].word($0) >> 63
        }
        #expect((9_646...10_354).contains(agreeing), "\(first) beside \(second)")
      }
    }
  }

  @Test func extremesAreCertain() {
    let stream = Fate(seed: 3, direction: .towardsSender, receiver: 0).stream(.loss)
    for number in UInt64(0)..<10_000 {
      #expect(!stream.happens(number, probability: 0))
      #expect(stream.happens(number, probability: 1))
    }
    #expect(stream.below(0, 1) == 0)
    #expect(stream.unit(.max) < 1)
  }
}
