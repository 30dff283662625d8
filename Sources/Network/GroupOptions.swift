internal import Glibc
package import NIOCore

/// The socket options of group communication, ip(7) and ipv6(7), by interface index. An index has two
/// advantages over an address: an address can move to another interface, and an interface may have no IPv4
/// address.
package enum GroupOptions {
  /// Linux has names for these two, but only some versions of Glibc's headers show them to Swift.
  private static let ipMulticastAll: Int32 = 49
  private static let ipv6MulticastAll: Int32 = 29

  /// Makes a socket send to groups of this family by an interface (0: the routing table chooses), over at
  /// most `hopCount` links, in [0, 255]. `loopsBack`: receivers on this host also hear the datagrams.
  package static func setSending(
    _ socket: some SocketOptionTarget, isIPv6: Bool, interfaceIndex: Int, hopCount: Int, loopsBack: Bool
  ) throws {
    let loops: Int32 = loopsBack ? 1 : 0
    if isIPv6 {
      if interfaceIndex > 0 { try set(socket, IPPROTO_IPV6, IPV6_MULTICAST_IF, Int32(interfaceIndex)) }
      try set(socket, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, Int32(hopCount))
      try set(socket, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, loops)
    } else {
      if interfaceIndex > 0 {
        let choice = IPv4Membership(group: 0, interfaceIndex: Int32(interfaceIndex))
        try set(socket, IPPROTO_IP, IP_MULTICAST_IF, choice)
      }
      try set(socket, IPPROTO_IP, IP_MULTICAST_TTL, Int32(hopCount))
      try set(socket, IPPROTO_IP, IP_MULTICAST_LOOP, loops)
    }
  }

  /// Joins `group` on an interface. The socket does not hear groups that other sockets of this host joined.
  package static func join(
    _ socket: some SocketOptionTarget, group: SocketAddress, interfaceIndex: Int
  ) throws {
    if group.isIPv6 {
      guard let address = group.bytes(at: 8, as: IPv6Membership.Group.self) else { return }  // sin6_addr
      try set(socket, IPPROTO_IPV6, ipv6MulticastAll, Int32(0))
      let membership = IPv6Membership(group: address, interfaceIndex: UInt32(interfaceIndex))
      try set(socket, IPPROTO_IPV6, IPV6_JOIN_GROUP, membership)
    } else {
      guard let address = group.bytes(at: 4, as: UInt32.self) else { return }  // sin_addr
      try set(socket, IPPROTO_IP, ipMulticastAll, Int32(0))
      let membership = IPv4Membership(group: address, interfaceIndex: Int32(interfaceIndex))
      try set(socket, IPPROTO_IP, IP_ADD_MEMBERSHIP, membership)
    }
  }

  private static func set<Value: Sendable & BitwiseCopyable>(
    _ socket: some SocketOptionTarget, _ level: some BinaryInteger, _ name: Int32, _ value: Value
  ) throws {
    try socket.set(level: Int32(level), name: name, value)
  }
}

/// `struct ip_mreqn`, ip(7).
private struct IPv4Membership: Sendable, BitwiseCopyable {
  /// In network order.
  var group: UInt32
  /// 0.0.0.0: the index says which interface.
  var address: UInt32 = 0
  var interfaceIndex: Int32
}

/// `struct ipv6_mreq`, ipv6(7).
private struct IPv6Membership: Sendable, BitwiseCopyable {
  typealias Group = (UInt32, UInt32, UInt32, UInt32)
  /// 16 bytes in network order.
  var group: Group
  var interfaceIndex: UInt32
}
