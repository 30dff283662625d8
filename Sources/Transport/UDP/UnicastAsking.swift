package import Ground
package import NIOCore

/// The members of a group that asked for a session of their own, Specs/chunked-udp.md §6.14. Decides, and
/// sends nothing.
///
/// A request comes with an address that nobody has verified. It is answered by one announce that is no longer
/// than the request, of a session with a new random id. Only a join with this id, from the same address and
/// port, shows that the member is there. The session begins then, and not before.
package struct UnicastAsking {
  /// Sessions beside the group's: at a time, and in all. Members that were announced to and have not joined.
  package static let limits = (atOnce: 8, all: 64, announced: 64)
  /// How long a member that was announced to may take to join.
  private static let patience: Nanoseconds = .seconds(3)

  package enum Answer: Equatable {
    /// An announce of the session with this id.
    case announce(sessionID: UInt64)
    case refuse
    case none
  }

  private struct Member {
    var address: SocketAddress
    var sessionID: UInt64
    var announcedAt: Instant
    var hasBegun = false
  }

  /// The group's.
  package let sessionID: UInt64
  private var members: [UInt64: Member] = [:]
  private var begunCount = 0
  /// Sessions beside the group's that run now.
  private let runningCount: () -> Int
  /// A random session id; not 0.
  private let draw: () -> UInt64

  package init(
    sessionID: UInt64, runningCount: @escaping () -> Int,
    draw: @escaping () -> UInt64 = { UInt64.random(in: 1...UInt64.max) }
  ) {
    self.sessionID = sessionID
    self.runningCount = runningCount
    self.draw = draw
  }

  private var mayBegin: Bool { begunCount < Self.limits.all && runningCount() < Self.limits.atOnce }

  /// A member asks.
  package mutating func request(from receiverID: UInt64, at address: SocketAddress, now: Instant) -> Answer {
    if let member = members[receiverID], member.hasBegun { return .none }
    guard mayBegin else { return .refuse }
    if let member = members[receiverID], member.address == address {
      members[receiverID]?.announcedAt = now
      return .announce(sessionID: member.sessionID)
    }
    members = members.filter { $0.value.hasBegun || now - $0.value.announcedAt < Self.patience }
    guard members.count - begunCount < Self.limits.announced || members[receiverID] != nil else {
      return .refuse
    }
    // A new address gets a new id: who joins with it has heard it there.
    let member = Member(address: address, sessionID: draw(), announcedAt: now)
    members[receiverID] = member
    return .announce(sessionID: member.sessionID)
  }

  /// A join of another session than the group's. The member whose own session begins with it; nil for all
  /// others.
  package mutating func takeJoin(of sessionID: UInt64, from address: SocketAddress) -> UInt64? {
    guard let (id, member) = members.first(where: { $0.value.sessionID == sessionID }),
      member.address == address, !member.hasBegun, mayBegin
    else { return nil }
    members[id]?.hasBegun = true
    begunCount += 1
    return id
  }

  /// Until when a member that was announced to may join; `.zero` when none is awaited.
  package var awaitedUntil: Instant {
    members.values.reduce(.zero) { $1.hasBegun ? $0 : max($0, $1.announcedAt + Self.patience) }
  }
}
