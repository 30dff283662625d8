import Glibc
package import Ground
import Keys
package import NIOCore
import NIOPosix
import Network
import Synchronization
import Wire

/// Receives sets over TCP, one session at a time. Specs/chunked-tcp.md.
///
/// It listens from `init` to `close`. `run` blocks until one session is over: call it from a plain thread,
/// never from an event loop; again for the next session. Senders that come between two runs wait for the
/// next.
package final class StreamReceiver: Transfer {
  /// What one read takes from the socket, bytes: CRC32 and the write to the file then find it in a
  /// processor's own cache. 1 GB on loopback, medians of 9: 1.39 GB/s with 256 KiB, 1.07 with 1 MiB (1.16 for
  /// a plain copy).
  private static let receiveByteCount = 1 << 18
  private static let backlog: Int32 = 64

  private let options: ReceiverOptions
  private let channel: any Channel
  private let reception: NIOLoopBound<StreamReception>
  /// "HOST:PORT" of the listening socket.
  package let address: String
  package let port: Int
  private let isClosed = Mutex(false)
  private let hasRun = Mutex(false)

  /// Listens. Throws `portInUse`, `hostUnknown` or `system`.
  package convenience init(_ options: ReceiverOptions, group: any EventLoopGroup) throws(TransportError) {
    if options.secret != nil { do { try KeyLibrary.load() } catch { throw .key(error) } }
    do { try self.init(options, at: options.bindHost ?? "::", group) } catch {
      // A host without IPv6.
      guard options.bindHost == nil, case .system = error else { throw error }
      try self.init(options, at: "0.0.0.0", group)
    }
  }

  private init(_ options: ReceiverOptions, at host: String, _ group: any EventLoopGroup)
    throws(TransportError)
  {
    let loop = group.next()
    let target = try Self.resolve(host, port: options.port)
    let interface = try Self.interface(options)
    do {
      let reception = try loop.submit {
        NIOLoopBound(StreamReception(options), eventLoop: loop)
      }.wait()
      channel = try Self.bootstrap(reception, options, interface, loop).bind(to: target).wait()
      self.reception = reception
    } catch {
      guard let error = error as? IOError else {
        throw .system(errno: 0, doing: "cannot listen at \(target.text): \(error)")
      }
      if let interface, error.errnoCode == EPERM {
        throw .network(.interfaceRefused(interface.name, errno: EPERM))
      }
      guard error.errnoCode != EADDRINUSE else { throw .portInUse(address: target.text) }
      throw .system(errno: error.errnoCode, doing: "cannot listen at \(target.text)")
    }
    self.options = options
    port = channel.localAddress?.port ?? options.port
    address = channel.localAddress?.text ?? target.text
  }

  /// Waits for a session and returns when it is over, whatever its outcome: the report tells. Connections
  /// that do not become a session are turned away (a notice says so) and end nothing.
  ///
  /// Throws `cancelled` and, after `waitSeconds`, `nobodySending` when no session began.
  package func run(
    _ tell: @escaping @Sendable (TransferEvent) -> Void
  ) throws(TransportError) -> StreamReceiveReport {
    let loop = channel.eventLoop
    let report = loop.makePromise(of: StreamReceiveReport.self)
    let reception = reception
    let isFirst = hasRun.withLock { hasRun in
      defer { hasRun = true }
      return !hasRun
    }
    if isFirst { tell(.notice("listening on \(address)")) }
    tell(.listening(address: channel.localAddress?.plainIPAddress ?? "", port: port))
    loop.execute { reception.value.start(StreamReception.Run(tell: tell, report: report)) }
    let limit = options.waitSeconds.map { seconds in
      loop.scheduleTask(in: .nanoseconds(Int64(seconds * 1e9))) { [address] in
        let reception = reception.value
        reception.giveUpWaiting(
          !reception.hasHeardOtherSecret
            ? .nobodySending(address: address, seconds: seconds)
            : reception.ring == nil
              ? .needsKey(address: address, seconds: seconds)
              : .otherSecret(address: address, seconds: seconds))
      }
    }
    defer { limit?.cancel() }
    do {
      return try report.futureResult.wait()
    } catch {
      throw TransportError(broken: error, peer: "the event loop")
    }
  }

  /// Ends the session, telling the sender, or the waiting for one; from any thread. `run` returns soon after,
  /// and at once when it is called later. Nothing once it is closed: its event loop may have ended.
  package func cancel() {
    let reception = reception
    isClosed.withLock { isClosed in
      if !isClosed { channel.eventLoop.execute { reception.value.cancel() } }
    }
  }

  /// Ends the session and the listening, and returns when the port is free.
  package func close() {
    cancel()
    try? channel.close().wait()
    isClosed.withLock { $0 = true }
  }

  private static func resolve(_ host: String, port: Int) throws(TransportError) -> SocketAddress {
    do throws(NetworkError) {
      let found = try HostResolver.addresses(host: host, port: port)
      guard let first = found.first else { throw .hostUnknown(host: host, reason: "no address") }
      return first
    } catch {
      throw .hostUnknown(host: host, reason: error.description)
    }
  }

  private static func interface(_ options: ReceiverOptions) throws(TransportError) -> NetworkInterface? {
    guard let name = options.interface else { return nil }
    do { return try NetworkInterface.named(name) } catch { throw TransportError(error) }
  }

  private static func bootstrap(
    _ reception: NIOLoopBound<StreamReception>, _ options: ReceiverOptions,
    _ interface: NetworkInterface?,
    _ loop: any EventLoop
  ) -> ServerBootstrap {
    // One loop for all: their state needs no lock, and there is one session at a time.
    let plain = ServerBootstrap(group: loop)
    let kept =
      interface.map {
        plain.serverChannelOption(
          .socketOption(.init(rawValue: InterfaceBinding.bindToIndexOption)),
          value: SocketOptionValue($0.index))
      } ?? plain
    return
      kept
      .serverChannelOption(.backlog, value: backlog)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelOption(.maxMessagesPerRead, value: 4)
      .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: receiveByteCount))
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let handler = StreamReceiveHandler(
            peer: channel.remoteAddress?.text ?? "an unknown address", reception: reception.value,
            idleSeconds: options.idleSeconds)
          if let ring = reception.value.ring {
            let seal = StreamSealHandler(.receiver(ring), peer: handler.peer)
            try channel.pipeline.syncOperations.addHandler(seal)
          }
          try channel.pipeline.syncOperations.addHandler(handler)
        }
      }
  }
}
