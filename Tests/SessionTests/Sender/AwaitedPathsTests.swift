import Ground
import Session
import Testing
import Wire

/// The rate of a small group begins to grow when each member has shown what its path carries,
/// Specs/chunked-udp.md §6.8.
@Suite struct AwaitedPathsTests {
  private static let millisecond: Nanoseconds = .milliseconds(1)

  private static func handle(_ sender: inout SenderMachine, _ message: ControlMessage, at now: Instant) {
    sender.handle(message, header: SessionNetwork.header(message.type, packet: 0), now: now)
  }

  private static func join(_ sender: inout SenderMachine, _ id: UInt64, at now: Instant) {
    let join = Join(
      receiverID: id, echoedTimestamp: now.timestamp, holdMicroseconds: 0, receiveBufferByteCount: 4 << 20,
      largestAnnounceByteCount: 1_472, hostName: "h")
    handle(&sender, .join(join), at: now)
  }

  private static func report(_ sender: inout SenderMachine, _ id: UInt64, at now: Instant) {
    let sent = sender.counters.datagrams
    let report = Report(
      receiverID: id, highestPacketNumber: UInt32(truncatingIfNeeded: sent - 1),
      echoedTimestamp: now.timestamp, holdMicroseconds: 0, receiverClockMicroseconds: now.timestamp,
      socketDropCount: 0, receivedDatagramCount: sent, receivedByteCount: sent * 1_472,
      heldChunkCount: sender.nextChunk, duplicateCount: 0)
    handle(&sender, .report(report), at: now)
  }

  /// The windows at the ends of these milliseconds. The first member reports each millisecond, the second
  /// one from `secondFrom` on. Both have joined.
  private static func windows(secondFrom: UInt64, at ends: [UInt64]) -> [UInt64] {
    var sender = SessionNetwork(receiverCount: 2, fileChunks: 100_000).sender
    var windows: [UInt64] = []
    for step in 0..<(ends.max() ?? 0) {
      let now = Instant.zero + millisecond * step
      sender.handleWake(now: now)
      while sender.pollTransmit(now: now) != nil {}
      if step == 1 {
        join(&sender, 1, at: now)
        join(&sender, 2, at: now)
      } else if sender.nextChunk > 0 {
        report(&sender, 1, at: now)
        if step >= secondFrom { report(&sender, 2, at: now) }
      }
      if ends.contains(step + 1) { windows.append(sender.windowDatagramCount) }
    }
    return windows
  }

  @Test func theRateWaitsForTheSecondMember() {
    let windows = Self.windows(secondFrom: 40, at: [5, 38, 80])
    #expect(windows[0] == windows[1])
    #expect(windows[2] > 2 * windows[1], "\(windows)")
  }

  @Test func bothAtOnceNeedNoWait() {
    let windows = Self.windows(secondFrom: 0, at: [5, 38])
    #expect(windows[1] > 2 * windows[0], "\(windows)")
  }

  /// A join may be forged: its sender waits for a tenth of a second, and for some round trips.
  @Test func oneThatNeverReportsIsNotAwaitedForLong() {
    let windows = Self.windows(secondFrom: .max, at: [5, 90, 150])
    #expect(windows[0] == windows[1])
    #expect(windows[2] > 2 * windows[1], "\(windows)")
  }
}
