import Glibc
import NIOCore
import NIOPosix
import Network

/// Connects to a receiver, again and again for a while: it may start a moment after the sender.
struct StreamConnector: Sendable {
  private static let pause = TimeAmount.milliseconds(100)
  /// For one attempt: an address that swallows packets shall not use up all the time.
  private static let attemptSeconds = 5.0

  let destination: StreamDestination
  let loop: any EventLoop
  let seconds: Double
  let interface: NetworkInterface?
  let isCancelled: @Sendable () -> Bool
  /// From the socket's side to the session's.
  let makeHandlers: @Sendable () throws -> [any ChannelHandler]

  /// The connected channel, its handler in place. Fails with `nobodyListening`, `cancelled` or `system`; the
  /// host's name is known to have an address. RFC 8305 chooses among several.
  func connect() -> EventLoopFuture<any Channel> {
    attempt(deadline: .now() + .nanoseconds(Int64(seconds * 1e9)))
  }

  private func attempt(deadline: NIODeadline) -> EventLoopFuture<any Channel> {
    let left = Double((deadline - .now()).nanoseconds) / 1e9
    let limit = max(0.2, min(left, Self.attemptSeconds))
    return
      bootstrap
      .connectTimeout(.nanoseconds(Int64(limit * 1e9)))
      .channelOption(.allowRemoteHalfClosure, value: true)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 4_096))
      .connect(host: destination.host, port: destination.port)
      // Several addresses may be tried at once: only the connection that is chosen becomes a session.
      .flatMapThrowing { channel in
        try channel.pipeline.syncOperations.addHandlers(try makeHandlers())
        return channel
      }
      .flatMapError { error in self.retry(after: error, deadline: deadline) }
  }

  private var bootstrap: ClientBootstrap {
    let plain = ClientBootstrap(group: loop)
    guard let interface else { return plain }
    return plain.channelOption(
      .socketOption(.init(rawValue: InterfaceBinding.bindToIndexOption)),
      value: SocketOptionValue(interface.index))
  }

  /// The error of this host's own that no attempt was without; nil when the network or the other side said
  /// no.
  private static func refusal(_ error: any Error) -> Int32? {
    let errors =
      if let all = error as? NIOConnectionError { all.connectionErrors.map(\.error) } else { [error] }
    let codes = errors.map { ($0 as? IOError)?.errnoCode ?? 0 }
    let own = [EACCES, EPERM, EINVAL, ENOPROTOOPT, EMFILE, ENFILE, ENODEV]
    return codes.allSatisfy(own.contains) ? codes.first : nil
  }

  private func retry(after error: any Error, deadline: NIODeadline) -> EventLoopFuture<any Channel> {
    if let error = error as? TransportError { return loop.makeFailedFuture(error) }
    if let code = Self.refusal(error) {
      return loop.makeFailedFuture(
        TransportError.system(errno: code, doing: "cannot connect to \(destination.text)"))
    }
    if isCancelled() { return loop.makeFailedFuture(TransportError.cancelled) }
    guard NIODeadline.now() + Self.pause < deadline else {
      return loop.makeFailedFuture(failure(error))
    }
    return loop.flatScheduleTask(in: Self.pause) { self.attempt(deadline: deadline) }.futureResult
  }

  /// What the last attempt says. A refusal, or no answer at all, is what an absent receiver looks like; a
  /// route that this host lacks is not.
  private func failure(_ error: any Error) -> TransportError {
    let first = (error as? NIOConnectionError)?.connectionErrors.first?.error ?? error
    if let error = first as? IOError, [ENETUNREACH, EADDRNOTAVAIL, EAFNOSUPPORT].contains(error.errnoCode) {
      return .system(errno: error.errnoCode, doing: "cannot connect to \(destination.text)")
    }
    return .nobodyListening(address: destination.text, seconds: seconds)
  }
}
