/// Well-known kinds of paths, one direction each. Typical orders of magnitude, not measurements of one
/// network.
package enum ImpairmentPreset: String, CaseIterable, Sendable {
  /// Good home or office Wi-Fi: 5 ms, up to 2 ms more, 1 % lost in short runs, 100 Mbit/s with a 200 kB
  /// buffer. str0m's network emulator uses these figures for the same purpose (docs.rs: str0m-netem,
  /// `NetemConfig::wifi`).
  case wifi
  /// A geostationary satellite: 280 ms one way, from the 558 ms round trip of RFC 2488 §2; 20 Mbit/s with one
  /// round trip of buffer. Losses are rare and come in runs, after forward error correction.
  case satellite
  /// A VDSL2 line: 50 Mbit/s, 15 ms, little jitter, a 100 ms modem buffer (Dischinger et al., "Characterizing
  /// residential broadband networks", IMC 2007: little jitter, low loss, deep queues).
  case dsl
  /// LTE: 13 Mbit/s and 35 ms one way, from the medians of Huang et al., "A close examination of performance
  /// and power characteristics of 4G LTE networks", MobiSys 2012; 10 ms of scheduling jitter. Losses are
  /// rare, because the link repeats lost frames, and the buffer is deep.
  case lte
  /// The worst of a classroom: 10 % lost, some reordered, doubled and damaged. Invented, so that every
  /// counter moves.
  case lossy

  /// Where the figures come from, one line.
  package var source: String {
    switch self {
    case .wifi: "str0m's network emulator, NetemConfig::wifi (docs.rs: str0m-netem)"
    case .satellite: "RFC 2488 §2: 558 ms round trip of a geostationary link; a round trip of buffer"
    case .dsl:
      "Dischinger et al., Characterizing residential broadband networks, IMC 2007; VDSL2 of 50 Mbit/s"
    case .lte:
      "Huang et al., A close examination of performance and power characteristics of 4G LTE, MobiSys 2012"
    case .lossy: "invented, to exercise every counter: a classroom's worst"
    }
  }

  package var impairment: Impairment {
    switch self {
    case .wifi:
      Impairment(
        loss: .burst(meanLoss: 0.01, meanRunLength: 3), delayNanoseconds: 5_000_000,
        jitterNanoseconds: 2_000_000,
        bottleneck: .init(rateBitsPerSecond: 100_000_000, bufferByteCount: 200_000))
    case .satellite:
      Impairment(
        loss: .burst(meanLoss: 0.002, meanRunLength: 10), delayNanoseconds: 280_000_000,
        bottleneck: .init(rateBitsPerSecond: 20_000_000, bufferByteCount: 1_400_000))
    case .dsl:
      Impairment(
        loss: .random(0.0005), delayNanoseconds: 15_000_000, jitterNanoseconds: 1_000_000,
        bottleneck: .init(rateBitsPerSecond: 50_000_000, bufferByteCount: 625_000))
    case .lte:
      Impairment(
        loss: .random(0.001), delayNanoseconds: 35_000_000, jitterNanoseconds: 10_000_000,
        bottleneck: .init(rateBitsPerSecond: 13_000_000, bufferByteCount: 500_000))
    case .lossy:
      Impairment(
        loss: .random(0.1), corruption: 0.001, duplication: 0.01,
        reordering: .init(probability: 0.02, extraDelayNanoseconds: 5_000_000),
        delayNanoseconds: 10_000_000, jitterNanoseconds: 2_000_000)
    }
  }
}
