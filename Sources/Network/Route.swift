internal import Glibc
import Ground
package import NIOCore

/// What the kernel would do with a datagram to an address: which interface, from which address, how large.
package struct Route: Equatable, Sendable {
  /// The interface by which a datagram leaves; nil when the kernel does not tell it and no interface has the
  /// source address.
  package var interface: NetworkInterface?
  package var source: SocketAddress
  /// The path MTU as far as it is known, bytes of IP packet: that of the route, or that of the interface.
  package var mtuByteCount: Int

  /// The largest UDP payload that leaves in one packet: the MTU less IP and UDP headers, at most 65,507
  /// (IPv4).
  package var datagramByteCount: Int {
    Self.datagramByteCount(mtuByteCount: mtuByteCount, isIPv6: source.isIPv6)
  }

  package static func datagramByteCount(mtuByteCount: Int, isIPv6: Bool) -> Int {
    min(mtuByteCount - headerByteCount(isIPv6: isIPv6), PacketSize.largestDatagram)
  }

  /// Bytes of IP and UDP header, without options.
  package static func headerByteCount(isIPv6: Bool) -> Int {
    (isIPv6 ? PacketSize.ipv6 : PacketSize.ipv4) + PacketSize.udp
  }

  /// The path MTU as far as the kernel knows it now. It is smaller than before when a router has said that a
  /// packet was too large. Nil without a route. `interface`: as in `to`.
  package static func mtuByteCount(to address: SocketAddress, interface: NetworkInterface? = nil) -> Int? {
    let descriptor = socket(address.isIPv6 ? AF_INET6 : AF_INET, Int32(SOCK_DGRAM.rawValue) | O_CLOEXEC, 0)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    interface.map { keep(descriptor, to: $0, isIPv6: address.isIPv6) }
    guard address.withSockAddr({ connect(descriptor, $0, socklen_t($1)) }) == 0 else { return nil }
    return mtuByteCount(of: descriptor, isIPv6: address.isIPv6)
  }

  /// Of a socket that is connected.
  private static func mtuByteCount(of descriptor: Int32, isIPv6: Bool) -> Int? {
    var mtu: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    let status = getsockopt(
      descriptor, Int32(isIPv6 ? IPPROTO_IPV6 : IPPROTO_IP), isIPv6 ? IPV6_MTU : IP_MTU, &mtu, &length)
    return status == 0 && mtu > 0 ? Int(mtu) : nil
  }

  /// A socket that asks for routes of one interface only.
  private static func keep(_ descriptor: Int32, to interface: NetworkInterface, isIPv6: Bool) {
    let socket = DescriptorSocket(descriptor)
    try? InterfaceBinding.bind(socket, to: interface)
    // Where the kernel refused to bind it.
    try? InterfaceBinding.setSending(socket, isIPv6: isIPv6, by: interface)
    try? GroupOptions.setSending(
      socket, isIPv6: isIPv6, interfaceIndex: interface.index, hopCount: 1, loopsBack: true)
  }

  /// Asks the kernel, through a UDP socket that is connected and never used. With `interface`, only its
  /// routes count.
  package static func to(_ address: SocketAddress, interface: NetworkInterface? = nil) throws(NetworkError)
    -> Route
  {
    let descriptor = socket(address.isIPv6 ? AF_INET6 : AF_INET, Int32(SOCK_DGRAM.rawValue) | O_CLOEXEC, 0)
    guard descriptor >= 0 else { throw .noRoute(to: address.text, by: nil, errno: errno) }
    defer { close(descriptor) }
    var on: Int32 = 1
    let size = socklen_t(MemoryLayout<Int32>.size)
    _ = setsockopt(descriptor, SOL_SOCKET, SO_BROADCAST, &on, size)
    interface.map { keep(descriptor, to: $0, isIPv6: address.isIPv6) }
    let connected = address.withSockAddr { connect(descriptor, $0, socklen_t($1)) }
    guard connected == 0 else { throw .noRoute(to: address.text, by: interface?.name, errno: errno) }
    let mtu = mtuByteCount(of: descriptor, isIPv6: address.isIPv6) ?? 1_500
    guard let source = localAddress(of: descriptor) else {
      throw .noRoute(to: address.text, by: nil, errno: errno)
    }
    let chosen = interface ?? RouteQuery.interfaceIndex(to: address).flatMap(NetworkInterface.numbered)
    return Route(interface: chosen ?? NetworkInterface.holding(source), source: source, mtuByteCount: mtu)
  }

  private static func localAddress(of descriptor: Int32) -> SocketAddress? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let status = withUnsafeMutablePointer(to: &storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    guard status == 0 else { return nil }
    let family = Int32(storage.ss_family)
    return withUnsafeBytes(of: &storage) { raw in
      switch family {
      case AF_INET: SocketAddress(raw.loadUnaligned(as: sockaddr_in.self))
      case AF_INET6: SocketAddress(raw.loadUnaligned(as: sockaddr_in6.self))
      default: nil
      }
    }
  }
}
