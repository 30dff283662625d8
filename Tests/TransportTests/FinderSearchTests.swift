import Ground
import NIOCore
import Synchronization
import Testing
import Transport
import Wire

/// When a search invites, what it takes, and when it is over, in virtual time; Specs/invitations.md §5.
@Suite struct FinderSearchTests {
  /// A search at a time that the test chooses.
  private final class Rig {
    private final class Clock: Sendable {
      let now = Mutex(Instant.zero)
    }
    private let clock = Clock()
    var search: FinderSearch
    var told: [TransferEvent] = []

    init(_ change: (inout FinderOptions) -> Void = { _ in }) throws {
      var options = try #require(FinderOptions(roomName: nil))
      change(&options)
      search = FinderSearch(options) { [clock] in clock.now.withLock { $0 } }
    }

    func advance(_ nanoseconds: Nanoseconds) { clock.now.withLock { $0 = $0 + nanoseconds } }

    @discardableResult
    func take(
      _ number: Int, name: String? = nil, ways: Invitation.Ways = .known, isBusy: Bool = false,
      room: Room = .common, address: String? = nil
    ) throws -> FoundReceivers.Change? {
      let answer = InvitationAnswer(
        room: room.digest, receiverID: UInt64(number), ways: ways, isBusy: isBusy, tcpPort: 0,
        hostName: name ?? "r\(number)")
      let place = FoundReceiver.Place(
        address: try SocketAddress(
          ipAddress: address ?? "10.1.\(number / 250).\(number % 250 + 1)", port: 25_000),
        interfaceIndex: 2, isLoopback: false, ways: ways)
      return search.take(answer, at: place)
    }

    func names(wantsStart: Bool = false) throws -> [String]? {
      try search.result(wantsStart: wantsStart) { told.append($0) }?.map(\.name)
    }
  }

  @Test func invitesSoonAtFirstAndThenTwiceASecond() throws {
    let rig = try Rig()
    var rounds: [Int] = []
    for millisecond in stride(from: 0, to: 2_500, by: 50) {
      if rig.search.invites() != nil { rounds.append(millisecond) }
      rig.advance(.milliseconds(50))
    }
    #expect(rounds == [0, 100, 250, 500, 1_000, 1_500, 2_000])
    #expect(rig.search.round == 7)
  }

  @Test func theNumberThatIsWantedEndsIt() throws {
    let rig = try Rig { $0.receiverCount = 2 }
    try rig.take(1)
    #expect(try rig.names() == nil)
    try rig.take(2)
    #expect(try rig.names() == ["r1", "r2"])
  }

  /// The search waits for an answer by another way, but not for ever.
  @Test func whomTheGroupDidNotReachYetHasTwoSeconds() throws {
    let rig = try Rig { $0.receiverCount = 2 }
    try rig.take(1)
    try rig.take(2, ways: .broadcast)
    #expect(try rig.names() == nil)
    rig.advance(.milliseconds(1_999))
    #expect(try rig.names() == nil)
    rig.advance(.milliseconds(1))
    #expect(try rig.names() == ["r1", "r2"])
    let other = try Rig { $0.receiverCount = 2 }
    try other.take(1)
    try other.take(2, ways: .broadcast)
    #expect(try other.names() == nil)
    try other.take(2)
    #expect(try other.names() == ["r1", "r2"])
  }

  @Test func anAnswerOverIPv4HasAMoment() throws {
    let rig = try Rig { $0.receiverCount = 1 }
    try rig.take(1, address: "fe80::1")
    #expect(try rig.names() == nil)
    rig.advance(.milliseconds(300))
    #expect(try rig.names() == ["r1"])
    let other = try Rig { $0.receiverCount = 1 }
    try other.take(1, address: "fe80::1")
    try other.take(1)
    #expect(try other.names() == ["r1"])
  }

  @Test func theTimeEndsIt() throws {
    let rig = try Rig { $0.seconds = 5 }
    try rig.take(1)
    rig.advance(.milliseconds(4_999))
    #expect(try rig.names() == nil)
    rig.advance(.milliseconds(1))
    #expect(try rig.names() == ["r1"])
  }

  @Test func nobodyIsFound() throws {
    let rig = try Rig { $0.seconds = 5 }
    try rig.take(1, isBusy: true)
    rig.advance(.seconds(5))
    #expect(throws: TransportError.nobodyFound(room: nil, busyCount: 1, seconds: 5)) { try rig.names() }
  }

  @Test func theUserStartsItWhenSomebodyIsThere() throws {
    let rig = try Rig()
    #expect(try rig.names(wantsStart: true) == nil)
    #expect(rig.told == [.notice("no receiver is found yet")])
    try rig.take(1)
    #expect(try rig.names() == nil, "the key was pressed too early")
    #expect(try rig.names(wantsStart: true) == ["r1"])
  }

  @Test func namesAreLookedForWithoutRegardToCase() throws {
    let rig = try Rig { $0.names = ["Radish", "turnip"] }
    #expect(try rig.take(1, name: "carrot") == nil)
    try rig.take(2, name: "radish")
    #expect(try rig.names() == nil)
    try rig.take(3, name: "TURNIP")
    #expect(try rig.names() == ["radish", "TURNIP"])
  }

  @Test func theBusyAreLeftOutUntilTheyAreFree() throws {
    let rig = try Rig { $0.receiverCount = 1 }
    guard case .new(let busy)? = try rig.take(1, isBusy: true) else { throw RigError.notNew }
    #expect(busy.isBusy)
    #expect(try rig.names() == nil)
    guard case .busy(let free)? = try rig.take(1) else { throw RigError.notNew }
    #expect(!free.isBusy)
    #expect(try rig.names() == ["r1"])
  }

  @Test func otherRoomsAreNotTaken() throws {
    let rig = try Rig()
    #expect(try rig.take(1, room: Room(named: "attic") ?? .common) == nil)
  }

  @Test func aFloodOfAnswersIsBounded() throws {
    let rig = try Rig { $0.receiverCount = 10_000 }
    var newCount = 0
    for number in 1...(FoundReceivers.limit + 100) {
      if try rig.take(number) != nil { newCount += 1 }
    }
    #expect(newCount == FoundReceivers.limit)
  }

  private enum RigError: Error { case notNew }
}
