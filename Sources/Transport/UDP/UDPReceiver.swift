import Datagrams
import FileSet
import Glibc
package import Ground
import NIOCore
import Network
import Session
import Wire

/// Receives one session over UDP. `run` blocks; `cancel` may come from any thread.
package final class UDPReceiver: Transfer {
  private let options: ReceiverOptions
  private let cancellation = Cancellation()

  package init(_ options: ReceiverOptions) { self.options = options }

  /// Ends the session and tells the sender.
  package func cancel() { cancellation.cancel() }

  package func run(
    _ tell: @escaping @Sendable (TransferEvent) -> Void
  ) throws(TransportError) -> UDPReceiveReport {
    var options = options
    while true {
      let loop = try open(port: options.port)
      options.port = loop.socket.localAddress?.port ?? options.port
      // The session's own references go with it, but the port must be free when this returns.
      defer { loop.socket.close() }
      let session = UDPReceiveSession(options: options, loop: loop, tell: tell)
      cancellation.onCancel { [bell = loop.bell] in bell.ring() }
      defer { cancellation.onCancel(nil) }
      let report = try session.run()
      guard session.isSuperseded, !cancellation.isCancelled else { return report }
      // The sender was started anew: it is heard at once, or not at all.
      options.waitSeconds = min(options.waitSeconds ?? .infinity, options.idleSeconds)
    }
  }

  private func open(port: Int) throws(TransportError) -> DatagramLoop {
    let host = try bindHost()
    let addresses: [SocketAddress]
    do { addresses = try HostResolver.addresses(host: host, port: port) } catch {
      throw TransportError(error)
    }
    guard let found = addresses.first else { throw .hostUnknown(host: host, reason: "no address") }
    let interface = try namedInterface()
    let groupInterfaceIndex = interface?.index ?? found.scopeIndex
    let address = options.mode == .multicast ? found.scoped(toInterface: groupInterfaceIndex) : found
    do {
      let socket = try bind(address, interface)
      socket.enableReceiveOffload()
      socket.forceReceiveBuffer()
      socket.tellDestinations(options.mode == .unicast)
      if options.mode == .multicast {
        try GroupOptions.join(socket.options, group: address, interfaceIndex: groupInterfaceIndex)
      }
      return try DatagramLoop(socket: socket)
    } catch let error as NetworkError { throw .network(error) } catch {
      let code = (error as? IOError)?.errnoCode ?? 0
      if code == EADDRINUSE { throw .portInUse(address: address.text) }
      // ENODEV: without an interface the route decides on which to join, and there is none.
      if code == ENODEV, options.mode == .multicast {
        throw .network(.noRoute(to: address.text, by: interface?.name, errno: ENETUNREACH))
      }
      throw .system(errno: code, doing: "cannot listen at \(address.text)")
    }
  }

  /// Any address takes IPv4 and IPv6 alike, where there is IPv6.
  private func bind(_ address: SocketAddress, _ interface: NetworkInterface?) throws -> UDPSocket {
    if options.bindHost == nil, options.mode == .unicast {
      let any = try SocketAddress(ipAddress: "::", port: address.port ?? options.port)
      do { return try UDPSocket(at: any, sharesPort: false, interface: interface) } catch let error as IOError
        where error.errnoCode == EAFNOSUPPORT
      {}  // no IPv6 here
    }
    do {
      return try UDPSocket(at: address, sharesPort: options.mode.isGroup, interface: interface)
    } catch NetworkError.interfaceRefused(_, _) where options.mode == .multicast {
      // The group is joined on the interface: so it is kept there without being bound to it.
      return try UDPSocket(at: address, sharesPort: true)
    }
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

  private func namedInterface() throws(TransportError) -> NetworkInterface? {
    guard let name = options.interface else { return nil }
    do { return try NetworkInterface.named(name) } catch { throw TransportError(error) }
  }
}
