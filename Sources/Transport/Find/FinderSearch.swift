import Accounting
import FileSet
package import Ground
import Network
package import Wire

/// A search under way: when to invite, what is found, and when that is enough. Sends nothing.
package struct FinderSearch {
  /// Between two rounds of invitations: soon at first, then rarely.
  private static let intervals: [Nanoseconds] = [
    .milliseconds(100), .milliseconds(150), .milliseconds(250), .milliseconds(500),
  ]
  /// After the last wanted receiver was found: time for it to be heard by every way, and time for the answers
  /// over IPv4, whose addresses people know, where those over IPv6 came first.
  private static let settling: (ways: Nanoseconds, ipv4: Nanoseconds) = (.seconds(2), .milliseconds(300))
  /// Over which receivers spread their answers: in all, and more for each that is known.
  private static let spreadMilliseconds = (base: 20, each: 1)

  package let id = UInt64.random(in: 1...UInt64.max)
  package private(set) var round: UInt32 = 0
  private let options: FinderOptions
  private let now: () -> Instant
  private let beganAt: Instant
  private var invitesAt: Instant
  private var found: FoundReceivers
  /// When enough receivers were known, or the user wanted to start.
  private var enoughAt: Instant?

  package init(_ options: FinderOptions, now: @escaping () -> Instant) {
    self.options = options
    self.now = now
    beganAt = now()
    invitesAt = beganAt
    found = FoundReceivers(room: options.room)
  }

  /// What people read when it begins.
  package var beginning: String {
    let room = options.roomName.map { " in room \($0.printable)" } ?? ""
    let until =
      if !options.names.isEmpty {
        options.names.map(\.printable).joined(separator: ", ")
      } else {
        options.receiverCount.map { Counted.text($0, "receiver") } ?? "receivers"
      }
    let limit = options.seconds.map { ", up to \($0.shortText) s" } ?? ""
    return "looking for \(until)\(room)\(limit)"
      + (options.takeStart == nil ? "" : "; Enter starts with those that are found")
  }

  /// The milliseconds over which receivers are to spread their answers to the invitations that are due now;
  /// nil while none are due.
  package mutating func invites() -> UInt16? {
    guard now() >= invitesAt else { return nil }
    invitesAt = now() + Self.intervals[min(Int(round), Self.intervals.count - 1)]
    round &+= 1
    let spread = Self.spreadMilliseconds.base + Self.spreadMilliseconds.each * found.all.count
    return min(UInt16(clamping: spread), Invitation.maximumSpreadMilliseconds)
  }

  /// What to tell of an answer.
  package mutating func take(_ answer: InvitationAnswer, at place: FoundReceiver.Place)
    -> FoundReceivers.Change?
  {
    guard isWanted(answer.hostName) else { return nil }
    return found.take(answer, at: place)
  }

  private func isWanted(_ name: String) -> Bool {
    options.names.isEmpty || options.names.contains { $0.lowercased() == name.lowercased() }
  }

  /// The receivers to serve, when the search is over.
  package mutating func result(wantsStart: Bool, _ tell: (TransferEvent) -> Void) throws(TransportError)
    -> [FoundReceiver]?
  {
    let free = found.free
    let isLate = options.seconds.map { now() - beganAt >= Nanoseconds($0 * 1e9) } ?? false
    if wantsStart, free.isEmpty { tell(.notice("no receiver is found yet")) }
    if wantsStart || isLate || isEnough(free), !free.isEmpty { enoughAt = enoughAt ?? now() }
    if isLate, free.isEmpty {
      throw .nobodyFound(
        room: options.roomName, busyCount: found.all.count, seconds: options.seconds ?? 0)
    }
    // An answer by a further way may show that the group reaches a receiver.
    guard let enoughAt, !free.isEmpty else { return nil }
    let plan = FoundPlan(free)
    let wait =
      plan.isComplete ? plan.usesIPv6 ? Self.settling.ipv4 : 0 : Self.settling.ways
    return now() - enoughAt >= wait ? free : nil
  }

  private func isEnough(_ free: [FoundReceiver]) -> Bool {
    if !options.names.isEmpty {
      let names = Set(free.map { $0.name.lowercased() })
      return options.names.allSatisfy { names.contains($0.lowercased()) }
    }
    return options.receiverCount.map { free.count >= $0 } ?? false
  }
}
