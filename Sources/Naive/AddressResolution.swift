import Ground
internal import NIOCore
internal import Network

/// Names into socket addresses.
enum AddressResolution {
  /// The address of `endpoint`, checked against its mode. When a name has both families, IPv4 is used,
  /// because the course's programs know no other.
  static func resolve(_ endpoint: NaiveEndpoint) throws(NaiveError) -> SocketAddress {
    let address = try resolve(host: endpoint.host, port: endpoint.port)
    switch endpoint.mode {
    case .multicast where !address.isMulticast:
      throw .unsuitableAddress(
        "\(endpoint.host) is no multicast group: IPv4 groups are 224.0.0.0 to 239.255.255.255, IPv6 groups start with ff"
      )
    case .unicast where address.isMulticast, .tcp where address.isMulticast:
      throw .unsuitableAddress("\(endpoint.host) is a multicast group: use the multicast mode")
    case .broadcast:
      guard case .v4 = address else {
        throw .unsuitableAddress(
          "\(endpoint.host): IPv6 has no broadcast; use multicast, or an IPv4 broadcast address")
      }
    default: break
    }
    return address
  }

  private static func resolve(host: String, port: Int) throws(NaiveError) -> SocketAddress {
    do throws(NetworkError) {
      let addresses = try HostResolver.addresses(host: host, port: port)
      guard let address = addresses.first(where: { !$0.isIPv6 }) ?? addresses.first else {
        throw NetworkError.hostUnknown(host: host, reason: "no address")
      }
      return address
    } catch { throw .address(error) }
  }

  /// The address that a sender's socket is bound to: any address and any port, of the receiver's family.
  static func wildcard(like address: SocketAddress) throws -> SocketAddress {
    if case .v6 = address { return try SocketAddress(ipAddress: "::", port: 0) }
    return try SocketAddress(ipAddress: "0.0.0.0", port: 0)
  }
}
