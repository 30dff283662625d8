import GallerySession
import Testing

/// What a receiver does with a whole session is tested with the sender, in SendingSessionTests.
@Suite struct ReceivingSessionTests {
  @Test func itListensAndSendsNothing() {
    var receiver = ReceivingSession(name: "test", receiverID: 1)
    #expect(receiver.nextDatagram(at: .zero) == nil)
    #expect(!receiver.hasEnded)
    #expect(receiver.files == nil && receiver.failure == nil && receiver.fraction == 0)
    #expect(receiver.counts.control == 0)
  }

  @Test func theFirstOfTwoSessionsIsTaken() throws {
    let file = SessionFile(name: "a", bytes: [1, 2, 3])
    var receiver = ReceivingSession(name: "test", receiverID: 1)
    var senders = [
      try SendingSession([file], sessionID: 1, now: .zero),
      try SendingSession([SessionFile(name: "b", bytes: [4])], sessionID: 2, now: .zero),
    ]
    var now = Duration.zero
    while now < .seconds(40), !(receiver.hasEnded && senders.allSatisfy(\.hasEnded)) {
      for index in senders.indices {
        while let datagram = senders[index].nextDatagram(at: now) { receiver.receive(datagram, at: now) }
      }
      while let datagram = receiver.nextDatagram(at: now) {
        for index in senders.indices { senders[index].receive(datagram, at: now) }
      }
      now += .milliseconds(1)
    }
    #expect(receiver.files == [file])
    #expect(senders.map(\.isWhole) == [true, false])
  }
}
