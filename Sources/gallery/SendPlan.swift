import ArgumentParser
import Ground
import Keys
import Naive
import Session
import Transport

/// What `gallery send` is to do: the command line, checked and read once. Each case has what its driver
/// takes, and no more. Making it touches neither disk nor network.
enum SendPlan {
  case naive(NaiveSendConfiguration)
  /// The chunked protocol over TCP.
  case stream(to: [StreamDestination], StreamSendOptions)
  /// The chunked protocol, to the receivers that a search finds.
  case search(FoundPlanOptions)
  /// The chunked protocol over UDP: one session for each of these, side by side.
  case chunked([UDPSendOptions])

  /// Throws `ValidationError`: one line that says which option is wrong, and what to do.
  init(_ command: SendCommand) throws {
    let isSearch = command.to.isEmpty && command.protocolName == .chunked && command.mode == nil
    // What is found may be served by a group.
    let mode = command.mode ?? (isSearch ? .multicast : .unicast)
    try PartialOption.refuseIdle(command.partialOptions, mode: mode, protocolName: command.protocolName)
    try Self.check(command)
    if isSearch {
      try Self.checkSearch(command)
      self = .search(try Self.search(command, names: []))
      return
    }
    if command.room != nil {
      throw ValidationError("--room is for a search of receivers: leave it out, or choose no --to or --mode")
    }
    let destinations = try Self.destinations(command, mode)
    switch (command.protocolName, mode) {
    case (.naive, _): self = .naive(try Self.naive(command, destinations, mode))
    case (.chunked, .tcp):
      var options = StreamSendOptions()
      if let wait = command.wait { options.connectSeconds = wait.seconds }
      options.interface = command.interface
      self = .stream(to: destinations, options)
    case (.chunked, let mode):
      if mode.isGroup, destinations.count > 1 {
        throw ValidationError("one \(mode.rawValue) address at a time: all receivers hear it")
      }
      self = .chunked(
        try destinations.indices.map { try Self.udp(command, destinations, $0, mode: mode) })
    }
  }

  /// The same plan with a code or a key.
  func unlocked(_ secret: SessionSecret?) -> SendPlan {
    guard let secret else { return self }
    switch self {
    case .naive: return self
    case .stream(let destinations, var options):
      options.secret = secret
      return .stream(to: destinations, options)
    case .search(var options):
      options.session.secret = secret
      return .search(options)
    case .chunked(var sessions):
      for index in sessions.indices { sessions[index].secret = secret }
      return .chunked(sessions)
    }
  }

  /// The same plan with a key to sign with. Only plans over UDP get one.
  func signed(by key: SigningKey?) -> SendPlan {
    guard let key else { return self }
    switch self {
    case .naive, .stream: return self
    case .search(var options):
      options.session.signing = key
      return .search(options)
    case .chunked(var sessions):
      for index in sessions.indices { sessions[index].signing = key }
      return .chunked(sessions)
    }
  }

  /// Whether there is a time before the start, in which receivers come.
  var waitsForReceivers: Bool {
    switch self {
    case .naive, .stream: false
    case .search: true
    case .chunked(let sessions): sessions.contains { $0.mode.isGroup && $0.oneWay == nil }
    }
  }

  /// The same plan with a window, which hears how the receivers fare.
  func watched(by window: SendingWindow?) -> SendPlan {
    guard let window else { return self }
    switch self {
    case .naive, .stream: return self
    case .search(var options):
      options.session.onSample = window.take
      return .search(options)
    case .chunked(var sessions):
      for index in sessions.indices { sessions[index].onSample = window.take }
      return .chunked(sessions)
    }
  }

  /// The smallest packet for a signed announce, its five representatives, a tag and the headers of IPv6.
  private static let signedMTU = 384

  private static func check(_ command: SendCommand) throws {
    guard (1...65_535).contains(command.port ?? 25_000) else {
      throw ValidationError("--port must be 1 to 65535")
    }
    guard (0...255).contains(command.ttl ?? 1) else { throw ValidationError("--ttl must be 0 to 255") }
    if let receivers = command.receivers, receivers < 1 {
      throw ValidationError("--receivers must be 1 or more")
    }
    if let mtu = command.mtu, !(128...65_535).contains(mtu) {
      throw ValidationError("--mtu must be 128 to 65535 bytes")
    }
    if let mtu = command.mtu, mtu < Self.signedMTU, command.sign != nil {
      throw ValidationError(
        "--mtu must be \(Self.signedMTU) or more with --sign: an announce has its signature with it")
    }
    if command.controller == .fixed, command.rate == nil {
      throw ValidationError("--controller fixed needs --rate, as in --rate 100Mbit")
    }
    try command.stragglers.check()
    try command.oneWay.check(command)
    try command.keys.check()
    try command.impair.checkSeed()
    try command.output.check()
  }

  /// Throws for what a search has no use for.
  private static func checkSearch(_ command: SendCommand) throws {
    if command.port != nil {
      throw ValidationError("--port is for --to, as receivers tell their ports: leave it out, or add --to")
    }
    if command.oneWay.oneWay {
      throw ValidationError("--one-way needs --to, as no receiver answers: leave it out, or add --to")
    }
  }

  private static func destinations(
    _ command: SendCommand, _ mode: TransferMode
  ) throws -> [StreamDestination] {
    let texts = command.to.flatMap { $0.split(separator: ",") }
    guard !texts.isEmpty else {
      throw ValidationError(
        """
        where to? Name a receiver, as in --to 10.1.1.34; without --mode and --protocol the receivers of \
        this link are looked for
        """
      )
    }
    return try texts.map { text in
      guard let (host, port) = HostText.split(String(text), defaultPort: command.port ?? 25_000) else {
        throw ValidationError(
          "--to \(text): a host, or host:port with a port from 1 to 65535; [address]:port for IPv6")
      }
      try HostText.checkNumbers(host, option: "--to")
      try HostText.checkKind(host, mode: mode)
      return StreamDestination(host: host, port: port)
    }
  }

  private static func naive(
    _ command: SendCommand, _ destinations: [StreamDestination], _ mode: TransferMode
  ) throws -> NaiveSendConfiguration {
    guard destinations.count == 1 else {
      throw ValidationError("the naive protocol sends to one address at a time")
    }
    var configuration = NaiveSendConfiguration(
      endpoint: NaiveEndpoint(
        mode: mode, host: destinations[0].host, port: destinations[0].port,
        interface: command.interface, timeToLive: command.ttl ?? 1))
    if let wait = command.wait { configuration.timing.waitNanoseconds = wait.nanoseconds }
    if let pause = command.pause { configuration.timing.pauseNanoseconds = pause.nanoseconds }
    configuration.drop = try NaiveDrop.outgoing(command.impair)
    do { _ = try NaiveSender(configuration) } catch { throw ValidationError(error.description) }
    return configuration
  }

  /// For the destination at this place, from 0.
  private static func udp(
    _ command: SendCommand, _ destinations: [StreamDestination], _ index: Int, mode: TransferMode
  ) throws -> UDPSendOptions {
    let (host, port) = (destinations[index].host, destinations[index].port)
    var options = try session(
      command,
      receiver: mode.isGroup ? nil : .init(index: index, hosts: destinations.map(\.host)))
    options.host = host
    options.port = port
    options.mode = mode
    options.trace = command.tracing.options(label: destinations.count > 1 ? "\(host)-\(port)" : nil)
    return options
  }

  /// Of any session. All receivers of a group get the same datagram: none (`receiver`) can be chosen for a
  /// loss.
  private static func session(
    _ command: SendCommand, receiver: ImpairOptions.Receiver?
  ) throws -> UDPSendOptions {
    var options = UDPSendOptions(host: "")
    options.interface = command.interface
    options.hopCount = command.ttl ?? 1
    options.mtuByteCount = command.mtu
    options.receiverCount = command.receivers
    options.parity = command.parity?.choice ?? .auto
    options.stragglerNanoseconds = command.stragglers.limitNanoseconds
    options.oneWay = command.oneWay.plan
    options.joinSeconds = command.wait?.seconds
    let rate = command.rate.map { Double($0.bitsPerSecond) }
    options.rateLimitBitsPerSecond = rate
    switch command.controller ?? .model {
    case .model: options.controller = .model
    case .aimd: options.controller = .aimd
    case .fixed: options.controller = .fixed(bitsPerSecond: rate ?? 0)
    }
    if options.oneWay != nil {
      options.rateLimitBitsPerSecond = rate ?? OneWay.defaultRate
      options.controller = .fixed(bitsPerSecond: rate ?? OneWay.defaultRate)
    }
    options.impairments = try command.impair.impairments(receiver: receiver)
    options.trace = command.tracing.options(label: nil)
    return options
  }

  /// `names`: the receivers that are wanted; empty: all of the room.
  static func search(_ command: SendCommand, names: [String]) throws -> FoundPlanOptions {
    guard var search = FinderOptions(roomName: command.room) else {
      throw ValidationError("--room takes a name of 1 to 64 bytes")
    }
    search.interface = command.interface
    search.receiverCount = command.receivers
    search.names = names
    search.seconds = command.wait?.seconds ?? (command.receivers == nil ? names.isEmpty ? 5 : 10 : 60)
    return FoundPlanOptions(search: search, session: try session(command, receiver: nil))
  }
}

extension SendCommand {
  /// The options that some mode or protocol does not use. All others have an effect everywhere.
  var partialOptions: [PartialOption] {
    [
      PartialOption("--rate", rate != nil, .chunkedUDP),
      PartialOption("--mtu", mtu != nil, .chunkedUDP),
      PartialOption("--controller", controller != nil, .chunkedUDP),
      PartialOption("--receivers", receivers != nil, .chunkedGroup),
      // One receiver that answers is not served by parity, unless as much as a person says.
      PartialOption(
        "--parity", parity != nil,
        parity?.choice.fixedShare == nil && !oneWay.oneWay ? .chunkedGroup : .chunkedUDP),
      PartialOption("--ttl", ttl != nil, .multicast),
      PartialOption("--sign", sign != nil, .chunkedUDP),
      PartialOption("--pause", pause != nil, .naive),
      PartialOption("--wait", wait != nil, .allButNaiveTCP),
    ] + stragglers.partialOptions + oneWay.partialOptions + keys.partialOptions + watching.partialOptions
      + impair.partialOptions
      + tracing.partialOptions
  }
}
