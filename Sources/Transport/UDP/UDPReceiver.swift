import FileSet
package import NIOCore
import NIOPosix
import Network
import Session
import Wire

/// Where a receiver puts files, and whether it may replace some.
package struct InboxOptions: Sendable {
  package var path: String
  package var overwrite: Bool

  package init(path: String, overwrite: Bool = false) {
    self.path = path
    self.overwrite = overwrite
  }
}

/// What a receiver tells its user while it runs; from the event loop's thread.
package struct ReceiveCallbacks: Sendable {
  /// One line for people.
  package var onNotice: @Sendable (String) -> Void = { _ in }
  /// A session began.
  package var onBegin: @Sendable (StreamSessionStart) -> Void = { _ in }
  package var onProgress: @Sendable (TransferProgress) -> Void = { _ in }
  /// All bytes of a file are here; it can be shown, though it is not verified yet.
  package var onArrival: @Sendable (FileArrival) -> Void = { _ in }
  /// A file is verified and in place.
  package var onVerified: @Sendable (FileArrival) -> Void = { _ in }

  package init() {}
}

/// Receives one session over UDP. `run` blocks; `cancel` may come from any thread.
package final class UDPReceiver: Sendable {
  private let options: UDPReceiveOptions
  private let cancellation = Cancellation()

  package init(_ options: UDPReceiveOptions) { self.options = options }

  /// Ends the session and tells the sender.
  package func cancel() { cancellation.cancel() }

  package func run(
    into inbox: InboxOptions, group: any EventLoopGroup, callbacks: ReceiveCallbacks
  ) throws(TransportError) -> UDPReceiveReport {
    let (channel, writer) = try open(group: group)
    let session = UDPReceiveSession(
      options: options, inbox: inbox, channel: channel, writer: writer, callbacks: callbacks)
    let finished = channel.eventLoop.makePromise(of: Void.self)
    let bound = NIOLoopBoundBox<UDPReceiveSession?>.makeBoxSendingValue(session, eventLoop: channel.eventLoop)
    do {
      let bufferByteCount = UDPSocket.receiveBufferByteCount(channel)
      try channel.eventLoop.submit {
        try bound.value?.begin(finished: finished, bufferByteCount: bufferByteCount)
      }.wait()
      callbacks.onNotice("listening on \(channel.localAddress?.listeningText ?? "?")")
      cancellation.onCancel { channel.eventLoop.execute { bound.value?.cancel() } }
      try finished.futureResult.wait()
      cancellation.onCancel(nil)
      let result = try channel.eventLoop.submit { () -> Result<UDPReceiveReport, TransportError> in
        defer { bound.value = nil }
        return bound.value?.result() ?? .failure(.cancelled)
      }.wait()
      return try result.get()
    } catch let error as TransportError { throw error } catch {
      throw .system(errno: (error as? IOError)?.errnoCode ?? 0, doing: "receiving on port \(options.port)")
    }
  }

  private func open(group: any EventLoopGroup) throws(TransportError) -> (any Channel, DatagramWriter) {
    let host = try bindHost()
    let addresses: [SocketAddress]
    do { addresses = try HostResolver.addresses(host: host, port: options.port) } catch {
      throw TransportError(error)
    }
    guard let found = addresses.first else { throw .hostUnknown(host: host, reason: "no address") }
    let interfaceIndex = try interfaceIndex(of: found)
    let address = options.mode == .multicast ? found.scoped(toInterface: interfaceIndex) : found
    do {
      let (channel, writer) = try bind(address, group: group)
      UDPSocket.enableReceiveOffload(channel)
      UDPSocket.forceReceiveBuffer(channel)
      if options.mode == .multicast {
        try GroupOptions.join(channel, group: address, interfaceIndex: interfaceIndex)
      }
      return (channel, writer)
    } catch let error as TransportError { throw error } catch {
      let code = (error as? IOError)?.errnoCode ?? 0
      if code == 98 { throw .portInUse(address: address.text) }  // EADDRINUSE
      throw .system(errno: code, doing: "cannot listen at \(address.text)")
    }
  }

  /// Any address takes IPv4 and IPv6 alike, where there is IPv6.
  private func bind(_ address: SocketAddress, group: any EventLoopGroup) throws -> (
    any Channel, DatagramWriter
  ) {
    if options.bindHost == nil, options.mode == .unicast {
      let any = try SocketAddress(ipAddress: "::", port: options.port)
      do {
        return try UDPSocket.open(at: any, group: group, sharesPort: false, receives: true)
      } catch let error as IOError where error.errnoCode == 97 {}  // EAFNOSUPPORT: no IPv6 here
    }
    return try UDPSocket.open(at: address, group: group, sharesPort: options.mode.isGroup, receives: true)
  }

  private func bindHost() throws(TransportError) -> String {
    if options.mode == .multicast {
      guard let group = options.group ?? options.bindHost else {
        throw .hostUnknown(host: "", reason: "multicast needs a group, as in --group 224.1.1.5")
      }
      return group
    }
    // Broadcasts reach a socket that is bound to any address or to the broadcast address itself.
    return options.bindHost ?? "0.0.0.0"
  }

  /// The interface that was named, or the group's IPv6 zone; 0 leaves it to the routing table.
  private func interfaceIndex(of address: SocketAddress) throws(TransportError) -> Int {
    guard let name = options.interface else { return address.scopeIndex }
    do { return try NetworkInterface.named(name).index } catch {
      throw TransportError(error)
    }
  }
}
