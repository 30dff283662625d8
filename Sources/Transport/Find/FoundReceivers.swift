package import Wire

/// The receivers that have answered a search so far; Specs/invitations.md §5. Bounded, whatever arrives.
package struct FoundReceivers {
  package static let limit = 1_024

  package enum Change: Equatable {
    /// A receiver that was not known.
    case new(FoundReceiver)
    /// A known one has become busy, or free.
    case busy(FoundReceiver)
  }

  private let room: UInt64
  /// In the order in which they were found.
  package private(set) var all: [FoundReceiver] = []

  package init(room: Room) { self.room = room.digest }

  /// Those that take a session.
  package var free: [FoundReceiver] { all.filter { !$0.isBusy } }

  /// An answer to this search has arrived on a link.
  package mutating func take(_ answer: InvitationAnswer, at place: FoundReceiver.Place) -> Change? {
    guard answer.room == room else { return nil }
    guard let known = all.firstIndex(where: { $0.receiverID == answer.receiverID }) else {
      guard all.count < Self.limit else { return nil }
      let receiver = FoundReceiver(
        receiverID: answer.receiverID, name: answer.hostName, isBusy: answer.isBusy,
        tcpPort: Int(answer.tcpPort), places: [place])
      // A receiver that was started anew at this address takes the place of the earlier one.
      all.removeAll { $0.places.contains { $0.address == place.address } }
      all.append(receiver)
      return .new(receiver)
    }
    if let at = all[known].places.firstIndex(where: { $0.address == place.address }) {
      all[known].places[at].ways.formUnion(place.ways)
    } else if all[known].places.count < FoundReceiver.placeLimit {
      all[known].places.append(place)
    }
    guard all[known].isBusy != answer.isBusy else { return nil }
    all[known].isBusy = answer.isBusy
    return .busy(all[known])
  }
}
