import Ground
import NIOCore
import Testing
import Transport
import Wire

/// Which invitations a receiver answers, and with what, Specs/invitations.md §4.
@Suite struct InvitationAnswersTests {
  private static let room = Room(named: "attic") ?? .common

  private static func address(_ number: Int) throws -> SocketAddress {
    try SocketAddress(ipAddress: "10.1.\(number / 250).\(number % 250 + 1)", port: 40_000)
  }

  private static func answers(isOnLink: Bool = true) -> InvitationAnswers {
    InvitationAnswers(
      InvitationAnswer(
        room: room.digest, receiverID: 7, ways: .known, isBusy: false, tcpPort: 25_000, hostName: "r1"),
      isOnLink: { _ in isOnLink })
  }

  private static func header(_ searchID: UInt64 = 1, round: UInt32 = 1) -> DatagramHeader {
    DatagramHeader(type: .invitation, flags: [], sessionID: searchID, packetNumber: round, checksum: 0)
  }

  private static func invitation(
    _ way: Invitation.Ways = .group, room: Room = room, spread: UInt16 = 20
  ) -> Invitation {
    Invitation(room: room.digest, spreadMilliseconds: spread, way: way)
  }

  @Test func oneAnswerNamesBothWays() throws {
    var answers = Self.answers()
    let from = try Self.address(1)
    let wait = answers.take(Self.invitation(), header: Self.header(), from: from, now: .zero)
    #expect((.milliseconds(5) ... .milliseconds(25)).contains(try #require(wait)))
    #expect(answers.take(Self.invitation(.broadcast), header: Self.header(), from: from, now: .zero) == nil)
    let datagram = answers.answer(to: from, isBusy: true)
    let bytes = try #require(datagram)
    let (header, answer) = try InvitationAnswer.decode(bytes.span)
    #expect(header.sessionID == 1 && header.packetNumber == 1)
    #expect(
      answer
        == InvitationAnswer(
          room: Self.room.digest, receiverID: 7, ways: [.group, .broadcast], isBusy: true, tcpPort: 25_000,
          hostName: "r1"))
    #expect(answers.answer(to: from, isBusy: false) == nil, "one answer")
  }

  @Test func aRoundIsAnsweredOnceUnlessItArrivesByAnotherWay() throws {
    var answers = Self.answers()
    let from = try Self.address(1)
    func isTaken(_ way: Invitation.Ways, round: UInt32) -> Bool {
      let wait = answers.take(
        Self.invitation(way), header: Self.header(round: round), from: from, now: .zero)
      if wait != nil { _ = answers.answer(to: from, isBusy: false) }
      return wait != nil
    }
    #expect(isTaken(.group, round: 1))
    #expect(!isTaken(.group, round: 1))
    #expect(isTaken(.broadcast, round: 1))
    #expect(!isTaken(.broadcast, round: 1))
    #expect(isTaken(.group, round: 2))
  }

  @Test func otherRoomsAndOtherLinksGetNoAnswer() throws {
    let from = try Self.address(1)
    var answers = Self.answers()
    #expect(
      answers.take(Self.invitation(room: .common), header: Self.header(), from: from, now: .zero) == nil)
    #expect(answers.take(Self.invitation(), header: Self.header(0), from: from, now: .zero) == nil)
    var far = Self.answers(isOnLink: false)
    #expect(far.take(Self.invitation(), header: Self.header(), from: from, now: .zero) == nil)
  }

  /// A flood of forged sources: the table does not grow, and the answers of a second are bounded.
  @Test func aFloodIsBounded() throws {
    var answers = Self.answers()
    let (searches, perSecond) = InvitationAnswers.limits
    var takenCount = 0
    for number in 0..<1_000 {
      let wait = answers.take(
        Self.invitation(), header: Self.header(UInt64(number + 1)), from: try Self.address(number), now: .zero
      )
      takenCount += wait == nil ? 0 : 1
    }
    #expect(takenCount == searches)
    for number in 0..<searches { _ = answers.answer(to: try Self.address(number), isBusy: false) }
    for round in 2...10 as ClosedRange<UInt32> {
      for number in 0..<searches {
        let (from, header) = (try Self.address(number), Self.header(UInt64(number + 1), round: round))
        let wait = answers.take(Self.invitation(), header: header, from: from, now: .zero)
        takenCount += wait == nil ? 0 : 1
        _ = answers.answer(to: from, isBusy: false)
      }
    }
    #expect(takenCount == perSecond)
    // Later others have their turn.
    let (late, now) = (try Self.address(999), Instant.zero + .seconds(6))
    #expect(answers.take(Self.invitation(), header: Self.header(999), from: late, now: now) != nil)
  }

  @Test func answersAreSpread() throws {
    var answers = Self.answers()
    let from = try Self.address(1)
    var waits: Set<Nanoseconds> = []
    for round in 1...50 as ClosedRange<UInt32> {
      let wait = answers.take(
        Self.invitation(spread: 1_000), header: Self.header(round: round), from: from, now: .zero)
      waits.insert(try #require(wait))
      _ = answers.answer(to: from, isBusy: false)
    }
    #expect(waits.count > 40)
    #expect(waits.allSatisfy { $0 <= .milliseconds(1_005) })
  }
}
