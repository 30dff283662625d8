internal import NIOCore
internal import NIOPosix
internal import Network

/// One TCP connection, one image, streamed to disk; an empty connection is the end. Specs/naive.md §4.
final class NaiveStreamReceiver: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  /// The bytes that must arrive within the silent-peer timeout. A peer that sends a byte now and then counts
  /// as silent.
  private static let progressByteCount: UInt64 = 4_096

  private let ledger: ReceiveLedger
  private let peer: String
  private var watch: Scheduled<Void>?
  /// Bytes of which the last one began the time that runs now.
  private var watchedByteCount: UInt64 = 0
  private var image: PartialImage?
  private var byteCount: UInt64 = 0
  private var head: [UInt8] = []
  /// Whether this connection has been counted: as an image, as the end, or as a failure.
  private var isSettled = false

  init(ledger: ReceiveLedger, peer: String) {
    self.ledger = ledger
    self.peer = peer
  }

  func channelActive(context: ChannelHandlerContext) {
    ledger.countConnection()
    restartWatch(context)
  }

  private func restartWatch(_ context: ChannelHandlerContext) {
    watch?.cancel()
    watchedByteCount = byteCount
    let silence = ledger.limits.silentPeerTimeoutNanoseconds
    guard silence > 0, !isSettled else { return }
    watch = context.eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(Int64(silence))) {
      self.settle(context) {
        self.ledger.countBrokenConnection(
          from: self.peer, byteCount: self.byteCount,
          reason: "next to nothing came for \(secondsText(silence))")
      }
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isSettled, !ledger.isEnded else { return }
    let bytes = unwrapInboundIn(data)
    do throws(NaiveError) { try append(bytes) } catch {
      isSettled = true
      ledger.fail(error)  // and without a report
    }
    guard byteCount > ledger.limits.imageByteCount else {
      if byteCount - watchedByteCount >= Self.progressByteCount { restartWatch(context) }
      return
    }
    settle(context) { ledger.countOversizeImage(from: peer) }
  }

  private func append(_ bytes: ByteBuffer) throws(NaiveError) {
    if byteCount == 0 { image = try ledger.beginImage() }
    byteCount += UInt64(bytes.readableBytes)
    let outcome = bytes.withUnsafeReadableBytes { raw -> Result<Void, NaiveError> in
      head.append(contentsOf: raw.prefix(3 - head.count))
      do throws(NaiveError) { return .success(try image?.write(raw) ?? ()) } catch { return .failure(error) }
    }
    try outcome.get()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case ChannelEvent.inputClosed:
      settle(context) { takeWhole() }
    default: context.fireUserInboundEventTriggered(event)
    }
  }

  /// The peer closed in order: this was all.
  private func takeWhole() {
    guard byteCount > 0 else { return ledger.takeEndMarker() }
    let finished = image
    image = nil
    do throws(NaiveError) {
      try ledger.finishImage(
        finished, byteCount: byteCount, isJPEG: ArrivedBytes.isJPEG(head.span), from: peer)
    } catch { ledger.fail(error) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    settle(context) {
      let reason = (error as? IOError).map { errorText($0.errnoCode) } ?? String(describing: error)
      ledger.countBrokenConnection(from: peer, byteCount: byteCount, reason: reason)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    settle(context) { ledger.countBrokenConnection(from: peer, byteCount: byteCount, reason: "closed") }
    context.channel.parent?.read()  // one after the other: only now the next connection
  }

  /// Calls `account` once for this connection, discards an unfinished image, and closes.
  private func settle(_ context: ChannelHandlerContext, _ account: () -> Void) {
    guard !isSettled else { return }
    isSettled = true
    watch?.cancel()
    if !ledger.isEnded {
      ledger.closeConnection()
      account()
    }
    image = nil
    context.close(promise: nil)
  }
}

/// The listening socket.
enum StreamSocket {
  /// Connections that may wait to be accepted. The course's receiver allows 1.
  private static let backlog: Int32 = 128

  static func bindReceiver(
    _ configuration: NaiveReceiveConfiguration, on loop: any EventLoop,
    makeHandler: @escaping @Sendable (_ peer: String) -> NaiveStreamReceiver
  ) throws -> any Channel {
    let address = try AddressResolution.resolve(configuration.endpoint)
    let interface = try EndpointInterface.named(by: configuration.endpoint)
    do {
      var bootstrap = ServerBootstrap(group: loop)
      if let interface {
        bootstrap = bootstrap.serverChannelOption(
          EndpointInterface.option, value: SocketOptionValue(interface.index))
      }
      return
        try bootstrap
        .serverChannelOption(.backlog, value: backlog)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .serverChannelOption(.autoRead, value: false)
        .serverChannelOption(.maxMessagesPerRead, value: 1)
        .childChannelOption(.allowRemoteHalfClosure, value: true)
        .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 262_144))
        .childChannelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            let peer = channel.remoteAddress?.text ?? "an unknown address"
            try channel.pipeline.syncOperations.addHandler(makeHandler(peer))
          }
        }
        .bind(to: address).wait()
    } catch {
      throw EndpointInterface.error(error, interface, action: "cannot listen at \(address.text)")
    }
  }
}
