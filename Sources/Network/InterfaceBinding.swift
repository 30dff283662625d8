internal import Glibc
internal import NIOCore

/// Keeps a socket to one interface of this host, whatever the routing table says. Neither needs a privilege: binding a
/// socket to a device did before Linux 5.7.
package enum InterfaceBinding {
  /// `SO_BINDTOIFINDEX`, by the number and without a name that may change: socket(7), asm-generic/socket.h.
  package static let bindToIndexOption: Int32 = 62
  /// `IP_UNICAST_IF` and `IPV6_UNICAST_IF`: ip(7), ipv6(7).
  private static let unicastInterface: (v4: Int32, v6: Int32) = (50, 76)

  /// What this socket sends leaves by the interface, and it hears only what arrives there. Before the socket is bound.
  package static func bind(_ socket: some SocketOptionTarget, to interface: NetworkInterface) throws {
    try socket.set(level: SOL_SOCKET, name: bindToIndexOption, Int32(interface.index))
  }

  /// Datagrams of this socket to hosts and to broadcast addresses leave by the interface. Unlike a bound socket this one
  /// hears answers that arrive elsewhere: those of a receiver on this very host arrive by the loopback interface.
  package static func setSending(
    _ socket: some SocketOptionTarget, isIPv6: Bool, by interface: NetworkInterface
  ) throws {
    let index = UInt32(interface.index).bigEndian
    try isIPv6
      ? socket.set(level: Int32(IPPROTO_IPV6), name: unicastInterface.v6, index)
      : socket.set(level: Int32(IPPROTO_IP), name: unicastInterface.v4, index)
  }
}
