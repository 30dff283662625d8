import Session
import Testing

/// The lab's controllers, on the same paths.
struct OtherControllersTests {
  @Test func fixedSendsAtItsRateWhateverIsLost() {
    let controller = AnyRateController(.fixed(bitsPerSecond: 50e6 * 1_472 / 1_500), datagramByteCount: 1_472)
    let path = PathModel(megabits: 100, rttMilliseconds: 20, loss: 0.3)
    let result = path.run(controller, from: 1, until: 5)
    #expect(abs(result.utilisation - 0.5) < 0.01, "used \(result.utilisation)")
    #expect(result.queueDrops == 0)
  }

  @Test func fixedOverflowsANarrowPath() {
    let controller = AnyRateController(.fixed(bitsPerSecond: 200e6), datagramByteCount: 1_472)
    let result = PathModel(megabits: 100, rttMilliseconds: 20).run(controller, from: 1, until: 5)
    #expect(result.queueLoss > 0.4, "queue loss \(result.queueLoss)")
  }

  @Test func aimdUsesACleanPathAndStarvesUnderRandomLoss() {
    let controller = AnyRateController(.aimd, datagramByteCount: 1_472)
    let clean = PathModel(megabits: 20, rttMilliseconds: 20).run(controller, from: 10, until: 20)
    let lossy = PathModel(megabits: 20, rttMilliseconds: 20, loss: 0.05).run(controller, from: 10, until: 20)
    #expect(clean.utilisation >= 0.7, "clean \(clean.utilisation)")
    #expect(lossy.utilisation <= 0.4, "lossy \(lossy.utilisation)")
  }
}
