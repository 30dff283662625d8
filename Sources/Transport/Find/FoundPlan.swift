import NIOCore
import Network
import Wire

/// How the receivers that were found are served: several of them by multicast on one link, and each other by
/// unicast.
package struct FoundPlan: Equatable, Sendable {
  /// The link on which a group reaches its members.
  package struct Group: Equatable, Sendable {
    package var interfaceIndex: Int
    package var isIPv6: Bool
    package var members: [FoundReceiver]
  }

  /// Nil: fewer than two receivers have heard the room's group on any link.
  package var group: Group?
  /// Served one by one, and not reached by the group when there is one.
  package var others: [FoundReceiver]

  /// Takes the link and the family by which the group reaches most of the receivers; of equal ones that
  /// outside of this host, then IPv4, then the interface with the lower number.
  package init(_ receivers: [FoundReceiver]) {
    var candidates: [Key: [FoundReceiver]] = [:]
    for receiver in receivers {
      for key in Set(receiver.places.filter { $0.ways.contains(.group) }.map(Key.init)) {
        candidates[key, default: []].append(receiver)
      }
    }
    let best = candidates.max { ($0.value.count, $1.key) < ($1.value.count, $0.key) }
    guard let (key, members) = best, members.count > 1 else {
      group = nil
      others = receivers
      return
    }
    group = Group(interfaceIndex: key.interfaceIndex, isIPv6: key.isIPv6, members: members)
    let ids = Set(members.map(\.receiverID))
    others = receivers.filter { !ids.contains($0.receiverID) }
  }

  /// Whether waiting for more answers changes nothing: one receiver, or a group that reaches all.
  package var isComplete: Bool { others.count + (group?.members.count ?? 0) < 2 || others.isEmpty }

  /// Whether somebody is served over IPv6.
  package var usesIPv6: Bool {
    group?.isIPv6 ?? false || others.contains { $0.place?.address.isIPv6 ?? false }
  }

  private struct Key: Hashable, Comparable {
    var isLoopback: Bool
    var isIPv6: Bool
    var interfaceIndex: Int

    init(_ place: FoundReceiver.Place) {
      (isLoopback, isIPv6, interfaceIndex) = (place.isLoopback, place.address.isIPv6, place.interfaceIndex)
    }

    /// The better one is less.
    static func < (a: Key, b: Key) -> Bool {
      let (left, right) = (a.rank, b.rank)
      return left == right ? a.interfaceIndex < b.interfaceIndex : left < right
    }

    private var rank: Int { (isLoopback ? 2 : 0) + (isIPv6 ? 1 : 0) }
  }
}
