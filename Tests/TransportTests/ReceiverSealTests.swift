import Ground
import Keys
import Testing
import Wire

import Transport

/// What a receiver with a secret makes of the announces that it hears.
struct ReceiverSealTests {
  private static let other = SessionSecret.key(Array(repeating: 9, count: 32))
  private static let announce = SenderSealTests.announce(packetNumber: 0)

  private static func sender(_ secret: SessionSecret, salt: UInt8 = 0) throws -> SenderSeal {
    let keys = try SaltedKeys(secret, salt: Array(repeating: salt, count: SaltedKeys.saltByteCount))
    return try SenderSeal(keys, sessionID: SenderSealTests.sessionID)
  }

  @Test func anotherSecretIsToldFromLossByTheFirstAnnounce() throws {
    let receiver = ReceiverSeal(SenderSealTests.secret)
    let sender = try Self.sender(Self.other)
    #expect(!receiver.hasHeardOtherSecret)
    #expect(receiver.result(sender.sealed(Self.announce)) == .otherSecret(isNew: true))
    #expect(receiver.result(sender.sealed(Self.announce)) == .otherSecret(isNew: false))
    #expect(receiver.hasHeardOtherSecret)
    // And it still takes a sender with its own.
    #expect(receiver.opened(try Self.sender(SenderSealTests.secret).sealed(Self.announce)) == Self.announce)
  }

  @Test func unsealedDatagramsAreIgnoredAndCounted() throws {
    let ends = try SenderSealTests.Ends()
    for datagram in [Self.announce, SenderSealTests.data(packetNumber: 4, payload: [1])] {
      #expect(ends.receiver.result(datagram) == .unsealed)
    }
    #expect(ends.receiver.unsealedCount == 2)
  }

  /// Nothing is known of a session before its announce, and no other is wanted while one runs.
  @Test func onlyAnAnnounceBeginsASessionAndOnlyForAListener() throws {
    let receiver = ReceiverSeal(SenderSealTests.secret)
    let sender = try Self.sender(SenderSealTests.secret)
    let data = SenderSealTests.data(packetNumber: 4, payload: [1])
    #expect(receiver.result(SenderSealTests.sealed(data, by: sender)) == .foreign)
    #expect(receiver.result(sender.sealed(Self.announce), isListening: false) == .foreign)
    #expect(
      receiver.sealed(SenderSealTests.join(packetNumber: 0), sessionID: SenderSealTests.sessionID) == nil)
    let announce = sender.sealed(Self.announce)
    #expect(receiver.result(announce) == .datagram(Self.announce))
    #expect(receiver.result(announce) == .foreign, "an announce that was sent again by others")
    #expect(receiver.result(SenderSealTests.sealed(data, by: sender), isListening: false) == .datagram(data))
  }

  /// A forged announce has a salt of its own. Four keys at once, then one every two seconds.
  @Test func forgedAnnouncesMakeFewKeys() throws {
    let receiver = ReceiverSeal(SenderSealTests.secret)
    let senders = try (0..<20).map { try Self.sender(Self.other, salt: $0) }
    var tried = 0
    for (place, sender) in senders.enumerated() {
      let now = Instant.zero + .milliseconds(UInt64(place) * 100)
      if receiver.result(sender.sealed(Self.announce), now: now) == .otherSecret(isNew: true) { tried += 1 }
    }
    #expect(tried == 4)
    let own = try Self.sender(SenderSealTests.secret, salt: 77).sealed(Self.announce)
    #expect(receiver.result(own, now: .zero + .milliseconds(1_999)) == .foreign)
    #expect(receiver.result(own, now: .zero + .milliseconds(2_001)) == .datagram(Self.announce))
  }

  /// A forger who has seen the salt and the key check of a session, and not the secret.
  @Test func anAnnounceWithAForeignTagBeginsNothing() throws {
    let receiver = ReceiverSeal(SenderSealTests.secret)
    var announce = try Self.sender(SenderSealTests.secret).sealed(Self.announce)
    announce[60] ^= 1
    #expect(receiver.result(announce) == .damaged)
    #expect(
      receiver.sealed(SenderSealTests.join(packetNumber: 0), sessionID: SenderSealTests.sessionID) == nil)
  }
}
