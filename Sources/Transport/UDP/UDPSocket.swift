import Glibc
import NIOCore
import NIOPosix
import Network

/// Opens the datagram channels of this room, and reads what the kernel granted them.
enum UDPSocket {
  /// Asked for on both sides; `rmem_max` and `wmem_max` cap it, so it is read back.
  static let bufferByteCount = 8 << 20
  /// Datagrams, or trains of them, taken from the kernel by one recvmmsg.
  private static let readMessageCount = 16
  private static let messageByteCount = 65_536

  /// `SO_RCVBUFFORCE`: socket(7).
  private static let forceReceiveBufferOption = 33
  private static let forcedBufferByteCount = 16 << 20
  /// `SO_MEMINFO` and the place of `SK_MEMINFO_DROPS` in it: socket(7), linux/sock_diag.h.
  private static let memoryInfoOption = 55
  /// `IP_MTU_DISCOVER`, `IPV6_MTU_DISCOVER` and the value that sets don't-fragment: ip(7).
  private static let pathMtuDiscovery: (v4: Int, v6: Int, always: Int32) = (10, 23, 2)

  /// Opens a socket and binds it: a channel for what arrives, and a writer for what is sent. Throws `IOError`.
  static func open(
    at address: SocketAddress, group: any EventLoopGroup, sharesPort: Bool, receives: Bool
  ) throws -> (channel: any Channel, writer: DatagramWriter) {
    let descriptor = try bind(address, sharesPort: sharesPort)
    let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0 else {
      let code = errno
      _ = close(descriptor)
      throw IOError(errnoCode: code, reason: "fcntl")
    }
    let writer = DatagramWriter(descriptor: copy)
    return (try bootstrap(group: group, receives: receives).withBoundSocket(descriptor).wait(), writer)
  }

  private static func bind(_ address: SocketAddress, sharesPort: Bool) throws -> Int32 {
    let family = address.isIPv6 ? AF_INET6 : AF_INET
    let kind = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let descriptor = socket(family, kind, 0)
    guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "socket") }
    var yes: Int32 = 1
    let isReady =
      (!sharesPort
        || setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size)) == 0)
      && address.withSockAddr { Glibc.bind(descriptor, $0, socklen_t($1)) == 0 }
    guard isReady else {
      let code = errno
      _ = close(descriptor)
      throw IOError(errnoCode: code, reason: "bind")
    }
    return descriptor
  }

  private static func bootstrap(group: any EventLoopGroup, receives: Bool) -> DatagramBootstrap {
    DatagramBootstrap(group: group)
      .channelOption(
        .recvAllocator,
        value: FixedSizeRecvByteBufferAllocator(
          capacity: receives ? messageByteCount * readMessageCount : messageByteCount * 4)
      )
      .channelOption(.datagramVectorReadMessageCount, value: receives ? readMessageCount : 4)
      .channelOption(.maxMessagesPerRead, value: 4)
      .channelOption(ChannelOptions.socketOption(.so_broadcast), value: 1)
      .channelOption(ChannelOptions.socketOption(.so_rcvbuf), value: bufferByteCount)
      .channelOption(ChannelOptions.socketOption(.so_sndbuf), value: bufferByteCount)
  }

  /// Trains instead of datagrams from the kernel (GRO), where it can.
  static func enableReceiveOffload(_ channel: any Channel) {
    guard System.supportsUDPReceiveOffload else { return }
    try? channel.setOption(.datagramReceiveOffload, value: true).wait()
    try? channel.setOption(.datagramReceiveSegmentSize, value: true).wait()
  }

  /// Datagrams leave whole or not at all: a lost fragment would lose the rest of its datagram too.
  static func forbidFragments(_ channel: any Channel, isIPv6: Bool) {
    guard let options = channel as? any SocketOptionProvider else { return }
    try? options.unsafeSetSocketOption(
      level: isIPv6 ? .ipv6 : .ip,
      name: NIOBSDSocket.Option(rawValue: CInt(isIPv6 ? pathMtuDiscovery.v6 : pathMtuDiscovery.v4)),
      value: pathMtuDiscovery.always
    ).wait()
  }

  /// A larger receive buffer than `rmem_max` allows, where this process may (CAP_NET_ADMIN): on a busy host it holds
  /// what arrives while another process runs.
  static func forceReceiveBuffer(_ channel: any Channel) {
    guard let options = channel as? any SocketOptionProvider else { return }
    try? options.unsafeSetSocketOption(
      level: .socket, name: NIOBSDSocket.Option(rawValue: CInt(forceReceiveBufferOption)),
      value: CInt(forcedBufferByteCount)
    ).wait()
  }

  /// What the kernel granted for SO_RCVBUF, bytes.
  static func receiveBufferByteCount(_ channel: any Channel) -> Int {
    Int((try? channel.getOption(.socketOption(.so_rcvbuf)).wait()) ?? 212_992)
  }

  /// Datagrams that the kernel dropped at this socket so far, because its buffer was full. On the channel's loop.
  static func drops(_ channel: any Channel) -> EventLoopFuture<UInt32>? {
    guard let options = channel as? any SocketOptionProvider else { return nil }
    let info: EventLoopFuture<MemoryInfo> = options.unsafeGetSocketOption(
      level: .socket, name: NIOBSDSocket.Option(rawValue: CInt(memoryInfoOption)))
    return info.map { $0.drops }
  }

  /// `SO_MEMINFO`: nine 32-bit numbers.
  private struct MemoryInfo: Sendable {
    var others: (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0, 0, 0, 0, 0)
    var drops: UInt32 = 0
  }
}
