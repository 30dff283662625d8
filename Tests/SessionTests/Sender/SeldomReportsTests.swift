import Ground
import Session
import Testing
import Wire

/// A peer whose timer is coarse gets the path's rate all the same, Specs/chunked-udp.md §6.8.
@Suite struct SeldomReportsTests {
  /// A receiver behind a path of 50,000 datagrams a second and 0.5 ms each way. It reports so long after the
  /// first datagram since its last report.
  private struct Peer {
    static let (oneWay, service, step): (Nanoseconds, Nanoseconds, Nanoseconds) = (500_000, 20_000, 50_000)
    /// Datagrams that its buffer of 4 MiB holds, 4,544 bytes each, and as many as the sender takes for the
    /// path's own, §6.8.
    static let bufferCount = 923 + 144

    let interval: Nanoseconds
    var sender: SenderMachine
    /// Datagrams on the way or in the buffer: packet number, time of sending, and when the peer reads it.
    var unread: [(packet: UInt64, sentAt: Instant, readAt: Instant)] = []
    var readAt = Instant.zero
    var (received, chunks, overflows) = (UInt64(0), UInt64(0), 0)
    var newest: (packet: UInt64, sentAt: Instant, readAt: Instant)?
    var reportAt: Instant?
    /// Reports on the way to the sender.
    var reports: [(at: Instant, report: Report)] = []

    init(interval: Nanoseconds, fileChunks: UInt64) {
      self.interval = interval
      sender = SessionNetwork(fileChunks: fileChunks).sender
    }

    /// The time until every chunk has arrived; nil when that takes 10 s.
    mutating func run() -> Nanoseconds? {
      var now = Instant.zero
      send(now)
      now = now + 2 * Self.oneWay
      let join = Join(
        receiverID: 1, echoedTimestamp: Instant.zero.timestamp, holdMicroseconds: 0,
        receiveBufferByteCount: 4 << 20, largestAnnounceByteCount: 1_472, hostName: "h")
      sender.handle(.join(join), header: SessionNetwork.header(.join, packet: 0), now: now)
      let beganAt = now
      while now - beganAt < .seconds(10) {
        while let (at, report) = reports.first, at <= now {
          reports.removeFirst()
          sender.handle(.report(report), header: SessionNetwork.header(.report, packet: 0), now: now)
        }
        send(now)
        read(now)
        if chunks == sender.shape.chunkCount { return now - beganAt }
        now = now + Self.step
      }
      return nil
    }

    private mutating func send(_ now: Instant) {
      sender.handleWake(now: now)
      while let one = sender.pollTransmit(now: now) {
        switch one {
        case .train(let train), .repair(_, _, let train):
          for place in 0..<UInt64(train.chunkCount) { arrive(train.firstPacketNumber + place, now) }
        case .parity, .symbols, .control: break
        }
      }
    }

    private mutating func arrive(_ packet: UInt64, _ now: Instant) {
      let waiting = unread.count { $0.sentAt + Self.oneWay <= now }
      if waiting >= Self.bufferCount { overflows += 1 }
      readAt = max(readAt, now + Self.oneWay) + Self.service
      unread.append((packet, now, readAt))
    }

    private mutating func read(_ now: Instant) {
      while let first = unread.first, first.readAt <= now {
        unread.removeFirst()
        received += 1
        chunks += 1
        newest = first
        if reportAt == nil { reportAt = first.readAt + interval }
      }
      guard let at = reportAt, at <= now, let newest else { return }
      reportAt = nil
      let report = Report(
        receiverID: 1, highestPacketNumber: UInt32(truncatingIfNeeded: newest.packet),
        echoedTimestamp: newest.sentAt.timestamp,
        holdMicroseconds: UInt32((now - newest.readAt) / 1_000),
        receiverClockMicroseconds: newest.readAt.timestamp, socketDropCount: 0,
        receivedDatagramCount: received, receivedByteCount: received * 1_472, heldChunkCount: chunks,
        duplicateCount: 0)
      reports.append((now + Self.oneWay, report))
    }
  }

  /// The set takes a tenth of a second at the path's rate, so there are two reports of 50 ms.
  @Test(arguments: [10, 20, 50] as [UInt64])
  func aCoarseTimerCostsAtMostHalfOfTheRate(milliseconds: UInt64) throws {
    var often = Peer(interval: .milliseconds(1), fileChunks: 5_000)
    var seldom = Peer(interval: .milliseconds(milliseconds), fileChunks: 5_000)
    let times = (often.run(), seldom.run())
    let (quick, slow) = (try #require(times.0), try #require(times.1))
    #expect(slow <= 2 * quick, "\(slow / 1_000) and \(quick / 1_000) µs")
    #expect(often.overflows == 0 && seldom.overflows == 0)
  }
}
