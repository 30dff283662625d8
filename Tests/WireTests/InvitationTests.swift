import Testing
import Wire

/// Specs/invitations.md §2 and §3: rooms, and the invitation, against bytes that are written here by hand.
@Suite struct InvitationTests {
  private static let room: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]

  /// A body of that way, with a spread of 20 ms, and the bytes behind the fields.
  private static func bytes(spread: [UInt8] = [0, 20], way: UInt8 = 1, padding: UInt8 = 0) -> [UInt8] {
    let body = room + spread + [way] + [UInt8](repeating: padding, count: 128 - 31)
    return ReferenceDatagram.make(type: .invitation, body: body)
  }

  private static func error(_ bytes: [UInt8]) -> WireError? {
    do throws(WireError) {
      _ = try Invitation.decode(bytes.span)
      return nil
    } catch { return error }
  }

  @Test func bytesAndValues() throws {
    let (header, invitation) = try Invitation.decode(Self.bytes().span)
    #expect(
      invitation == Invitation(room: 0x0102_0304_0506_0708, spreadMilliseconds: 20, way: .group))
    #expect(header.sessionID == 0x0707_0707_0707_0707 && header.packetNumber == 0x0707_0707)
    #expect(
      invitation.encode(sessionID: header.sessionID, packetNumber: header.packetNumber) == Self.bytes())
  }

  @Test func theBytesBehindTheFieldsAreNotLookedAt() {
    #expect(Self.error(Self.bytes(padding: 0xAA)) == nil)
  }

  @Test func aLongSpreadIsCut() throws {
    let (_, invitation) = try Invitation.decode(Self.bytes(spread: [0xFF, 0xFF]).span)
    #expect(invitation.spreadMilliseconds == Invitation.maximumSpreadMilliseconds)
  }

  @Test(arguments: 0...UInt8.max)
  func aWayIsTheGroupOrABroadcast(way: UInt8) {
    let expected: WireError? =
      way == 1 || way == 2 ? nil : .fieldOutOfRange(field: "way", value: UInt64(way))
    #expect(Self.error(Self.bytes(way: way)) == expected)
  }

  @Test func everyOtherLengthIsRefused() {
    let whole = Self.bytes()
    for count in 0..<whole.count {
      #expect(Self.error(ReferenceDatagram.signed(Array(whole.prefix(count)))) != nil, "\(count) bytes")
    }
    #expect(
      Self.error(ReferenceDatagram.signed(whole + [0])) == .trailingBytes(expected: 128, available: 129))
  }

  @Test func everyFlippedBitIsRefused() {
    for bit in 0..<Self.bytes().count * 8 {
      var bytes = Self.bytes()
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(Self.error(bytes) != nil, "bit \(bit)")
    }
  }

  @Test func messagesOfSessionsAreNoInvitations() throws {
    #expect(Self.error(try Vector("end").bytes) == .unexpectedMessageType(.end))
    #expect(wireError(Self.bytes()) == .unexpectedMessageType(.invitation))
  }

  @Test func roomsAndTheirGroups() throws {
    #expect(Room.common.digest == 0)
    #expect(Room.common.ipv4Group == "239.255.71.65" && Room.common.ipv6Group == "ff12:0:0:0:0:0:0:4741")
    // The high half of XXH3_128bits("attic"), by xxHash's own library.
    let attic = try #require(Room(named: "attic"))
    #expect(attic.digest == 0xDC54_9A1A_E308_3DE6)
    #expect(attic.ipv4Group == "239.255.61.230")
    #expect(attic.ipv6Group == "ff12:0:0:0:dc54:9a1a:e308:3de6")
    #expect(Room(named: "cellar") != attic)
  }

  @Test(arguments: ["", String(repeating: "é", count: 33)])
  func aNameHas1To64Bytes(name: String) { #expect(Room(named: name) == nil) }
}
