import Ground
import Session
import Testing
import Wire

/// Members of a group to which full datagrams do not get through, beside one that receives all,
/// Specs/chunked-udp.md §6.7. They must not set the pace of the group.
@Suite struct GivenUpMemberTests {
  /// What the second member receives of the datagrams sent.
  private enum Path {
    case whole
    /// Small datagrams only, from then on: an announce, notices, the short last chunk of a file.
    case smallOnly(from: Nanoseconds)
    /// One in twenty, and then it leaves.
    case narrow(until: Nanoseconds)
  }

  private static func message(_ type: MessageType) -> DatagramHeader {
    SessionNetwork.header(type, packet: 0)
  }

  private static func join(_ sender: inout SenderMachine, _ id: UInt64, at now: Instant) {
    let join = Join(
      receiverID: id, echoedTimestamp: now.timestamp, holdMicroseconds: 0, receiveBufferByteCount: 4 << 20,
      largestAnnounceByteCount: 1_472, hostName: "h")
    sender.handle(.join(join), header: message(.join), now: now)
  }

  private static func report(_ sender: inout SenderMachine, _ id: UInt64, received: UInt64, at now: Instant) {
    let report = Report(
      receiverID: id, highestPacketNumber: UInt32(truncatingIfNeeded: sender.counters.datagrams - 1),
      echoedTimestamp: now.timestamp, holdMicroseconds: 0, receiverClockMicroseconds: now.timestamp,
      socketDropCount: 0, receivedDatagramCount: received, receivedByteCount: received * 1_472,
      heldChunkCount: received, duplicateCount: 0)
    sender.handle(.report(report), header: message(.report), now: now)
  }

  /// Chunks that the sender has sent in this time. Its path carries all that is sent, at one millisecond's
  /// round trip, and its user allows 100 Mb/s.
  private static func chunksSent(beside path: Path, within duration: Nanoseconds) -> UInt64 {
    var sender = SessionNetwork(
      receiverCount: 2, fileChunks: 100_000, rateLimitBitsPerSecond: 100e6
    ).sender
    var now = Instant.zero
    var received: (UInt64, UInt64) = (0, 0)
    while now < .zero + duration {
      sender.handleWake(now: now)
      while sender.pollTransmit(now: now) != nil {}
      let sent = sender.counters.datagrams
      switch path {
      case .whole: received.1 = sent
      case .smallOnly: received.1 = min(sent, 2)
      case .narrow: received.1 = sent / 20
      }
      received.0 = sent
      now = now + .milliseconds(1)
      if now.nanoseconds <= 2_000_000 {
        join(&sender, 1, at: now)
        join(&sender, 2, at: now)
      } else if sender.nextChunk > 0 {
        report(&sender, 1, received: received.0 - 1, at: now)
        switch path {
        case .narrow(let end) where now >= .zero + end:
          let abort = Abort(receiverID: 2, reason: .endedByUser, text: "")
          sender.handle(.abort(abort), header: message(.abort), now: now)
        case .smallOnly(let start) where now < .zero + start || now.nanoseconds % 5_000_000 != 0: break
        default: report(&sender, 2, received: received.1, at: now)
        }
      }
    }
    return sender.nextChunk
  }

  @Test(arguments: [10, 100, 200, 300, 400])
  func aMemberWithoutFullDatagramsDoesNotSlowTheOthers(milliseconds: UInt64) {
    let alone = Self.chunksSent(beside: .whole, within: .seconds(1))
    let beside = Self.chunksSent(
      beside: .smallOnly(from: .milliseconds(milliseconds)), within: .seconds(1))
    #expect(alone > 5_000)
    #expect(beside * 4 > alone * 3, "\(beside) beside it, \(alone) without")
  }

  /// Its first report has seen the packets of 63 or 64 chunks, one of which arrived.
  @Test(arguments: [63, 64]) func aMemberIsDeafFromSixtyFourChunksOn(passed: Int) throws {
    var sender = SessionNetwork(receiverCount: 2, fileChunks: 1_000, rateLimitBitsPerSecond: 100e6).sender
    let now = Instant(nanoseconds: 1_000_000)
    Self.join(&sender, 1, at: now)
    Self.join(&sender, 2, at: now)
    var packets: [UInt64] = []
    for millisecond in 1...100 as ClosedRange<UInt64> where packets.count < passed {
      let now = Instant(nanoseconds: millisecond * 1_000_000)
      sender.handleWake(now: now)
      while let transmission = sender.pollTransmit(now: now) {
        guard case .train(let train) = transmission else { continue }
        packets += (0..<UInt64(train.chunkCount)).map { train.firstPacketNumber + $0 }
      }
    }
    try #require(packets.count >= passed)
    let report = Report(
      receiverID: 2, highestPacketNumber: UInt32(packets[passed - 1]), echoedTimestamp: now.timestamp,
      holdMicroseconds: 0, receiverClockMicroseconds: now.timestamp, socketDropCount: 0,
      receivedDatagramCount: 2, receivedByteCount: 2_000, heldChunkCount: 1, duplicateCount: 0)
    let later = Instant(nanoseconds: 110_000_000)
    sender.handle(.report(report), header: Self.message(.report), now: later)
    #expect(sender.peers.map(\.isDeaf) == [false, passed >= 64])
  }

  /// What was sent before it came does not count against it.
  @Test func aMemberThatJoinsLateIsNotDeaf() throws {
    var sender = SessionNetwork(receiverCount: 2, fileChunks: 20_000, rateLimitBitsPerSecond: 100e6).sender
    var now = Instant.zero
    var chunksAtJoin: UInt64 = 0
    var isOver = false
    while !isOver, now < .zero + .seconds(20) {
      now = now + .milliseconds(1)
      sender.handleWake(now: now)
      while sender.pollTransmit(now: now) != nil {}
      guard sender.nextChunk > 0 else {
        Self.join(&sender, 1, at: now)
        continue
      }
      Self.report(&sender, 1, received: sender.counters.datagrams - 1, at: now)
      if chunksAtJoin == 0, sender.nextChunk > 8_000 {
        chunksAtJoin = sender.nextChunk
        Self.join(&sender, 2, at: now)
      }
      // It has the quarter of what was sent since.
      let since = sender.nextChunk - chunksAtJoin
      if chunksAtJoin > 0, since >= 128 {
        Self.report(&sender, 2, received: since / 4, at: now)
        isOver = true
      }
    }
    try #require(isOver && sender.peers.count == 2)
    #expect(sender.peers.map(\.isDeaf) == [false, false])
  }

  @Test func theRateGrowsAgainWhenTheSlowestLeaves() {
    let alone = Self.chunksSent(beside: .whole, within: .seconds(1))
    let until = Self.chunksSent(beside: .narrow(until: .seconds(1)), within: .seconds(1))
    let after = Self.chunksSent(beside: .narrow(until: .seconds(1)), within: .seconds(2)) - until
    #expect(until * 3 < alone, "\(until) beside it, \(alone) without: it sets the pace")
    #expect(after * 4 > alone * 3, "\(after) in the second after it left, \(alone) without it")
  }

  /// From the middle of the set on nothing but announces, notices and ends arrives at it. What it asks for
  /// when all is sent is of no use: an eighth of the set, as long as it was served like the others.
  @Test func aMemberThatNoChunkReachesAnyMoreCostsFewRepairs() {
    var network = SessionNetwork(
      receiverCount: 3, fileChunks: 4_000, rateLimitBitsPerSecond: 20e6, hasParity: true
    ) { traffic in
      traffic.receiver == 2 && traffic.isFromSender
        && (traffic.type == .parity || (traffic.type == .data && traffic.ordinal > 1_500))
    }
    network.run(until: Instant(nanoseconds: 4_000_000_000))
    #expect(network.isWhole(0) && network.isWhole(1) && !network.isWhole(2), "\(network.summary)")
    let counters = network.sender.counters
    #expect(counters.repairDatagrams + counters.parityDatagrams <= 200, "\(network.summary)")
  }
}
