import Ground
import Session
import Testing

/// A rate that start-up measured too high, on a path of 1,667 datagrams a second and 1 ms.
@Suite struct ModelControllerDrainTests {
  private struct Bench {
    var controller = ModelController()
    var now = Instant.zero
    var packet: UInt64 = 0

    /// A report of `count` datagrams that were sent and arrived over these times.
    mutating func report(
      _ count: UInt64, sentOver: Nanoseconds, over: Nanoseconds, rtt: Nanoseconds, marked: UInt64 = 0,
      isLate: Bool = false
    ) {
      now = now + over
      controller.handle(
        RateSample(
          now: now, rttNanoseconds: rtt, minimumRttNanoseconds: .milliseconds(1), deliveredCount: count,
          markedCount: marked, deliveredOverNanoseconds: over, sentCount: count, smallCount: 0,
          sentOverNanoseconds: sentOver, lostCount: 0, socketDropCount: 0, inFlightCount: 100,
          isApplicationLimited: false, isSenderLate: isLate, feedbackNanoseconds: .milliseconds(4),
          highestPacket: packet + count, previousPacket: packet, nextPacket: packet + count + 100))
      packet += count
    }

    /// A busy host read 60 datagrams at once: 6,000 a second. Then they come marked.
    static func draining() -> Bench {
      var bench = Bench()
      bench.controller.begin(rttNanoseconds: .milliseconds(1), feedbackNanoseconds: .milliseconds(4))
      bench.report(60, sentOver: .milliseconds(10), over: .milliseconds(10), rtt: .milliseconds(1))
      bench.report(
        8, sentOver: .milliseconds(1), over: .microseconds(4_800), rtt: .milliseconds(12), marked: 8)
      return bench
    }

    var rate: Double { controller.datagramsPerSecond }
  }

  @Test func aQueueThatStaysCorrectsTheRate() {
    var bench = Bench.draining()
    #expect(bench.rate > 4_000)
    for step in 1...6 as ClosedRange<UInt64> {
      bench.report(
        8, sentOver: .milliseconds(2), over: .microseconds(4_800), rtt: .milliseconds(12 + 4 * step))
    }
    #expect(bench.rate > 0.7 * 1_667 && bench.rate < 0.8 * 1_667, "\(bench.rate)")
    // The queue drains now, and what it lets through corrects nothing more.
    for step in 1...8 as ClosedRange<UInt64> {
      bench.report(
        8, sentOver: .milliseconds(6), over: .microseconds(4_800), rtt: .milliseconds(30 - step))
    }
    #expect(bench.rate > 0.7 * 1_667, "\(bench.rate)")
  }

  /// Between two reports the queue was empty: what arrived is what was sent.
  @Test func anEmptyQueueSaysNothing() {
    var bench = Bench.draining()
    for step in 0..<8 as Range<UInt64> {
      bench.report(
        8, sentOver: .milliseconds(2), over: .microseconds(4_800),
        rtt: step % 2 == 0 ? .milliseconds(2) : .milliseconds(30))
    }
    #expect(bench.rate > 4_000, "\(bench.rate)")
  }

  /// Nor do round trips that a busy sender saw, unless the queue marks.
  @Test(arguments: [0, 8] as [UInt64])
  func aLateSenderSaysNothingWithoutMarks(marked: UInt64) {
    var bench = Bench.draining()
    for step in 1...8 as ClosedRange<UInt64> {
      bench.report(
        8, sentOver: .milliseconds(2), over: .microseconds(4_800), rtt: .milliseconds(12 + 4 * step),
        marked: marked, isLate: step % 4 == 0)
    }
    #expect((bench.rate > 4_000) == (marked == 0), "\(bench.rate)")
  }

  /// The path carries what the drain sends: its queue becomes shorter.
  @Test func aQueueThatDrainsKeepsTheRate() {
    var bench = Bench.draining()
    for step in 1...4 as ClosedRange<UInt64> {
      bench.report(
        25, sentOver: .microseconds(5_500), over: .milliseconds(5), rtt: .milliseconds(30 - 3 * step))
    }
    #expect(bench.rate > 4_000, "\(bench.rate)")
  }

  /// A silence ends a drain early. The next drain does not count what the queue before it let through.
  @Test func aDrainBeginsAnew() {
    var bench = Bench.draining()
    for step in 1...3 as ClosedRange<UInt64> {
      bench.report(
        8, sentOver: .milliseconds(2), over: .microseconds(4_800), rtt: .milliseconds(12 + 4 * step))
    }
    bench.controller.handleSilence(now: bench.now)
    bench.report(60, sentOver: .milliseconds(10), over: .milliseconds(10), rtt: .milliseconds(1))
    bench.report(
      8, sentOver: .milliseconds(1), over: .microseconds(4_800), rtt: .milliseconds(12), marked: 8)
    bench.report(8, sentOver: .milliseconds(1), over: .milliseconds(1), rtt: .milliseconds(16))
    #expect(bench.rate > 4_000, "\(bench.rate)")
  }
}
