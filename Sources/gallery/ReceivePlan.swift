import ArgumentParser
import Ground
import Keys
import Naive
import Transport

/// What `receive` and `show` are to do: the command line, checked and read once. Making it touches neither
/// disk nor network.
package struct ReceivePlan: Sendable {
  /// What receives, with all that it takes. The port, and what tells one session from the next, change with
  /// --keep.
  enum Driver: Sendable {
    case naive(NaiveReceiveConfiguration)
    case chunked(ReceiverOptions)
  }

  /// What a sender must know to reach this receiver.
  struct Place: Sendable {
    var mode: TransferMode
    var protocolName: TransferProtocol
    var bind: String?
    var group: String?
    /// 0: one that is free.
    var port: Int
  }

  private(set) var driver: Driver
  let place: Place
  /// How senders find this receiver, which then listens to everything; nil where it does not.
  let calling: Calling?
  /// What senders call this receiver.
  let name: String
  let inbox: InboxOptions
  /// Whether it stays for the next session.
  let keeps: Bool
  let readyFile: String?
  let isAccountShown: Bool
  let output: TransferOutput

  /// Throws `ValidationError`: one line that says which option is wrong, and what to do.
  package init(_ options: ReceiveOptions) throws {
    let mode = options.mode ?? .unicast
    try PartialOption.refuseIdle(options.partialOptions, mode: mode, protocolName: options.protocolName)
    try Self.check(options, mode)
    calling = try Self.calling(options)
    name = options.name ?? hostName
    place = Place(
      mode: mode, protocolName: options.protocolName, bind: options.bind, group: options.group,
      port: options.port ?? 25_000)
    var inbox = InboxOptions(
      path: options.into, overwrite: options.overwrite, resumes: !options.noResume,
      recordsPath: RecordsFolder.path)
    inbox.verifies = options.verify
    self.inbox = inbox
    keeps = options.keep
    readyFile = options.readyFile
    isAccountShown = options.account
    output = options.output
    switch options.protocolName {
    case .naive: driver = .naive(try Self.naive(options))
    case .chunked: driver = .chunked(try Self.chunked(options, inbox, calling))
    }
  }

  /// Everything is listened to unless an option says where to listen.
  private static func calling(_ options: ReceiveOptions) throws -> Calling? {
    let isBound =
      options.mode != nil || options.port != nil || options.bind != nil || options.protocolName == .naive
    guard let name = options.room else { return isBound ? nil : Calling(roomName: nil) }
    guard !isBound else {
      throw ValidationError(
        """
        --room is for a receiver that listens to everything: leave it out, or choose no --mode, --port, \
        --bind or --protocol
        """
      )
    }
    guard let calling = Calling(roomName: name) else {
      throw ValidationError("--room takes a name of 1 to 64 bytes")
    }
    return calling
  }

  /// The same plan with a code or a key. Says what is wrong with it.
  func unlocked(_ given: ReceiveOptions) throws -> ReceivePlan {
    guard case .chunked(var options) = driver else { return self }
    do {
      options.secret = try given.keys.receiversSecret()
      options.trust = try given.trust.map { try SenderTrust(path: $0) }
    } catch let error as KeyError {
      Console.fail(error)
      let status = ExitStatus(error)
      output.end(error, status)
      throw status.exitCode
    }
    var plan = self
    plan.driver = .chunked(options)
    return plan
  }

  private static func check(_ options: ReceiveOptions, _ mode: TransferMode) throws {
    guard (0...65_535).contains(options.port ?? 25_000) else {
      throw ValidationError("--port must be 0 to 65535")
    }
    if let bind = options.bind { try HostText.checkNumbers(bind, option: "--bind") }
    if let group = options.group {
      try HostText.checkNumbers(group, option: "--group")
      try HostText.checkGroup(group)
      // The socket is bound to the group's address.
      guard options.bind == nil else {
        throw ValidationError(
          "--bind does nothing beside --group: leave it out, or choose an interface by --interface")
      }
    }
    if mode == .multicast, options.group == nil, options.bind == nil {
      throw ValidationError("which group? Name it, as in --group 224.1.1.5")
    }
    if options.verify, options.noResume {
      throw ValidationError(
        "--verify does nothing beside --no-resume, which receives every file: leave one out")
    }
    try options.keys.check()
    try options.impair.checkSeed()
    try options.output.check()
  }

  private static func naive(_ options: ReceiveOptions) throws -> NaiveReceiveConfiguration {
    var configuration = NaiveReceiveConfiguration(
      endpoint: NaiveEndpoint(
        mode: options.mode ?? .unicast, host: options.group ?? options.bind ?? "0.0.0.0",
        port: options.port ?? 25_000,
        interface: options.interface), into: options.into)
    configuration.inbox.isOverwriting = options.overwrite
    configuration.limits.waitNanoseconds = options.wait?.nanoseconds
    configuration.limits.idleTimeoutNanoseconds = options.idleTimeout?.nanoseconds
    configuration.drop = try NaiveDrop.incoming(options.impair)
    do { _ = try NaiveReceiver(configuration) } catch { throw ValidationError(error.description) }
    return configuration
  }

  private static func chunked(
    _ options: ReceiveOptions, _ inbox: InboxOptions, _ calling: Calling?
  ) throws -> ReceiverOptions {
    var chunked = ReceiverOptions(
      port: options.port ?? 25_000, inbox: inbox, hostName: options.name ?? hostName)
    chunked.mode = options.mode ?? .unicast
    chunked.calling = calling
    chunked.bindHost = options.bind
    chunked.group = options.group
    chunked.interface = options.interface
    if let idle = options.idleTimeout { chunked.idleSeconds = idle.seconds }
    chunked.waitSeconds = options.wait?.seconds
    chunked.impairments = try options.impair.impairments()
    chunked.trace = options.tracing.options(label: nil)
    return chunked
  }
}

extension ReceiveOptions {
  /// The options that some mode or protocol does not use. All others have an effect everywhere.
  var partialOptions: [PartialOption] {
    [
      PartialOption("--group", group != nil, .multicast), PartialOption("--no-resume", noResume, .chunked),
      PartialOption("--name", name != nil, .chunked), PartialOption("--verify", verify, .chunked),
      PartialOption("--trust", trust != nil, .chunkedUDP),
    ] + keys.partialOptions + impair.partialOptions + tracing.partialOptions
  }
}
