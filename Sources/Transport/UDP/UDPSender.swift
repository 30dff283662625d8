import Datagrams
package import FileSet
package import Ground
import Keys
import NIOCore
import Network
import Session
import Wire

/// Sends a set to one receiver, or to a group, over UDP. `run` blocks; `cancel` may come from any thread.
package final class UDPSender: Transfer {
  private let set: ScannedSet
  private let options: UDPSendOptions
  private let cancellation = Cancellation()

  package init(_ set: ScannedSet, _ options: UDPSendOptions) {
    self.set = set
    self.options = options
  }

  /// Ends the session and tells the receivers.
  package func cancel() { cancellation.cancel() }

  /// Sends the set. The report tells each receiver's outcome.
  package func run(
    _ tell: @escaping @Sendable (TransferEvent) -> Void
  ) throws(TransportError) -> UDPSendReport {
    let addresses = try resolve()
    let seconds = joinSeconds
    let keys = try makeKeys()
    // A name with several addresses: each in turn, shortly at first (as RFC 8305 does), then for the time
    // that is left.
    let attempts: [(SocketAddress, Double)] =
      addresses.count == 1
      ? [(addresses[0], seconds)]
      : addresses.map { ($0, 0.5) } + addresses.map { ($0, seconds / Double(addresses.count)) }
    for (address, seconds) in attempts.dropLast() {
      do {
        return try attempt(address, sessionID: Self.newSessionID, keys, joinSeconds: seconds, tell)
      } catch .nobodyListening { continue }
    }
    guard let last = attempts.last else { throw .hostUnknown(host: options.host, reason: "no address") }
    return try attempt(last.0, sessionID: Self.newSessionID, keys, joinSeconds: last.1, tell)
  }

  /// Serves one receiver that has joined the session with this id already.
  func serve(
    _ address: SocketAddress, sessionID: UInt64, joinSeconds: Double,
    _ tell: @escaping @Sendable (TransferEvent) -> Void
  ) throws(TransportError) -> UDPSendReport {
    try attempt(address, sessionID: sessionID, nil, joinSeconds: joinSeconds, tell)
  }

  /// With a salt that no other run has, so that no key has two sessions. From a code this takes 0.15 s.
  private func makeKeys() throws(TransportError) -> SaltedKeys? {
    guard let secret = options.secret else { return nil }
    do { return try SaltedKeys(secret) } catch { throw .key(error) }
  }

  private func seal(_ keys: SaltedKeys?, _ sessionID: UInt64) throws(TransportError) -> SenderSeal? {
    guard let keys else { return nil }
    do { return try SenderSeal(keys, sessionID: sessionID) } catch { throw .key(error) }
  }

  private static var newSessionID: UInt64 { UInt64.random(in: 1...UInt64.max) }

  private var joinSeconds: Double {
    if let seconds = options.joinSeconds { return seconds }
    if !options.mode.isGroup { return 10 }
    return options.receiverCount == nil ? 5 : 60
  }

  private func resolve() throws(TransportError) -> [SocketAddress] {
    if let address = options.address { return [address] }
    let addresses: [SocketAddress]
    do { addresses = try HostResolver.addresses(host: options.host, port: options.port) } catch {
      throw TransportError(error)
    }
    // In unicast all who hear a group would answer, and only one be served.
    for address in addresses {
      let kind = AddressKind(address)
      let isRight =
        switch options.mode {
        case .unicast, .tcp: kind == .oneHost
        case .multicast: kind == .group
        case .broadcast: true
        }
      if !isRight {
        throw .wrongKind(address: address.text, isGroup: kind != .oneHost, mode: options.mode.rawValue)
      }
    }
    return addresses
  }

  private func attempt(
    _ address: SocketAddress, sessionID: UInt64, _ keys: SaltedKeys?, joinSeconds: Double,
    _ tell: @escaping @Sendable (TransferEvent) -> Void
  ) throws(TransportError) -> UDPSendReport {
    let path = try UDPPath(to: address, options: options)
    let source: SetSource
    do {
      source = try SetSource(set, chunkByteCount: path.chunkByteCounts[0])
    } catch { throw .fileSet(error) }
    let loop = try open(path)
    // The session's own references go with it, but the port must be free when this returns.
    defer { loop.socket.close() }
    if options.mode.isGroup || path.isInterfaceNamed, let interface = path.interface {
      tell(
        .notice("sending from interface \(interface.name), \(path.route.source.ipAddress ?? "?")"))
    }
    // A member that asks for unicast has no key of its own session yet, and a signature has no room in the
    // answer, Specs/security.md §7.
    let sides =
      options.mode.isGroup && options.oneWay == nil && keys == nil && options.signing == nil
      ? SideSessions(set, options, tell: tell) : nil
    let session = UDPSendSession(
      options: options, path: path, source: source, loop: loop, sessionID: sessionID,
      seal: try seal(keys, sessionID), joinSeconds: joinSeconds, sides: sides, tell: tell)
    cancellation.onCancel { [bell = loop.bell] in
      bell.ring()
      sides?.cancel()
    }
    defer { cancellation.onCancel(nil) }
    return try session.run()
  }

  private func open(_ path: UDPPath) throws(TransportError) -> DatagramLoop {
    do {
      let wildcard = try SocketAddress(ipAddress: path.address.isIPv6 ? "::" : "0.0.0.0", port: 0)
      let socket = try UDPSocket(at: wildcard, sharesPort: false)
      socket.forbidFragments(isIPv6: path.address.isIPv6)
      if path.isInterfaceNamed, let interface = path.interface {
        try InterfaceBinding.setSending(socket.options, isIPv6: path.address.isIPv6, by: interface)
      }
      if options.mode == .multicast {
        try GroupOptions.setSending(
          socket.options, isIPv6: path.address.isIPv6, interfaceIndex: path.interface?.index ?? 0,
          hopCount: options.hopCount, loopsBack: options.loopsBack)
      }
      return try DatagramLoop(socket: socket)
    } catch { throw .system(errno: (error as? IOError)?.errnoCode ?? 0, doing: "opening a UDP socket") }
  }
}
