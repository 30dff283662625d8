import Datagrams
import FileSet
import Glibc
package import Ground
import Keys
import NIOCore
import Network
import Session
import Trace
import Wire

/// Receives one session over UDP. `run` blocks; `cancel` may come from any thread.
package final class UDPReceiver: Transfer {
  /// How long the sender of a group may take to announce a session in unicast.
  private static let answerSeconds = 5.0

  private let options: ReceiverOptions
  private let cancellation = Cancellation()

  package init(_ options: ReceiverOptions) { self.options = options }

  /// Ends the session and tells the sender.
  package func cancel() { cancellation.cancel() }

  package func run(
    _ tell: @escaping @Sendable (TransferEvent) -> Void
  ) throws(TransportError) -> UDPReceiveReport {
    var options = options
    if options.secret != nil { do { try KeyLibrary.load() } catch { throw .key(error) } }
    while true {
      let loop = try open(options)
      options.port = loop.socket.localAddress?.port ?? options.port
      // The session's own references go with it, but the port must be free when this returns.
      defer { loop.socket.close() }
      let session = UDPReceiveSession(options: options, loop: loop, tell: tell)
      let report = try run(session, on: loop)
      if let call = session.call, !cancellation.isCancelled {
        loop.socket.close()
        if let ending = try serve(call, after: report, options, tell) { return ending }
        continue
      }
      guard let report else { throw .cancelled }
      guard session.isSuperseded, !cancellation.isCancelled else { return report }
      // The sender was started anew: it is heard at once, or not at all.
      options.waitSeconds = min(options.waitSeconds ?? .infinity, options.idleSeconds)
    }
  }

  /// Runs a session to its end. Nil when it had not begun before it was to go on by unicast.
  private func run(
    _ session: UDPReceiveSession, on loop: DatagramLoop
  ) throws(TransportError) -> UDPReceiveReport? {
    cancellation.onCancel { [bell = loop.bell] in bell.ring() }
    defer { cancellation.onCancel(nil) }
    do { return try session.run() } catch {
      guard session.call != nil else { throw error }
      return nil
    }
  }

  /// Asks the group's sender to be served by unicast, and receives this session, Specs/chunked-udp.md §6.14.
  /// `report`: of the group's session, if it had begun. Nil when the receiver is to listen to the group
  /// again.
  private func serve(
    _ call: UnicastCall, after report: UDPReceiveReport?, _ group: ReceiverOptions,
    _ tell: @escaping @Sendable (TransferEvent) -> Void
  ) throws(TransportError) -> UDPReceiveReport? {
    let sender = call.sender.text
    tell(
      .notice(
        "\(call.request.reason), from \(sender) (gallery doctor looks for the cause); asking to be served by unicast"
      ))
    var options = group
    options.mode = .unicast
    options.group = nil
    options.calling = nil
    options.bindHost = call.sender.isIPv6 ? "::" : "0.0.0.0"
    options.waitSeconds = min(options.waitSeconds ?? .infinity, Self.answerSeconds)
    options.trace = options.trace.labelled("unicast")
    options.endedSessions.note(call.request.sessionID)
    let loop = try openAnywhere(options)
    defer { loop.socket.close() }
    let session = UDPReceiveSession(options: options, loop: loop, origin: call, tell: tell)
    do { return try run(session, on: loop) } catch {
      guard !session.hasBegun, !cancellation.isCancelled else { throw error }
    }
    let reason = session.refusal ?? "no answer"
    guard var report else {
      tell(.notice("\(sender) does not serve this host by unicast: \(reason); still listening"))
      return nil
    }
    report.problem = "\(call.request.reason); \(sender) does not serve this host by unicast: \(reason)"
    report.outcome = .connectionLost
    return report
  }

  /// At the group's port, which a firewall may let in, or at any other when it is in use.
  private func openAnywhere(_ options: ReceiverOptions) throws(TransportError) -> DatagramLoop {
    do { return try open(options) } catch .portInUse {
      var options = options
      options.port = 0
      return try open(options)
    }
  }

  private func open(_ options: ReceiverOptions) throws(TransportError) -> DatagramLoop {
    let host = try bindHost(options)
    let addresses: [SocketAddress]
    do { addresses = try HostResolver.addresses(host: host, port: options.port) } catch {
      throw TransportError(error)
    }
    guard let found = addresses.first else { throw .hostUnknown(host: host, reason: "no address") }
    let interface = try namedInterface(options)
    let groupInterfaceIndex = interface?.index ?? found.scopeIndex
    let address = options.mode == .multicast ? found.scoped(toInterface: groupInterfaceIndex) : found
    do {
      let socket = try bind(address, interface, options)
      socket.enableReceiveOffload()
      socket.forceReceiveBuffer()
      socket.tellDestinations(options.mode == .unicast)
      socket.tellMarks()
      if options.mode == .multicast {
        try GroupOptions.join(socket.options, group: address, interfaceIndex: groupInterfaceIndex)
      }
      if let calling = options.calling { try calling.join(socket, interface: options.interface) }
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
  private func bind(
    _ address: SocketAddress, _ interface: NetworkInterface?, _ options: ReceiverOptions
  ) throws -> UDPSocket {
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

  private func bindHost(_ options: ReceiverOptions) throws(TransportError) -> String {
    if options.mode == .multicast {
      guard let group = options.group ?? options.bindHost else {
        throw .hostUnknown(host: "", reason: "multicast needs a group, as in --group 224.1.1.5")
      }
      return group
    }
    // Broadcasts reach a socket that is bound to any address or to the broadcast address itself.
    return options.bindHost ?? "0.0.0.0"
  }

  private func namedInterface(_ options: ReceiverOptions) throws(TransportError) -> NetworkInterface? {
    guard let name = options.interface else { return nil }
    do { return try NetworkInterface.named(name) } catch { throw TransportError(error) }
  }
}
