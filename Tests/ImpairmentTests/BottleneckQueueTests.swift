import Impairment
import Testing

@Suite struct BottleneckQueueTests {
  /// 12 Mbit/s: 1,500 bytes take 1 ms.
  private static func queue(bufferByteCount: UInt64) -> BottleneckQueue {
    BottleneckQueue(.init(rateBitsPerSecond: 12_000_000, bufferByteCount: bufferByteCount))
  }

  @Test func datagramsLeaveOneAfterTheOther() {
    var queue = Self.queue(bufferByteCount: 6_000)
    let departures = [0, 0, 0, 10_000_000].map { queue.admit(byteCount: 1_500, now: $0) }
    #expect(departures == [1_000_000, 2_000_000, 3_000_000, 11_000_000])
    #expect(queue.longestWaitNanoseconds == 2_000_000)
  }

  @Test func aFullBufferDropsTheTail() {
    var queue = Self.queue(bufferByteCount: 4_500)
    let departures = (0..<5).map { _ in queue.admit(byteCount: 1_500, now: 0) }
    #expect(departures == [1_000_000, 2_000_000, 3_000_000, nil, nil])
    #expect(queue.overflowCount == 2)
    // One millisecond later one datagram has left, so one more fits.
    let later = queue.admit(byteCount: 1_500, now: 1_000_000)
    #expect(later == 4_000_000)
  }

  @Test func anIdleLinkTakesAnySize() {
    var queue = Self.queue(bufferByteCount: 100)
    let departures = [queue.admit(byteCount: 1_500, now: 5), queue.admit(byteCount: 10, now: 6)]
    #expect(departures == [1_000_005, nil])
  }

  @Test(arguments: [UInt64(1_000), 1_000_000_000_000])
  func extremeRatesDoNotOverflow(rateBitsPerSecond: UInt64) {
    var queue = BottleneckQueue(
      .init(rateBitsPerSecond: rateBitsPerSecond, bufferByteCount: 1 << 30))
    let expected = UInt64(65_535) * 8_000_000_000 / rateBitsPerSecond
    let departure = queue.admit(byteCount: 65_535, now: 0) ?? 0
    #expect(departure >= expected && departure <= expected + 1)
  }

  @Test func throughputIsTheRate() {
    var queue = Self.queue(bufferByteCount: 15_000)
    // Offered twice the rate for a second.
    let accepted = (0..<2_000).count { queue.admit(byteCount: 1_500, now: UInt64($0) * 500_000) != nil }
    #expect((1_000...1_011).contains(accepted))
  }
}
