import Ground
import Session
import Testing

/// Any number in any field: a controller neither traps nor sets a rate that is none.
struct HostileSampleTests {
  /// Small, large and extreme numbers alike.
  private static func number(_ generator: inout SplitMix64) -> UInt64 {
    switch generator.next() % 5 {
    case 0: 0
    case 1: .max
    case 2: .max - generator.next() % 3
    case 3: generator.next() % 5_000
    default: generator.next() >> (generator.next() % 64)
    }
  }

  @Test(
    arguments: 1...8 as ClosedRange<UInt64>, [RateControllerKind.model, .aimd, .fixed(bitsPerSecond: 1e8)])
  func anySampleIsTaken(seed: UInt64, kind: RateControllerKind) {
    var generator = SplitMix64(seed: seed)
    func number() -> UInt64 { Self.number(&generator) }
    var controller = AnyRateController(kind, datagramByteCount: 1_472)
    if seed % 2 == 0 { controller.begin(rttNanoseconds: number(), feedbackNanoseconds: number()) }
    for _ in 0..<20_000 {
      controller.handle(
        RateSample(
          now: Instant(nanoseconds: number()), rttNanoseconds: number() % 4 == 0 ? nil : number(),
          minimumRttNanoseconds: number(), deliveredCount: number(), markedCount: number(),
          deliveredOverNanoseconds: number(),
          sentCount: number(), smallCount: number(), sentOverNanoseconds: number(), lostCount: number(),
          socketDropCount: number(),
          inFlightCount: number(), isApplicationLimited: number() % 2 == 0, feedbackNanoseconds: number(),
          highestPacket: number(), previousPacket: number(), nextPacket: number()))
      if number() % 64 == 1 { controller.handleSilence(now: Instant(nanoseconds: number())) }
      #expect(controller.windowCount > 0)
      #expect(controller.datagramsPerSecond > 0)
    }
  }
}
