import NIOCore
import Testing
import Transport
import Wire

/// How found receivers are served, Specs/invitations.md §6.
@Suite struct FoundPlanTests {
  private static let v4 = ["10.1.1.1", "10.1.1.2", "10.1.1.3"]
  private static let v6 = ["fe80::1", "fe80::2", "fe80::3"]

  private static func place(
    _ address: String, link: Int = 2, isLoopback: Bool = false, _ ways: Invitation.Ways = .group
  ) throws -> FoundReceiver.Place {
    FoundReceiver.Place(
      address: try SocketAddress(ipAddress: address, port: 25_000), interfaceIndex: link,
      isLoopback: isLoopback, ways: ways)
  }

  private static func receiver(_ number: Int, _ places: FoundReceiver.Place...) -> FoundReceiver {
    FoundReceiver(
      receiverID: UInt64(number + 1), name: "r\(number + 1)", isBusy: false, tcpPort: 0, places: places)
  }

  private static func ids(_ receivers: [FoundReceiver]?) -> [UInt64] { receivers?.map(\.receiverID) ?? [] }

  @Test func oneReceiverIsServedByUnicast() throws {
    let plan = FoundPlan([Self.receiver(0, try Self.place(Self.v4[0]))])
    #expect(plan.group == nil && Self.ids(plan.others) == [1] && plan.isComplete)
  }

  @Test func severalAreOneGroup() throws {
    let plan = FoundPlan(
      try (0..<3).map { Self.receiver($0, try Self.place(Self.v4[$0]), try Self.place(Self.v6[$0])) })
    #expect(plan.group?.isIPv6 == false, "IPv4 of equal ones")
    #expect(Self.ids(plan.group?.members) == [1, 2, 3] && plan.others.isEmpty && plan.isComplete)
  }

  @Test func whomTheGroupDoesNotReachIsServedByUnicast() throws {
    let plan = FoundPlan([
      Self.receiver(0, try Self.place(Self.v4[0])),
      Self.receiver(1, try Self.place(Self.v4[1], .broadcast)),
      Self.receiver(2, try Self.place(Self.v4[2], [.group, .broadcast])),
    ])
    #expect(Self.ids(plan.group?.members) == [1, 3] && Self.ids(plan.others) == [2] && !plan.isComplete)
  }

  @Test func noGroupForOneMember() throws {
    let plan = FoundPlan([
      Self.receiver(0, try Self.place(Self.v4[0])),
      Self.receiver(1, try Self.place(Self.v4[1], .broadcast)),
    ])
    #expect(plan.group == nil && Self.ids(plan.others) == [1, 2] && !plan.isComplete)
  }

  @Test func theLinkWithMostMembersIsTaken() throws {
    let plan = FoundPlan([
      Self.receiver(0, try Self.place(Self.v4[0], link: 2), try Self.place(Self.v6[0], link: 3)),
      Self.receiver(1, try Self.place(Self.v4[1], link: 2), try Self.place(Self.v6[1], link: 3)),
      Self.receiver(2, try Self.place(Self.v6[2], link: 3)),
    ])
    #expect(plan.group?.isIPv6 == true && plan.group?.interfaceIndex == 3)
    #expect(Self.ids(plan.group?.members) == [1, 2, 3])
  }

  @Test func ofEqualLinksTheOneOutsideOfThisHost() throws {
    let both = try (0..<2).map {
      Self.receiver(
        $0, try Self.place("127.0.0.1", link: 1, isLoopback: true), try Self.place(Self.v6[$0], link: 4),
        try Self.place(Self.v6[$0], link: 5))
    }
    #expect(FoundPlan(both).group?.interfaceIndex == 4)
  }

  @Test func aSingleReceiverIsReachedWithinThisHostThenByIPv4() throws {
    let far = Self.receiver(0, try Self.place(Self.v6[0]), try Self.place(Self.v4[0]))
    #expect(far.place?.address.ipAddress == Self.v4[0])
    let near = Self.receiver(
      0, try Self.place(Self.v4[0]), try Self.place("127.0.0.1", link: 1, isLoopback: true))
    #expect(near.place?.address.ipAddress == "127.0.0.1")
    #expect(near.text == "r1 (127.0.0.1)")
  }
}
