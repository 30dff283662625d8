import Glibc
package import NIOCore
package import Network

/// A UDP socket of a session, with the buffers and options that the kernel granted. It is closed with its
/// last reference, or earlier by `close`.
package final class UDPSocket {
  /// The buffer size to ask for, on both sides. `rmem_max` and `wmem_max` limit it, so the size is read back.
  private static let bufferByteCount: Int32 = 8 << 20
  /// `SO_RCVBUFFORCE`: socket(7).
  private static let forceReceiveBufferOption: Int32 = 33
  private static let forcedBufferByteCount: Int32 = 16 << 20
  /// `SO_MEMINFO`, nine 32-bit numbers, and the place of `SK_MEMINFO_DROPS` in them: socket(7),
  /// linux/sock_diag.h.
  private static let memoryInfo: (option: Int32, wordCount: Int, dropsWord: Int) = (55, 9, 8)
  /// `IP_MTU_DISCOVER`, `IPV6_MTU_DISCOVER` and the value that sets don't-fragment: ip(7).
  private static let pathMtuDiscovery: (v4: Int32, v6: Int32, always: Int32) = (10, 23, 2)
  /// `IP_PKTINFO` and `IPV6_RECVPKTINFO`: ip(7), ipv6(7).
  private static let packetInfo: (v4: Int32, v6: Int32) = (8, 49)
  /// `SOL_UDP` and `UDP_GRO`: linux/udp.h.
  private static let receiveOffload: (level: Int32, option: Int32) = (17, 104)

  /// -1 after `close`.
  package private(set) var descriptor: Int32

  private let hasChosenPort: Bool
  /// The one interface that this socket hears and sends by; nil for all.
  package let interface: NetworkInterface?
  /// The kernel tells the ECN field of each datagram.
  package internal(set) var tellsMarks = false
  /// The addresses of this host from which to answer.
  package var replies = ReplyAddresses()
  /// Takes what is written, in place of the kernel: bytes, bytes of each datagram, address. Set in tests.
  package var carrier: ((UnsafeRawBufferPointer, Int, SocketAddress) -> Void)?

  /// Takes ownership of a descriptor.
  package init(descriptor: Int32) {
    self.descriptor = descriptor
    hasChosenPort = false
    interface = nil
  }

  /// Opens a socket and binds it. Throws `IOError`, and `NetworkError` when it cannot be restricted to
  /// `interface`.
  package init(at address: SocketAddress, sharesPort: Bool, interface: NetworkInterface? = nil) throws {
    self.interface = interface
    hasChosenPort = address.port.map { $0 > 0 } ?? false
    let kind = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue)
    descriptor = socket(address.isIPv6 ? AF_INET6 : AF_INET, kind, 0)
    guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "socket") }
    if sharesPort { try options.set(level: SOL_SOCKET, name: SO_REUSEADDR, Int32(1)) }
    try options.set(level: SOL_SOCKET, name: SO_BROADCAST, Int32(1))
    try options.set(level: SOL_SOCKET, name: SO_RCVBUF, Self.bufferByteCount)
    try options.set(level: SOL_SOCKET, name: SO_SNDBUF, Self.bufferByteCount)
    if let interface {
      do { try InterfaceBinding.bind(options, to: interface) } catch let error as IOError {
        throw NetworkError.interfaceRefused(interface.name, errno: error.errnoCode)
      }
    }
    guard address.withSockAddr({ Glibc.bind(descriptor, $0, socklen_t($1)) }) == 0 else {
      throw IOError(errnoCode: errno, reason: "bind")
    }
  }

  deinit { close() }

  /// Closes the socket and frees its port.
  package func close() {
    if descriptor >= 0 { _ = Glibc.close(descriptor) }
    descriptor = -1
  }

  package var options: DescriptorSocket { DescriptorSocket(descriptor) }

  /// What it is bound to; nil once it is closed.
  package var localAddress: SocketAddress? {
    withUnsafeTemporaryAllocation(of: sockaddr_storage.self, capacity: 1) { name -> SocketAddress? in
      guard let base = name.baseAddress else { return nil }
      var byteCount = socklen_t(MemoryLayout<sockaddr_storage>.size)
      let raw = UnsafeMutableRawPointer(base)
      guard getsockname(descriptor, raw.assumingMemoryBound(to: sockaddr.self), &byteCount) == 0 else {
        return nil
      }
      return SocketAddress(kernelForm: UnsafeRawBufferPointer(start: raw, count: Int(byteCount)))
    }
  }

  /// Trains instead of datagrams from the kernel (GRO), where it can.
  package func enableReceiveOffload() {
    try? options.set(level: Self.receiveOffload.level, name: Self.receiveOffload.option, Int32(1))
  }

  /// Sends every datagram unfragmented or not at all, because the loss of one fragment would lose the whole
  /// datagram.
  package func forbidFragments(isIPv6: Bool) {
    try? options.set(
      level: Int32(isIPv6 ? IPPROTO_IPV6 : IPPROTO_IP),
      name: isIPv6 ? Self.pathMtuDiscovery.v6 : Self.pathMtuDiscovery.v4, Self.pathMtuDiscovery.always)
  }

  /// Sets a larger receive buffer than `rmem_max` allows, where this process may (CAP_NET_ADMIN). On a busy
  /// host it keeps datagrams while another process runs.
  package func forceReceiveBuffer() {
    try? options.set(
      level: SOL_SOCKET, name: Self.forceReceiveBufferOption, Self.forcedBufferByteCount)
  }

  /// What the kernel granted for SO_RCVBUF, bytes.
  package var receiveBufferByteCount: Int {
    var byteCount: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    let status = getsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &byteCount, &length)
    return status == 0 ? Int(byteCount) : 212_992
  }

  /// Whether the kernel tells, for each datagram, to which address of this host it was sent.
  package func tellDestinations(_ tells: Bool) {
    guard let address = localAddress else { return }
    try? options.set(
      level: Int32(address.isIPv6 ? IPPROTO_IPV6 : IPPROTO_IP),
      name: address.isIPv6 ? Self.packetInfo.v6 : Self.packetInfo.v4, Int32(tells ? 1 : 0))
  }

  /// Remembers to which address of this host a datagram was sent, when the kernel tells it.
  func note(_ arrival: Arrival) {
    guard let local = arrival.destination else { return }
    replies.note(peer: arrival.name, local: local)
  }

  /// Restricts the socket to datagrams of this sender, until `widen`. False when this is impossible, or could
  /// not be undone.
  package func narrow(to peer: SocketAddress) -> Bool {
    // A port that the kernel chose would be lost with the connection.
    guard hasChosenPort else { return false }
    return peer.withSockAddr { connect(descriptor, $0, socklen_t($1)) } == 0
  }

  /// Takes datagrams of all senders again.
  package func widen() {
    var nobody = sockaddr()
    nobody.sa_family = sa_family_t(AF_UNSPEC)
    _ = connect(descriptor, &nobody, socklen_t(MemoryLayout<sockaddr>.size))
  }

  /// The number of datagrams that the kernel has dropped at this socket because its buffer was full; nil when
  /// the kernel does not tell it.
  package var dropCount: UInt32? {
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: Self.memoryInfo.wordCount) { words in
      var length = socklen_t(words.count * MemoryLayout<UInt32>.size)
      let status = getsockopt(descriptor, SOL_SOCKET, Self.memoryInfo.option, words.baseAddress, &length)
      guard status == 0, Int(length) > Self.memoryInfo.dropsWord * MemoryLayout<UInt32>.size else {
        return nil
      }
      return words[Self.memoryInfo.dropsWord]
    }
  }
}
