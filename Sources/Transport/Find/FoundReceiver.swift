import FileSet
package import Ground
package import NIOCore
import Network
package import Wire

/// A receiver that has answered an invitation.
package struct FoundReceiver: Equatable, Sendable {
  /// One of its addresses: where it answered from.
  package struct Place: Equatable, Sendable {
    package var address: SocketAddress
    /// The link of this host on which it was invited.
    package var interfaceIndex: Int
    package var isLoopback: Bool
    /// The ways by which invitations arrived there.
    package var ways: Invitation.Ways

    package init(address: SocketAddress, interfaceIndex: Int, isLoopback: Bool, ways: Invitation.Ways) {
      self.address = address
      self.interfaceIndex = interfaceIndex
      self.isLoopback = isLoopback
      self.ways = ways
    }
  }

  /// Places that are kept of a receiver.
  package static let placeLimit = 8

  package let receiverID: UInt64
  /// From the wire, so print it as `name.printable`.
  package let name: String
  package var isBusy: Bool
  /// 0: it accepts no connections.
  package var tcpPort: Int
  /// Never empty.
  package var places: [Place]

  package init(receiverID: UInt64, name: String, isBusy: Bool, tcpPort: Int, places: [Place]) {
    self.receiverID = receiverID
    self.name = name
    self.isBusy = isBusy
    self.tcpPort = tcpPort
    self.places = places
  }

  /// Where to send to it alone: within this host if it is there, else by IPv4 before IPv6, because an IPv6
  /// address of the link needs its interface beside it.
  package var place: Place? {
    places.min { Self.rank($0) < Self.rank($1) }
  }

  private static func rank(_ place: Place) -> Int {
    (place.isLoopback ? 0 : 2) + (place.address.isIPv6 ? 1 : 0)
  }

  /// `radish (10.1.1.34)`.
  package var text: String {
    let address = place?.address.plainIPAddress ?? "?"
    return name.isEmpty ? address : "\(name.printable) (\(address))"
  }

  /// For people and scripts.
  package var host: FoundHost {
    FoundHost(
      name: name, address: place?.address.plainIPAddress ?? "", receiverID: receiverID.hexadecimal,
      isBusy: isBusy)
  }
}
