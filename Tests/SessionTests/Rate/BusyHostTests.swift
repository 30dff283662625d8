import Ground
import Session
import Testing
import Wire

/// The rate of a sender whose host is busy: its process runs late each time, so that it offers less than its
/// rate. No queue grows, and what the path loses it loses at any rate.
@Suite struct BusyHostTests {
  /// Datagrams sent in each of some seconds, when the sender runs after a time in `delays`, milliseconds, at
  /// random, and its user allows 100 Mb/s.
  private static func datagramsEachSecond(
    _ seconds: UInt64, receiverCount: Int, lossPercent: UInt64, delays: ClosedRange<UInt64> = 1...10
  ) -> [UInt64] {
    var sender = SessionNetwork(
      receiverCount: receiverCount, fileChunks: 10_000_000, rateLimitBitsPerSecond: 100e6
    ).sender
    var random = SplitMix64(seed: 7)
    var now = Instant.zero
    var counts: [UInt64] = []
    var lost = [UInt64](repeating: 0, count: receiverCount)
    while counts.count < seconds {
      let before = sender.counters.datagrams
      now = now + .milliseconds(delays.lowerBound + random.next() % UInt64(delays.count))
      sender.handleWake(now: now)
      while sender.pollTransmit(now: now) != nil {}
      let arrival = now + .microseconds(500)
      for index in lost.indices {
        for _ in before..<sender.counters.datagrams where random.next() % 100 < lossPercent {
          lost[index] += 1
        }
        tell(&sender, UInt64(index + 1), lost: lost[index], at: arrival)
      }
      if now >= .zero + .seconds(UInt64(counts.count) + 1) {
        counts.append(sender.counters.datagrams - counts.reduce(0, +))
      }
    }
    return counts
  }

  /// The receiver has read all that was sent and not lost.
  private static func tell(_ sender: inout SenderMachine, _ id: UInt64, lost: UInt64, at now: Instant) {
    guard sender.nextChunk > 0 else {
      let join = Join(
        receiverID: id, echoedTimestamp: now.timestamp, holdMicroseconds: 0,
        receiveBufferByteCount: 4 << 20, largestAnnounceByteCount: 1_472, hostName: "h")
      return sender.handle(.join(join), header: SessionNetwork.header(.join, packet: 0), now: now)
    }
    let sent = sender.counters.datagrams
    let report = Report(
      receiverID: id, highestPacketNumber: UInt32(truncatingIfNeeded: sent - 1),
      echoedTimestamp: now.timestamp, holdMicroseconds: 0, receiverClockMicroseconds: now.timestamp,
      socketDropCount: 0, receivedDatagramCount: sent - 1 - min(lost, sent - 1),
      receivedByteCount: (sent - min(lost, sent)) * 1_472,
      heldChunkCount: sender.nextChunk - min(lost, sender.nextChunk), duplicateCount: 0)
    sender.handle(.report(report), header: SessionNetwork.header(.report, packet: 0), now: now)
  }

  @Test(arguments: [1, 2], [0, 10] as [UInt64])
  func itsDelaysDoNotLowerTheRateAgainAndAgain(receiverCount: Int, lossPercent: UInt64) {
    let counts = Self.datagramsEachSecond(20, receiverCount: receiverCount, lossPercent: lossPercent)
    let first = counts.prefix(5).reduce(0, +)
    let last = counts.suffix(5).reduce(0, +)
    #expect(first > 5_000)
    #expect(last * 4 > first * 3, "\(counts)")
  }

  /// Each time it runs it may send as many datagrams as a session begins with. Once it caught up 2 ms, and
  /// sent 120 datagrams a second for ever.
  @Test(arguments: [1, 2], [0, 5] as [UInt64])
  func longDelaysLeaveAPartOfTheRate(receiverCount: Int, lossPercent: UInt64) {
    let counts = Self.datagramsEachSecond(
      20, receiverCount: receiverCount, lossPercent: lossPercent, delays: 20...60)
    // It runs 25 times a second, and sends 16 datagrams each time.
    #expect(counts.suffix(10).allSatisfy { $0 >= 300 }, "\(counts)")
  }
}
