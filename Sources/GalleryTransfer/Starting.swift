import FileSet
import FoundationEssentials
import Ground
import Keys
import NIOPosix
import Transport

/// Six new words for `SendRequest.code` and `ReceiveRequest.code`: 77 random bits.
public func newCode() -> String { SessionCode().text }

/// Makes a new signing key for `SendRequest.sign` in a file that only its owner may read, and its public key
/// in a file of the same name and ".pub", for `ReceiveRequest.trust`. Neither may be there yet. Returns the
/// fingerprint by which people compare keys. Throws a `TransferFailure`.
public func newSigningKey(at path: String) throws -> String {
  do { return try SigningKey.make(path).fingerprint } catch { throw TransferFailure(error) }
}

extension SendRequest {
  /// Reads which files there are, and sends them.
  public func start() -> TransferUpdates<SendReport> {
    switch destination {
    case .tcp:
      TransferUpdates({ try streamSender() }, report: SendReport.init)
    case .unicast, .multicast, .broadcast:
      TransferUpdates({ try udpSender() }, report: SendReport.init)
    }
  }

  private func udpSender() throws -> UDPSender {
    var options = try udpOptions()
    options.signing = try sign.map { try SigningKey(path: $0) }
    let set = try scan()
    return try UDPSender(options.signing == nil ? set : set.withSegmentDigests(), options)
  }

  private func scan() throws(FileSetError) -> ScannedSet {
    try FileScanner.scan(paths, options: ScanOptions(allFiles: !isOnlyJPEG, recursive: isRecursive))
  }

  private func udpOptions() throws -> UDPSendOptions {
    guard (1...65_535).contains(port) else { throw TransferFailure.badPort(port) }
    var options: UDPSendOptions
    switch destination {
    case .unicast(let host): options = UDPSendOptions(host: host, port: port)
    case .multicast(let group, let receivers):
      options = UDPSendOptions(host: group, port: port)
      options.mode = .multicast
      options.receiverCount = receivers
    case .broadcast(let address, let receivers):
      options = UDPSendOptions(host: address, port: port)
      options.mode = .broadcast
      options.receiverCount = receivers
    case .tcp: throw TransferFailure(kind: .badRequest, description: "TCP has no datagrams")
    }
    options.interface = interface
    options.joinSeconds = wait.map(\.inSeconds)
    options.rateLimitBitsPerSecond = rateLimit
    options.secret = try code.map(SessionSecret.init(words:))
    return options
  }

  private func streamSender() throws -> StreamSender {
    guard case .tcp(let hosts) = destination, !hosts.isEmpty else {
      throw TransferFailure(kind: .badRequest, description: "no host to send to")
    }
    guard (1...65_535).contains(port) else { throw TransferFailure.badPort(port) }
    guard sign == nil else { throw TransferFailure.noSignatures }
    var options = StreamSendOptions()
    if let wait { options.connectSeconds = wait.inSeconds }
    options.interface = interface
    options.secret = try code.map(SessionSecret.init(words:))
    return StreamSender(
      try scan(), to: hosts.map { StreamDestination(host: $0, port: port) }, options: options,
      group: MultiThreadedEventLoopGroup.singleton)
  }
}

extension ReceiveRequest {
  /// Listens, and receives one set.
  public func start() -> TransferUpdates<ReceiveReport> {
    switch source {
    case .any: TransferUpdates({ try eitherReceiver() }, report: ReceiveReport.init)
    case .tcp:
      TransferUpdates({ try OneStreamReceiver(options()) }, report: ReceiveReport.init)
    case .unicast, .multicast, .broadcast:
      TransferUpdates({ UDPReceiver(try options()) }, report: ReceiveReport.init)
    }
  }

  private func options() throws -> ReceiverOptions {
    guard (0...65_535).contains(port) else { throw TransferFailure.badPort(port) }
    try InboxTrial.run(inboxPath: folder, overwrite: overwrites)
    var options = ReceiverOptions(
      port: port, inbox: InboxOptions(path: folder, overwrite: overwrites),
      hostName: name ?? ProcessInfo.processInfo.hostName)
    switch source {
    case .any, .unicast: options.mode = .unicast
    case .multicast(let group):
      options.mode = .multicast
      options.group = group
    case .broadcast: options.mode = .broadcast
    case .tcp:
      guard trust == nil else { throw TransferFailure.noSignatures }
      options.mode = .tcp
    }
    options.trust = try trust.map { try SenderTrust(path: $0) }
    options.interface = interface
    options.waitSeconds = wait.map(\.inSeconds)
    options.secret = try code.map(SessionSecret.init(words:))
    return options
  }

  private func eitherReceiver() throws -> EitherReceiver {
    guard case .any(let room) = source, let calling = Calling(roomName: room) else {
      throw TransferFailure(kind: .badRequest, description: "a room's name has 1 to 64 bytes")
    }
    var options = try options()
    options.calling = calling
    return EitherReceiver(options) { _ in }
  }
}

/// A receiver over TCP that listens for one session.
struct OneStreamReceiver: Transfer {
  private let receiver: StreamReceiver

  init(_ options: ReceiverOptions) throws(TransportError) {
    receiver = try StreamReceiver(options, group: MultiThreadedEventLoopGroup.singleton)
  }

  func run(_ tell: @escaping @Sendable (TransferEvent) -> Void) throws(TransportError) -> StreamReceiveReport
  {
    defer { receiver.close() }
    return try receiver.run(tell)
  }

  func cancel() { receiver.cancel() }
}

extension SessionSecret {
  init(words: String) throws(KeyError) { self = .code(try SessionCode(words)) }
}

extension Duration {
  /// Not negative.
  var inSeconds: Double {
    max(0, Double(components.seconds) + Double(components.attoseconds) * 1e-18)
  }
}
