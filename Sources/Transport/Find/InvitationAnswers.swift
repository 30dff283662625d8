package import Ground
package import NIOCore
import Network
package import Wire

/// Which invitations a receiver answers, and when; Specs/invitations.md §4. Decides, and sends nothing.
///
/// Receivers answer after a random wait, because one invitation reaches all of them at once. By then the
/// invitation has often arrived by a second way, and one answer names both.
package struct InvitationAnswers {
  /// Searches that are remembered, and answers in a second. A sender invites four times a second from each of
  /// its addresses.
  package static let limits = (searches: 64, answersPerSecond: 100)
  /// A search that was silent for this time gives its place to another one.
  private static let memory: Nanoseconds = .seconds(5)
  /// The invitations of a round follow each other within this time.
  private static let leastWait: Nanoseconds = .milliseconds(5)

  private struct Search {
    let address: SocketAddress
    let searchID: UInt64
    var round: UInt32 = 0
    var ways: Invitation.Ways = []
    var heardAt: Instant
    var isWaiting = false
    var answered: (round: UInt32, ways: Invitation.Ways)?
  }

  /// The answer, but for what differs between two answers.
  private let template: InvitationAnswer
  /// Whether an address is that of a host on this link; others are not answered.
  private let isOnLink: (SocketAddress) -> Bool
  private var searches: [Search] = []
  private var generator: SplitMix64
  private var second = (beganAt: Instant.zero, answerCount: 0)

  /// `template`: its ways and `isBusy` do not matter.
  package init(
    _ template: InvitationAnswer, isOnLink: @escaping (SocketAddress) -> Bool = { Link.reaches($0) }
  ) {
    self.template = template
    self.isOnLink = isOnLink
    generator = SplitMix64(seed: template.receiverID)
  }

  /// An invitation has arrived. Returns after which time to call `answer` with this address; nil: not for it.
  package mutating func take(
    _ invitation: Invitation, header: DatagramHeader, from address: SocketAddress, now: Instant
  ) -> Nanoseconds? {
    guard invitation.room == template.room, header.sessionID != 0,
      let place = place(of: header.sessionID, at: address, now: now)
    else { return nil }
    searches[place].heardAt = now
    searches[place].round = header.packetNumber
    searches[place].ways.formUnion(invitation.way)
    let search = searches[place]
    guard !search.isWaiting, mayAnswer(now: now) else { return nil }
    if let answered = search.answered, answered == (search.round, search.ways) { return nil }
    searches[place].isWaiting = true
    second.answerCount += 1
    let spread = UInt64(invitation.spreadMilliseconds) * 1_000_000
    return Self.leastWait + Nanoseconds(UInt64.random(in: 0...spread, using: &generator))
  }

  /// The wait is over: the datagram that answers; nil when its search has been forgotten.
  package mutating func answer(to address: SocketAddress, isBusy: Bool) -> [UInt8]? {
    guard let place = searches.firstIndex(where: { $0.address == address && $0.isWaiting }) else {
      return nil
    }
    searches[place].isWaiting = false
    let search = searches[place]
    searches[place].answered = (search.round, search.ways)
    var answer = template
    answer.ways = search.ways
    answer.isBusy = isBusy
    return answer.encode(sessionID: search.searchID, packetNumber: search.round)
  }

  /// Where a search is remembered. A new one of an address takes the place of its earlier one.
  private mutating func place(of searchID: UInt64, at address: SocketAddress, now: Instant) -> Int? {
    let new = Search(address: address, searchID: searchID, heardAt: now)
    if let known = searches.firstIndex(where: { $0.address == address }) {
      if searches[known].searchID != searchID {
        guard !searches[known].isWaiting else { return nil }
        searches[known] = new
      }
      return known
    }
    guard mayAnswer(now: now), isOnLink(address) else { return nil }
    if searches.count < Self.limits.searches {
      searches.append(new)
      return searches.count - 1
    }
    guard let old = searches.firstIndex(where: { !$0.isWaiting && now - $0.heardAt >= Self.memory }) else {
      return nil
    }
    searches[old] = new
    return old
  }

  private mutating func mayAnswer(now: Instant) -> Bool {
    if now - second.beganAt >= .seconds(1) { second = (now, 0) }
    return second.answerCount < Self.limits.answersPerSecond
  }
}
