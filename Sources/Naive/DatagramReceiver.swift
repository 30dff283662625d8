import Ground
internal import NIOCore
internal import NIOPosix
internal import Network

/// One datagram, one image; an empty one is the end. Specs/naive.md §3.
final class DatagramReceiver: ChannelInboundHandler {
  typealias InboundIn = AddressedEnvelope<ByteBuffer>
  private let ledger: ReceiveLedger

  init(ledger: ReceiveLedger) { self.ledger = ledger }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let envelope = unwrapInboundIn(data)
    guard !ledger.isEnded, ledger.admitDatagram(byteCount: envelope.data.readableBytes) else { return }
    guard envelope.data.readableBytes > 0 else { return ledger.takeEndMarker() }
    do throws(NaiveError) { try store(envelope) } catch { ledger.fail(error) }
  }

  private func store(_ envelope: AddressedEnvelope<ByteBuffer>) throws(NaiveError) {
    let (isChunked, isJPEG) = envelope.data.withUnsafeReadableBytes { bytes in
      let span = Span<UInt8>(_unsafeBytes: bytes)
      return (ArrivedBytes.isChunkedDatagram(span), ArrivedBytes.isJPEG(span))
    }
    if isChunked { return ledger.countChunkedDatagram(from: envelope.remoteAddress) }
    let image = try ledger.beginImage()
    let outcome = envelope.data.withUnsafeReadableBytes { bytes -> Result<Void, NaiveError> in
      do throws(NaiveError) { return .success(try image?.write(bytes) ?? ()) } catch {
        return .failure(error)
      }
    }
    try outcome.get()
    try ledger.finishImage(
      image, byteCount: UInt64(envelope.data.readableBytes), isJPEG: isJPEG, from: envelope.remoteAddress.text
    )
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    ledger.fail(.from(error, action: "cannot receive datagrams"))
  }
}

/// A bound, joined datagram socket.
enum DatagramSocket {
  /// Bigger than any datagram, so that none is cut.
  private static let readByteCount = 65_536
  /// SOL_SOCKET and SO_MEMINFO as Linux numbers them.
  private static let solSocket: SocketOptionLevel = 1
  private static let soMemInfo: SocketOptionName = 55

  /// Binds a receiver's socket. A receiver of a group binds the group's address, and a broadcast receiver the
  /// broadcast address: the kernel then delivers nothing else. Several such receivers may run on one host. A
  /// unicast port has one owner.
  static func bindReceiver(
    _ configuration: NaiveReceiveConfiguration, on loop: any EventLoop
  ) throws -> any Channel {
    let endpoint = configuration.endpoint
    let interface = try EndpointInterface.named(by: endpoint)
    var address = try AddressResolution.resolve(endpoint)
    if endpoint.mode == .multicast { address = address.scoped(toInterface: interface?.index ?? 0) }
    let channel: any Channel
    do {
      var bootstrap = DatagramBootstrap(group: loop)
      if let interface {
        bootstrap = bootstrap.channelOption(
          EndpointInterface.option, value: SocketOptionValue(interface.index))
      }
      channel =
        try bootstrap
        .channelOption(.socketOption(.so_reuseaddr), value: endpoint.mode == .unicast ? 0 : 1)
        .channelOption(
          .socketOption(.so_rcvbuf), value: SocketOptionValue(configuration.receiveBufferByteCount)
        )
        .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: readByteCount))
        .channelOption(.autoRead, value: false)  // until the handler stands
        .bind(to: address).wait()
    } catch {
      throw EndpointInterface.error(error, interface, action: "cannot listen at \(address.text)")
    }
    guard endpoint.mode == .multicast else { return channel }
    do {
      try GroupOptions.join(
        ChannelSocket(channel), group: address, interfaceIndex: interface?.index ?? address.scopeIndex)
    } catch {
      try? channel.close().wait()
      throw NaiveError.from(error, action: "cannot join the group \(endpoint.host)")
    }
    return channel
  }

  /// The receive buffer as the kernel reports it, in bytes; 0 when the kernel does not.
  static func receiveBufferByteCount(of channel: any Channel) -> Int {
    (try? channel.getOption(.socketOption(.so_rcvbuf)).wait()).map { Int($0) } ?? 0
  }

  /// Datagrams dropped because this socket's buffer was full: `SK_MEMINFO_DROPS` of `SO_MEMINFO`, socket(7).
  static func dropCount(of channel: any Channel) -> UInt64? {
    guard let options = channel as? any SocketOptionProvider else { return nil }
    let memory: SocketMemory? = try? options.unsafeGetSocketOption(level: solSocket, name: soMemInfo).wait()
    return memory.map { UInt64($0.dropCount) }
  }

  /// linux/sock_diag.h, the nine words of `SO_MEMINFO`.
  private struct SocketMemory: Sendable {
    var words: (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0, 0, 0, 0, 0)
    var dropCount: UInt32 = 0
  }
}
