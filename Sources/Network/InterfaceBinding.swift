internal import Glibc
internal import NIOCore

/// Restricts a socket to one interface of this host, whatever the routing table says. No privilege is needed.
/// (Before Linux 5.7, binding a socket to a device needed one.)
package enum InterfaceBinding {
  /// `SO_BINDTOIFINDEX`: by the interface's number, because a name may change: socket(7),
  /// asm-generic/socket.h.
  package static let bindToIndexOption: Int32 = 62
  /// `IP_UNICAST_IF` and `IPV6_UNICAST_IF`: ip(7), ipv6(7).
  private static let unicastInterface: (v4: Int32, v6: Int32) = (50, 76)

  /// The socket sends by this interface only, and hears only what arrives by it. Call this before the socket
  /// is bound.
  package static func bind(_ socket: some SocketOptionTarget, to interface: NetworkInterface) throws {
    try socket.set(level: SOL_SOCKET, name: bindToIndexOption, Int32(interface.index))
  }

  /// Datagrams of this socket to hosts and to broadcast addresses leave by the interface. The socket still
  /// hears answers that arrive by others. The answers of a receiver on the same host arrive by the loopback
  /// interface.
  package static func setSending(
    _ socket: some SocketOptionTarget, isIPv6: Bool, by interface: NetworkInterface
  ) throws {
    let index = UInt32(interface.index).bigEndian
    try isIPv6
      ? socket.set(level: Int32(IPPROTO_IPV6), name: unicastInterface.v6, index)
      : socket.set(level: Int32(IPPROTO_IP), name: unicastInterface.v4, index)
  }
}
