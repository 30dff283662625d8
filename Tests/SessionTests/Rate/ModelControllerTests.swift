import Ground
import Session
import Testing

struct ModelControllerTests {
  static let model = AnyRateController(.model, datagramByteCount: 1_472)

  struct Row: CustomTestStringConvertible {
    var megabits: Double
    var rttMilliseconds: Double
    var loss: Double
    var testDescription: String { "\(megabits) Mb/s, \(rttMilliseconds) ms, loss \(loss)" }

    static let all: [Row] = [
      (1.0, 20.0), (10, 1), (100, 0.2), (100, 50), (100, 200), (1_000, 1), (1_000, 20),
    ].flatMap {
      path in
      [0, 0.01, 0.05, 0.1, 0.3].map { Row(megabits: path.0, rttMilliseconds: path.1, loss: $0) }
    }
  }

  /// The path is used, and its queue does not overflow, whatever is lost at random behind it.
  @Test(arguments: Row.all)
  func pathIsUsedWithoutOverflow(row: Row) {
    let path = PathModel(megabits: row.megabits, rttMilliseconds: row.rttMilliseconds, loss: row.loss)
    let result = path.run(Self.model, from: 5, until: 10)
    #expect(result.utilisation >= 0.9, "used \(result.utilisation), queue loss \(result.queueLoss)")
    // The constant part of the window is more than 30 ms of a 1 Mb/s path. On a long path with random loss
    // what the noise adds to the rate queues for whole round trips.
    let limit = row.rttMilliseconds >= 200 && row.loss >= 0.05 ? 0.04 : 0.02
    #expect(row.megabits < 2 || result.queueLoss <= limit, "queue loss \(result.queueLoss)")
  }

  /// Start-up is over within ten round trips, counted from the first datagram.
  @Test(arguments: [50.0, 200])
  func startupTakesTenRoundTrips(rttMilliseconds: Double) {
    let path = PathModel(megabits: 100, rttMilliseconds: rttMilliseconds)
    let begin = 10 * rttMilliseconds / 1_000
    let result = path.run(Self.model, from: begin, until: begin + 2 * rttMilliseconds / 1_000)
    #expect(result.utilisation >= 0.8, "used \(result.utilisation)")
  }

  @Test(arguments: [(100.0, 30.0), (30, 100)], [1.0, 50])
  func changeIsFollowedWithinTwoSeconds(rates: (Double, Double), rttMilliseconds: Double) {
    var path = PathModel(megabits: rates.0, rttMilliseconds: rttMilliseconds)
    path.change = (at: 5, datagramsPerSecond: rates.1 * 1e6 / 8 / 1_500)
    let result = path.run(Self.model, from: 7, until: 9)
    #expect(result.utilisation >= 0.85, "used \(result.utilisation)")
    #expect(result.queueLoss <= 0.05, "queue loss \(result.queueLoss)")
  }

  /// A buffer of 2 ms at 50 ms round trip: probing loses some, but no more than it must.
  @Test func shallowBufferLosesLittle() {
    let path = PathModel(megabits: 100, rttMilliseconds: 50, bufferMilliseconds: 2)
    let result = path.run(Self.model, from: 5, until: 15)
    #expect(result.utilisation >= 0.85, "used \(result.utilisation)")
    #expect(result.queueLoss <= 0.1, "queue loss \(result.queueLoss)")
  }

  /// A buffer of half a second stays nearly empty.
  @Test func deepBufferStaysShort() {
    let path = PathModel(megabits: 100, rttMilliseconds: 20, bufferMilliseconds: 500)
    let result = path.run(Self.model, from: 5, until: 15)
    #expect(result.utilisation >= 0.9)
    #expect(result.longestQueueSeconds <= 0.06, "queue of \(result.longestQueueSeconds) s")
  }

  /// The search for a rate sends more than the path was seen to carry. When it ends, its queue drains.
  @Test func aSearchCanBeEnded() {
    var controller = Self.model
    controller.begin(rttNanoseconds: .milliseconds(20), feedbackNanoseconds: .milliseconds(8))
    let before = controller.datagramsPerSecond
    controller.endSearch(nextPacket: 1, now: .zero)
    #expect(controller.datagramsPerSecond == before, "nothing was measured")
    controller.handle(
      RateSample(
        now: Instant(nanoseconds: 40_000_000), rttNanoseconds: .milliseconds(20),
        minimumRttNanoseconds: .milliseconds(20), deliveredCount: 100,
        deliveredOverNanoseconds: .milliseconds(10), sentCount: 100, smallCount: 0,
        sentOverNanoseconds: .milliseconds(10), lostCount: 0, socketDropCount: 0, inFlightCount: 0,
        isApplicationLimited: false, feedbackNanoseconds: .milliseconds(8), highestPacket: 100,
        previousPacket: 0, nextPacket: 200))
    #expect(controller.datagramsPerSecond > 20_000)
    controller.endSearch(nextPacket: 200, now: Instant(nanoseconds: 40_000_000))
    #expect(controller.datagramsPerSecond > 5_000 && controller.datagramsPerSecond < 10_000)
  }
}
