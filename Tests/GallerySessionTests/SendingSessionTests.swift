import GallerySession
import TestSupport
import Testing

@Suite struct SendingSessionTests {
  /// Both sides, and a link between them that loses datagrams, in virtual time.
  private struct Meeting {
    var sender: SendingSession
    var receiver: ReceivingSession
    var loss: Double
    var now = Duration.zero
    private var random: UInt64
    private var underWay: [(bytes: [UInt8], isForReceiver: Bool, arrival: Duration)] = []

    init(_ sender: SendingSession, _ receiver: ReceivingSession, loss: Double, seed: UInt64) {
      (self.sender, self.receiver, self.loss, random) = (sender, receiver, loss, seed)
    }

    /// Runs until both have ended, or `limit` has passed.
    mutating func run(limit: Duration = .seconds(300)) {
      while !(sender.hasEnded && receiver.hasEnded), now < limit {
        while let datagram = sender.nextDatagram(at: now) { carry(datagram, isForReceiver: true) }
        while let datagram = receiver.nextDatagram(at: now) { carry(datagram, isForReceiver: false) }
        let times = [underWay.first?.arrival, sender.nextDeadline, receiver.nextDeadline]
        guard let next = times.compactMap(\.self).min() else { return }
        now = max(now, next)
        while let first = underWay.first, first.arrival <= now {
          underWay.removeFirst()
          if first.isForReceiver {
            receiver.receive(first.bytes, at: now)
          } else {
            sender.receive(first.bytes, at: now)
          }
        }
      }
    }

    private mutating func carry(_ bytes: [UInt8], isForReceiver: Bool) {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      guard Double(random >> 11) / Double(1 << 53) >= loss else { return }
      underWay.append((bytes, isForReceiver, now + .milliseconds(5)))
    }
  }

  private static let files = [
    SessionFile(name: "a.jpg", bytes: seededBytes(200_000, seed: 1)),
    SessionFile(name: "b/empty", bytes: []), SessionFile(name: "b/one", bytes: [7]),
    // Their digests begin in a chunk and end in the next, or fill one of their own.
    SessionFile(name: "c", bytes: seededBytes(1_440 - 2, seed: 2)),
    SessionFile(name: "d", bytes: seededBytes(1_440, seed: 3)),
  ]

  private func meeting(
    _ files: [SessionFile] = files, loss: Double = 0, seed: UInt64 = 1, limit: Int = 1 << 30
  ) throws -> Meeting {
    Meeting(
      try SendingSession(files, sessionID: seed, rateLimit: 50e6, now: .zero),
      ReceivingSession(name: "test", receiverID: 2, byteCountLimit: limit), loss: loss, seed: seed)
  }

  @Test(arguments: [0, 0.01, 0.1, 0.3], 1...5 as ClosedRange<UInt64>)
  func everyByteArrives(loss: Double, seed: UInt64) throws {
    var meeting = try meeting(loss: loss, seed: seed)
    meeting.run()
    #expect(meeting.receiver.files == Self.files, "seed \(seed)")
    #expect(meeting.sender.isWhole && meeting.sender.hasEnded)
    #expect(meeting.sender.failure == nil && meeting.receiver.failure == nil)
    #expect(meeting.sender.fraction == 1 && meeting.receiver.fraction == 1)
    // 1 % of so few datagrams may be none of those with a chunk.
    if loss != 0.01 { #expect((meeting.sender.counts.repair > 0) == (loss > 0)) }
  }

  @Test func aSetThatIsTooLargeIsRefused() throws {
    var meeting = try meeting(limit: 100_000)
    meeting.run()
    #expect(meeting.receiver.files == nil)
    #expect(!meeting.sender.isWhole)
    #expect(meeting.sender.failure?.contains("this receiver takes 100000") == true)
  }

  @Test func withoutAReceiverItEnds() throws {
    var meeting = try meeting(loss: 1)
    meeting.run(limit: .seconds(60))
    #expect(meeting.sender.hasEnded)
    #expect(meeting.sender.failure == "no receiver has answered")
  }

  @Test func aCancelledSessionTellsTheOtherSide() throws {
    var meeting = try meeting()
    meeting.run(limit: .milliseconds(30))
    #expect(meeting.receiver.fraction > 0 && meeting.receiver.fraction < 1)
    meeting.sender.cancel("lunch")
    meeting.run()
    #expect(meeting.receiver.failure == "the sender has ended the session: lunch")
    #expect(meeting.sender.failure?.contains("lunch") == true)
  }

  @Test func aCancellingReceiverTellsTheSender() throws {
    var meeting = try meeting()
    meeting.run(limit: .milliseconds(30))
    meeting.receiver.cancel("full", at: meeting.now)
    meeting.run()
    #expect(meeting.sender.failure == "the receiver has ended the session: full")
  }

  @Test func whatCannotBeSentIsRefused() {
    let file = SessionFile(name: "a", bytes: [1])
    #expect(throws: SessionError.self) { try SendingSession([file, file], sessionID: 1, now: .zero) }
    #expect(throws: SessionError.self) { try SendingSession([file], sessionID: 0, now: .zero) }
    #expect(throws: SessionError.self) {
      try SendingSession([file], sessionID: 1, datagramByteCount: 32, now: .zero)
    }
    #expect(throws: SessionError.self) { try SendingSession([file], sessionID: 1, rateLimit: 0, now: .zero) }
    #expect(throws: SessionError.self) {
      try SendingSession([SessionFile(name: "../a", bytes: [])], sessionID: 1, now: .zero)
    }
  }

  /// Every bit of every datagram may be wrong, and the files are right all the same.
  @Test func damagedDatagramsChangeNothing() throws {
    var meeting = try meeting(seed: 9)
    var damaged = meeting.sender
    let junk = (0..<200).map { seededBytes(20 + 7 * $0, seed: UInt64($0)) }
    for (index, var datagram) in junk.enumerated() {
      // Some of them begin as a datagram of the protocol does.
      datagram[0] = index.isMultiple(of: 2) ? 0x47 : datagram[0]
      damaged.receive(datagram, at: .zero)
      meeting.receiver.receive(datagram, at: .zero)
    }
    while var datagram = damaged.nextDatagram(at: .zero) {
      datagram[datagram.count / 2] ^= 0x10
      meeting.receiver.receive(datagram, at: .zero)
    }
    meeting.run()
    #expect(meeting.receiver.files == Self.files)
  }
}
