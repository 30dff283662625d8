import Ground
import Session
import Testing
import Wire

/// The rate of a sender whose host is busy: its process runs late each time, so that it offers less than its
/// rate. Nothing is lost, and no queue grows.
@Suite struct BusyHostTests {
  /// Datagrams sent in each of some seconds, when the sender runs after 1 to 10 ms, at random, and its user
  /// allows 100 Mb/s.
  private static func datagramsEachSecond(_ seconds: UInt64, receiverCount: Int) -> [UInt64] {
    var sender = SessionNetwork(
      receiverCount: receiverCount, fileChunks: 10_000_000, rateLimitBitsPerSecond: 100e6
    ).sender
    var random = SplitMix64(seed: 7)
    var now = Instant.zero
    var counts: [UInt64] = []
    while counts.count < seconds {
      now = now + .milliseconds(1 + random.next() % 10)
      sender.handleWake(now: now)
      while sender.pollTransmit(now: now) != nil {}
      let arrival = now + .microseconds(500)
      for id in 1...UInt64(receiverCount) { tell(&sender, id, at: arrival) }
      if now >= .zero + .seconds(UInt64(counts.count) + 1) {
        counts.append(sender.counters.datagrams - counts.reduce(0, +))
      }
    }
    return counts
  }

  /// The receiver has read all that was sent.
  private static func tell(_ sender: inout SenderMachine, _ id: UInt64, at now: Instant) {
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
      socketDropCount: 0, receivedDatagramCount: sent - 1, receivedByteCount: sent * 1_472,
      heldChunkCount: sender.nextChunk, duplicateCount: 0)
    sender.handle(.report(report), header: SessionNetwork.header(.report, packet: 0), now: now)
  }

  @Test(arguments: [1, 2])
  func itsDelaysDoNotLowerTheRateAgainAndAgain(receiverCount: Int) {
    let counts = Self.datagramsEachSecond(20, receiverCount: receiverCount)
    let first = counts.prefix(5).reduce(0, +)
    let last = counts.suffix(5).reduce(0, +)
    #expect(first > 5_000)
    #expect(last * 4 > first * 3, "\(counts)")
  }
}
