import Ground
import Testing

@Suite struct SplitMix64Tests {
  /// The first outputs for seed 1234567, as published with the reference implementation's ports.
  @Test func splitMix64MatchesThePublishedOutputs() {
    var generator = SplitMix64(seed: 1_234_567)
    let expected: [UInt64] = [
      6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
      4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
    ]
    let outputs = expected.map { _ in generator.next() }
    #expect(outputs == expected)
  }
}
