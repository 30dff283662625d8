internal import Glibc
import Ground
internal import NIOCore
internal import NIOPosix
internal import Network

/// Sends one TCP connection per image, then an empty one. Specs/naive.md §4.
///
/// Behind the last byte the sender closes its half and waits until the receiver closes too. So the next
/// connection cannot overtake this one in a full accept queue. The segments on the wire are those of the
/// course's programs, a little later.
struct NaiveStreamSender {
  private static let pieceByteCount = 262_144

  let configuration: NaiveSendConfiguration
  let loop: any EventLoop
  let cancellation: Cancellation
  let onEvent: (NaiveSendEvent) -> Void
  private let destination: SocketAddress
  private let interface: NetworkInterface?
  private var patience: TimeAmount {
    .nanoseconds(Int64(configuration.timing.silentPeerTimeoutNanoseconds))
  }

  init(
    _ configuration: NaiveSendConfiguration, on loop: any EventLoop, cancellation: Cancellation,
    onEvent: @escaping (NaiveSendEvent) -> Void
  ) throws {
    self.configuration = configuration
    self.loop = loop
    self.cancellation = cancellation
    self.onEvent = onEvent
    destination = try AddressResolution.resolve(configuration.endpoint)
    interface = try EndpointInterface.named(by: configuration.endpoint)
  }

  /// Sends all of `list` and the empty connection. When cancelled, it breaks the open connection (the
  /// receiver discards its image) and makes the empty one at once.
  func send(_ list: SendList) throws -> NaiveSendReport {
    var report = NaiveSendReport(mode: .tcp, destination: destination.text)
    for (index, item) in list.items.enumerated() {
      if index > 0 { cancellation.sleep(nanoseconds: configuration.timing.pauseNanoseconds) }
      if cancellation.isCancelled { break }
      do {
        try sendConnection(item, report: &report)
      } catch {
        guard cancellation.isCancelled else { throw error }
        break
      }
      report.imageCount += 1
      report.imageByteCount += item.byteCount
      onEvent(.sent(index: index, name: item.file.name, byteCount: Int(item.byteCount)))
    }
    report.isCancelled = report.imageCount < list.items.count
    cancellation.onCancel(nil)
    try sendConnection(nil, report: &report)
    report.isEndSent = true
    onEvent(.endSent)
    return report
  }

  /// One connection from first to last byte; no item, no bytes.
  private func sendConnection(_ item: SendList.Item?, report: inout NaiveSendReport) throws {
    let closing = loop.makePromise(of: Void.self)
    let channel: any Channel
    do {
      var bootstrap = ClientBootstrap(group: loop)
      if let interface {
        bootstrap = bootstrap.channelOption(
          EndpointInterface.option, value: SocketOptionValue(interface.index))
      }
      channel =
        try bootstrap
        .connectTimeout(patience)
        .channelOption(.allowRemoteHalfClosure, value: true)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(PeerCloseWatch(closed: closing))
          }
        }
        .connect(to: destination).wait()
    } catch {
      closing.fail(error)
      throw EndpointInterface.error(error, interface, action: "cannot connect to \(destination.text)")
    }
    report.connectionCount += 1
    defer { try? channel.close().wait() }
    if let item {
      cancellation.onCancel { Self.reset(channel) }
      defer { cancellation.onCancel(nil) }
      try write(item, to: channel)
      try finish(channel, closing: closing.futureResult)
    } else {
      try finish(channel, closing: closing.futureResult)
    }
  }

  private func write(_ item: SendList.Item, to channel: any Channel) throws {
    let reader = try ImageReader(path: item.file.path)
    var sent: UInt64 = 0
    while true {
      let piece: ByteBuffer
      do throws(NaiveError) {
        piece = try reader.next(atMost: Self.pieceByteCount)
        if piece.readableBytes == 0, sent != item.byteCount { throw .changedWhileSent(path: item.file.path) }
      } catch {
        Self.reset(channel)  // an orderly close would make the receiver keep half an image
        throw error
      }
      if piece.readableBytes == 0 { return }
      sent += UInt64(piece.readableBytes)
      try within(patience, channel, action: "cannot send \(item.file.name) to \(destination.text)") {
        channel.writeAndFlush(piece)
      }
    }
  }

  private func finish(_ channel: any Channel, closing: EventLoopFuture<Void>) throws {
    try within(patience, channel, action: "no orderly end from \(destination.text)") {
      channel.close(mode: .output).flatMap { closing }
    }
  }

  /// Waits for `work`. When it takes longer than `limit`, the connection is closed, and this is the error.
  private func within(
    _ limit: TimeAmount, _ channel: any Channel, action: String, _ work: () -> EventLoopFuture<Void>
  ) throws {
    let silence = NaiveError.network(
      action: action, reason: "the receiver did not go on within \(limit.nanoseconds / 1_000_000_000) s",
      errno: 0)
    let outcome = loop.makePromise(of: Void.self)
    let timer = loop.scheduleTask(in: limit) { outcome.fail(silence) }
    work().cascade(to: outcome)
    defer { timer.cancel() }
    do { try outcome.futureResult.wait() } catch { throw NaiveError.from(error, action: action) }
  }

  /// Breaks the connection so that the receiver sees an error and not an end (`SO_LINGER` 0: a reset instead
  /// of a FIN).
  private static func reset(_ channel: any Channel) {
    let close: @Sendable () -> Void = { channel.close(promise: nil) }
    guard let options = channel as? any SocketOptionProvider else { return close() }
    options.unsafeSetSocketOption(
      level: .init(SOL_SOCKET), name: SO_LINGER, value: Linger(isOn: 1, seconds: 0)
    )
    .whenComplete { _ in close() }
  }

  /// `struct linger`, socket(7).
  private struct Linger: Sendable {
    var isOn: Int32
    var seconds: Int32
  }
}

/// Reports that the receiver closed its half, or broke the connection.
private final class PeerCloseWatch: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  private let closed: EventLoopPromise<Void>

  init(closed: EventLoopPromise<Void>) { self.closed = closed }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {}  // a naive receiver says nothing

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed = event { closed.succeed(()) }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    closed.fail(error)
    context.close(promise: nil)
  }

  /// Both halves are closed. An error would have been reported before. (When our half is still open, closing
  /// it fails and reports that.)
  func channelInactive(context: ChannelHandlerContext) { closed.succeed(()) }

  func handlerRemoved(context: ChannelHandlerContext) { closed.fail(ChannelError.eof) }
}
