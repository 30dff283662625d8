internal import Glibc
internal import NIOCore

/// The socket options of group communication, ip(7) and ipv6(7), by interface index: an address can move to another
/// interface, and interfaces without an IPv4 address can be used.
enum MulticastOptions {
  /// Linux names these two; Glibc's headers show them to Swift on some versions only.
  private static let ipMulticastAll: Int32 = 49
  private static let ipv6MulticastAll: Int32 = 29

  /// The index of the interface that has this name or address.
  static func interfaceIndex(of name: String) throws(NaiveError) -> Int {
    let devices: [NIONetworkDevice]
    do { devices = try System.enumerateDevices() } catch {
      throw .from(error, action: "cannot list the network interfaces")
    }
    if let device = devices.first(where: { $0.name == name || $0.address?.ipAddress == name }) {
      return device.interfaceIndex
    }
    var seen = Set<String>()
    throw .interfaceNotFound(name, available: devices.map(\.name).filter { seen.insert($0).inserted })
  }

  /// The interface an endpoint names, by name, address or IPv6 zone; 0 leaves it to the routing table.
  static func interfaceIndex(of endpoint: NaiveEndpoint, group: SocketAddress) throws(NaiveError) -> Int {
    if let name = endpoint.interface { return try interfaceIndex(of: name) }
    return group.scopeIndex
  }

  /// Makes `channel` send its datagrams to groups out of this interface.
  static func setSending(
    _ channel: any Channel, endpoint: NaiveEndpoint, group: SocketAddress, interfaceIndex: Int
  ) throws {
    let loops: Int32 = endpoint.isLoopbackEnabled ? 1 : 0
    let hops = Int32(endpoint.timeToLive)
    if case .v6 = group {
      if interfaceIndex > 0 { try set(channel, IPPROTO_IPV6, IPV6_MULTICAST_IF, Int32(interfaceIndex)) }
      try set(channel, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, hops)
      try set(channel, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, loops)
    } else {
      if interfaceIndex > 0 {
        try set(
          channel, IPPROTO_IP, IP_MULTICAST_IF, IPv4Membership(group: 0, interfaceIndex: interfaceIndex))
      }
      try set(channel, IPPROTO_IP, IP_MULTICAST_TTL, hops)
      try set(channel, IPPROTO_IP, IP_MULTICAST_LOOP, loops)
    }
  }

  /// Joins `group` on this interface, and on no account hears groups that other sockets of this host joined.
  static func join(_ channel: any Channel, group: SocketAddress, interfaceIndex: Int) throws {
    if case .v6 = group {
      guard let address = group.bytes(at: 8, as: IPv6Membership.Group.self) else { return }  // sin6_addr
      try set(channel, IPPROTO_IPV6, ipv6MulticastAll, Int32(0))
      try set(
        channel, IPPROTO_IPV6, IPV6_JOIN_GROUP, IPv6Membership(group: address, interfaceIndex: interfaceIndex)
      )
    } else {
      guard let address = group.bytes(at: 4, as: UInt32.self) else { return }  // sin_addr
      try set(channel, IPPROTO_IP, ipMulticastAll, Int32(0))
      try set(
        channel, IPPROTO_IP, IP_ADD_MEMBERSHIP, IPv4Membership(group: address, interfaceIndex: interfaceIndex)
      )
    }
  }

  private static func set<Value: Sendable>(
    _ channel: any Channel, _ level: some BinaryInteger, _ name: Int32, _ value: Value
  ) throws {
    guard let options = channel as? any SocketOptionProvider else { return }
    try options.unsafeSetSocketOption(
      level: SocketOptionLevel(level), name: SocketOptionName(name), value: value
    ).wait()
  }
}

/// `struct ip_mreqn`, ip(7).
private struct IPv4Membership: Sendable {
  /// In network order.
  var group: UInt32
  /// 0.0.0.0: the index below says which interface.
  var address: UInt32 = 0
  var interfaceIndex: Int32

  init(group: UInt32, interfaceIndex: Int) {
    self.group = group
    self.interfaceIndex = Int32(interfaceIndex)
  }
}

/// `struct ipv6_mreq`, ipv6(7).
private struct IPv6Membership: Sendable {
  typealias Group = (UInt32, UInt32, UInt32, UInt32)
  /// 16 bytes in network order.
  var group: Group
  var interfaceIndex: UInt32

  init(group: Group, interfaceIndex: Int) {
    self.group = group
    self.interfaceIndex = UInt32(interfaceIndex)
  }
}
