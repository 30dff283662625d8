import Ground
import Session
import Testing
import Wire

/// A member that had chunks before is whole before its sender has sent everything, Specs/chunked-udp.md §4.9.
@Suite struct EarlyCompleteTests {
  /// A group of two, at a tenth of its first pass or later. The second member has all that follows.
  private static func sender(afterChunk first: UInt64 = 200) -> (SenderMachine, Instant) {
    var network = SessionNetwork(
      receiverCount: 2, fileChunks: 2_000, controller: .fixed(bitsPerSecond: 5e6))
    while network.sender.nextChunk < first { network.run(until: network.now + .milliseconds(5)) }
    return (network.sender, network.now)
  }

  private static func handle(_ sender: inout SenderMachine, _ message: ControlMessage, at now: Instant) {
    sender.handle(message, header: SessionNetwork.header(message.type, packet: 0), now: now)
  }

  /// Its report is of the time when all but `lacking` datagrams had come.
  private static func report(_ sender: inout SenderMachine, held: UInt64, lacking: UInt64, at now: Instant) {
    let sent = sender.counters.datagrams
    let report = Report(
      receiverID: 2, highestPacketNumber: UInt32(sent - 1), echoedTimestamp: now.timestamp,
      holdMicroseconds: 0, receiverClockMicroseconds: now.timestamp, socketDropCount: 0,
      receivedDatagramCount: sent - lacking, receivedByteCount: sent * 1_472, heldChunkCount: held,
      duplicateCount: 0)
    handle(&sender, .report(report), at: now)
  }

  private static func complete(_ sender: inout SenderMachine, at now: Instant) {
    let complete = Complete(
      receiverID: 2, echoedTimestamp: now.timestamp, holdMicroseconds: 0, verifiedFileCount: 1,
      failedFileCount: 0, status: .whole, text: "")
    handle(&sender, .complete(complete), at: now)
  }

  private static func outcome(_ sender: SenderMachine) -> PeerOutcome? {
    sender.peers.first { $0.receiverID == 2 }?.outcome
  }

  /// The first member says at times that it is there; the second does no longer.
  private static func runSilently(
    _ sender: inout SenderMachine, from start: Instant, milliseconds: UInt64
  ) {
    for step in 0..<milliseconds / 5 {
      let now = start + .milliseconds(5 * step)
      sender.handleWake(now: now)
      while sender.pollTransmit(now: now) != nil {}
      let sent = sender.counters.datagrams
      let report = Report(
        receiverID: 1, highestPacketNumber: UInt32(sent - 1), echoedTimestamp: now.timestamp,
        holdMicroseconds: 0, receiverClockMicroseconds: now.timestamp, socketDropCount: 0,
        receivedDatagramCount: sent, receivedByteCount: sent * 1_472, heldChunkCount: sender.nextChunk,
        duplicateCount: 0)
      handle(&sender, .report(report), at: now)
    }
  }

  /// The last three chunks came behind its last report.
  @Test func itIsBelievedBeforeEverythingWasSent() {
    var (sender, now) = Self.sender()
    #expect(sender.nextChunk < 400)
    Self.report(&sender, held: sender.shape.chunkCount - 3, lacking: 3, at: now)
    Self.complete(&sender, at: now)
    #expect(Self.outcome(sender) == .whole(filesVerified: 1) && sender.counters.malformedDatagrams == 0)
  }

  /// By its report fewer chunks can have come than it lacked.
  @Test func itIsNotBelievedAgainstItsReport() {
    var (sender, now) = Self.sender()
    Self.report(&sender, held: sender.shape.chunkCount - 4, lacking: 3, at: now)
    Self.complete(&sender, at: now)
    #expect(Self.outcome(sender) == .underWay && sender.counters.malformedDatagrams == 1)
  }

  /// With repairs for others as many datagrams were sent as there are chunks, but not each chunk. It has not
  /// said that it had any before.
  @Test func repairsAreNotWhatWasNeverSent() {
    var (sender, now) = Self.sender()
    var name: UInt64 = 100
    while sender.counters.datagrams < sender.shape.chunkCount {
      name += 1
      let nack = Nack(
        receiverID: name, highestPacketNumber: UInt32(sender.counters.datagrams - 1),
        echoedTimestamp: now.timestamp, holdMicroseconds: 0,
        body: .ranges([ChunkRange(first: 0, count: 65_536)]))
      Self.handle(&sender, .nack(nack), at: now)
      Self.runSilently(&sender, from: now, milliseconds: 50)
      now = now + .milliseconds(50)
    }
    #expect(sender.nextChunk < sender.shape.chunkCount)
    let complete = Complete(
      receiverID: 99, echoedTimestamp: now.timestamp, holdMicroseconds: 0, verifiedFileCount: 1,
      failedFileCount: 0, status: .whole, text: "")
    Self.handle(&sender, .complete(complete), at: now)
    #expect(sender.peers.first { $0.receiverID == 99 }?.outcome == .underWay)
  }
}
