import Testing
import Wire

/// Specs/invitations.md §4, against bytes that are written here by hand.
@Suite struct InvitationAnswerTests {
  private static func bytes(
    id: [UInt8] = [8, 7, 6, 5, 4, 3, 2, 1], ways: UInt8 = 3, busy: UInt8 = 0, name: [UInt8] = Array("r1".utf8)
  ) -> [UInt8] {
    let room: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
    let body = room + id + [ways, busy, 0x61, 0xA8, UInt8(truncatingIfNeeded: name.count)] + name
    return ReferenceDatagram.make(type: .invitationAnswer, body: body)
  }

  private static func error(_ bytes: [UInt8]) -> WireError? {
    do throws(WireError) {
      _ = try InvitationAnswer.decode(bytes.span)
      return nil
    } catch { return error }
  }

  private static func answer(_ name: String, isBusy: Bool = false) -> InvitationAnswer {
    InvitationAnswer(
      room: 0x0102_0304_0506_0708, receiverID: 0x0807_0605_0403_0201, ways: .known, isBusy: isBusy,
      tcpPort: 25_000, hostName: name)
  }

  @Test func bytesAndValues() throws {
    let (header, answer) = try InvitationAnswer.decode(Self.bytes().span)
    #expect(answer == Self.answer("r1"))
    #expect(answer.encode(sessionID: header.sessionID, packetNumber: header.packetNumber) == Self.bytes())
  }

  @Test(arguments: 1...UInt8.max)
  func whatIsNotFreeIsBusy(byte: UInt8) throws {
    let (_, answer) = try InvitationAnswer.decode(Self.bytes(busy: byte).span)
    #expect(answer == Self.answer("r1", isBusy: true))
  }

  @Test func unknownWaysAreIgnored() throws {
    let (_, answer) = try InvitationAnswer.decode(Self.bytes(ways: 0xFF).span)
    #expect(answer.ways == .known)
    #expect(Self.error(Self.bytes(ways: 0xFC)) == .fieldOutOfRange(field: "ways", value: 0xFC))
  }

  @Test func aReceiverHasAnID() {
    #expect(
      Self.error(Self.bytes(id: [UInt8](repeating: 0, count: 8)))
        == .fieldOutOfRange(field: "receiver id", value: 0))
  }

  /// Nobody gains bytes by inviting in the name of another host.
  @Test func noAnswerIsLongerThanItsInvitation() {
    let longest = Self.answer(String(repeating: "é", count: 200))
    #expect(longest.hostName.utf8.count == 64)
    #expect(longest.byteCount == InvitationAnswer.maximumByteCount)
    #expect(longest.byteCount <= Invitation.byteCount)
  }

  @Test func namesOfOtherLengthsAreRefused() {
    #expect(Self.error(Self.bytes(name: [UInt8](repeating: 65, count: 64))) == nil)
    #expect(
      Self.error(Self.bytes(name: [UInt8](repeating: 65, count: 65)))
        == .fieldOutOfRange(field: "host name byte count", value: 65))
    #expect(Self.error(Self.bytes(name: [0xFF])) == .invalidText(field: "host name"))
    let whole = Self.bytes()
    for count in 0..<whole.count {
      #expect(Self.error(ReferenceDatagram.signed(Array(whole.prefix(count)))) != nil, "\(count) bytes")
    }
    #expect(Self.error(ReferenceDatagram.signed(whole + [0])) != nil)
  }

  @Test func everyFlippedBitIsRefused() {
    for bit in 0..<Self.bytes().count * 8 {
      var bytes = Self.bytes()
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(Self.error(bytes) != nil, "bit \(bit)")
    }
  }
}
