import Ground
import Session
import Testing
import Wire

/// A sender to which nothing comes back.
@Suite struct SenderCirculatingTests {
  private static let rate = 20e6

  private static func sender(fileChunks: UInt64 = 30, roundCount: UInt64?) -> SenderMachine {
    SenderMachine(
      SenderMachine.Configuration(
        sessionID: SessionNetwork.sessionID,
        announce: SessionNetwork.announce(fileChunks: fileChunks, options: [.oneWay, .parity]),
        controller: .fixed(bitsPerSecond: rate), rateLimitBitsPerSecond: rate, roundCount: roundCount),
      now: .zero)
  }

  /// What leaves until then: each datagram's type, and when.
  private static func run(
    _ sender: inout SenderMachine, from start: Instant = .zero, until limit: Instant
  ) -> [(type: MessageType, at: Instant)] {
    var sent: [(type: MessageType, at: Instant)] = []
    var now = start
    while now <= limit, !sender.hasEnded {
      sender.handleWake(now: now)
      while let one = sender.pollTransmit(now: now) {
        switch one {
        case .control(let message, _, _): sent.append((message.type, now))
        case .train(let train): sent += Array(repeating: (.data, now), count: train.chunkCount)
        case .symbols(let train): sent += Array(repeating: (.parity, now), count: train.symbolCount)
        case .repair, .parity: Issue.record("a notice, which no receiver of a one-way session waits for")
        }
      }
      #expect(sender.hasEnded || sender.nextDeadline > now)
      now = max(now + 1, sender.nextDeadline)
    }
    return sent
  }

  @Test func itAnnouncesThenSendsItsRoundsAndSaysEnd() {
    var sender = Self.sender(roundCount: 2)
    #expect(sender.phase == .announcing)
    let sent = Self.run(&sender, until: Instant(nanoseconds: 10_000_000_000))
    #expect(sender.phase == .ended(.finished) && sender.nextDeadline == .never)
    #expect(sent.prefix(3).map(\.type) == [.announce, .announce, .announce])
    #expect(sent.first { $0.type == .data }?.at == Instant(nanoseconds: 150_000_000))
    #expect(sent.suffix(3).map(\.type) == [.end, .end, .end])
    #expect(sent.count { $0.type == .end } == 3)
    #expect(sender.counters.firstDatagrams == 32 && sender.counters.repairDatagrams > 0)
    #expect(sender.joinedCount == 0 && sender.roundsSent == 2)
    var events: [SenderEvent] = []
    while let event = sender.pollEvent() { events.append(event) }
    #expect(events == [.started, .ended(.finished)])
  }

  /// 92 datagrams of a round of two blocks and one of the manifest, of 1,472 bytes, twice.
  @Test func itKeepsTheRate() throws {
    var sender = Self.sender(fileChunks: 3_000, roundCount: 1)
    let sent = Self.run(&sender, until: Instant(nanoseconds: 60_000_000_000))
    let chunks = sent.filter { $0.type == .data || $0.type == .parity }
    let first = try #require(chunks.first?.at)
    let last = try #require(chunks.last?.at)
    let rate = Double(chunks.count - 1) * 1_472 * 8 / (Double(last - first) / 1e9)
    #expect(abs(rate / Self.rate - 1) < 0.01)
    let announces = sent.filter { $0.type == .announce }.map(\.at)
    for (one, next) in zip(announces, announces.dropFirst()) { #expect(next - one <= .milliseconds(251)) }
  }

  /// At most 1.6 times the set and its announces leave in a round, whatever its size.
  @Test(arguments: [0, 1, 2, 10, 100, 1_000, 5_000] as [UInt64])
  func aRoundIsLittleMoreThanTheSet(fileChunks: UInt64) {
    var sender = Self.sender(fileChunks: fileChunks, roundCount: 1)
    let sent = Self.run(&sender, until: Instant(nanoseconds: 60_000_000_000))
    let count = sent.count { $0.type == .data || $0.type == .parity }
    let total = sender.shape.chunkCount
    let blockCount = (total + 15) / 16
    #expect(count >= Int(total) && count <= Int(total * 5 / 4 + 4 * blockCount + total / 20 + 4))
  }

  @Test func itHearsNothing() {
    var sender = Self.sender(fileChunks: 1_000, roundCount: 1)
    var other = sender
    let middle = Instant(nanoseconds: 200_000_000)
    _ = Self.run(&sender, until: middle)
    _ = Self.run(&other, until: middle)
    let messages: [ControlMessage] = [
      .abort(Abort(receiverID: 1, reason: .cannotStore)),
      .complete(
        Complete(
          receiverID: 1, echoedTimestamp: 0, holdMicroseconds: 0, verifiedFileCount: 1, failedFileCount: 0,
          status: .whole, text: "")),
      .nack(
        Nack(
          receiverID: 1, highestPacketNumber: 0, echoedTimestamp: 0, holdMicroseconds: 0,
          body: .ranges([ChunkRange(first: 0, count: 9)]))),
    ]
    for message in messages {
      sender.handle(message, header: SessionNetwork.header(message.type, packet: 0), now: middle)
    }
    #expect(sender.counters.strayDatagrams == 3 && sender.joinedCount == 0)
    let end = Instant(nanoseconds: 10_000_000_000)
    let sent = Self.run(&sender, from: middle, until: end)
    #expect(sent.map(\.at) == Self.run(&other, from: middle, until: end).map(\.at))
  }

  @Test func withoutANumberOfRoundsItGoesOnUntilItIsCancelled() {
    var sender = Self.sender(fileChunks: 1, roundCount: nil)
    let minute = Instant(nanoseconds: 60_000_000_000)
    _ = Self.run(&sender, until: minute)
    #expect(sender.phase == .sending && sender.roundsSent > 1_000)
    sender.cancel(reason: .endedByUser, text: "")
    var aborts = 0
    while case .control(.abort, _, _)? = sender.pollTransmit(now: minute) { aborts += 1 }
    #expect(aborts == 3 && sender.hasEnded)
  }
}
