import Accounting
import Figures
import FileSet
import NIOCore
import NIOPosix
import Transport

/// `gallery send --mode tcp`: one connection a receiver, side by side.
struct StreamSending {
  let command: SendCommand
  let set: ScannedSet
  let console: Console

  func run() throws {
    let destinations = command.destinations.map { StreamDestination(host: $0.host, port: $0.port) }
    let group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, min(destinations.count, 4)))
    defer { try? group.syncShutdownGracefully() }
    var options = StreamSendOptions()
    if let wait = command.wait { options.connectSeconds = wait.seconds }
    options.interface = command.interface
    let sender = StreamSender(set, to: destinations, options: options, group: group) { [console] in
      console.show($0)
    }
    SignalTrap.install { sender.cancel() }
    let report = try sender.run()
    for result in report.receivers {
      console.say(Self.line(result))
      if let account = result.accounting, command.account { console.say(account.text) }
    }
    guard report.isWhole else { return try finish(report) }
    console.say(
      "\(HumanText.bytes(report.fileByteCount)) in \(HumanText.fixed(report.seconds, 2)) s, "
        + HumanText.rate(report.fileByteCount, seconds: report.seconds))
    try finish(report)
  }

  private func finish(_ report: StreamSendReport) throws {
    if command.output.json { command.output.printJSON(report) }
    let status = Self.status(report).balancing(report.receivers.compactMap(\.accounting))
    guard status == .whole else { throw status.exitCode }
  }

  private static func line(_ result: StreamSendResult) -> String {
    let name = result.receiverName.map { "\($0.printable) (\(result.destination))" } ?? result.destination
    let count = result.verifiedFileCount
    guard result.outcome != .whole else { return "\(name): \(ReceiveSummary.verified(count, of: count))" }
    // A receiver that is lost has told of none, whatever it has.
    return "\(name): \(result.message ?? result.outcome.rawValue)"
      + (count > 0 ? "; \(HumanText.count(count, "file", "files")) verified there" : "")
  }

  private static func status(_ report: StreamSendReport) -> ExitStatus {
    let bad = report.receivers.filter { $0.outcome != .whole }
    guard let first = bad.first else { return .whole }
    // It is the receiver that could not store: no file of this host's is at fault.
    if first.outcome == .couldNotStore { return .partial }
    return bad.count == report.receivers.count ? ExitStatus(first.outcome) : .partial
  }
}

/// `gallery receive --mode tcp` and `show --mode tcp`.
final class StreamReceiving: Sendable {
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let receiver: StreamReceiver
  private let options: ReceiveOptions
  private let console: Console
  private let hooks: Receiving.Hooks

  init(
    _ options: ReceiveOptions, console: Console, hooks: Receiving.Hooks
  ) throws(TransportError) {
    self.options = options
    self.console = console
    self.hooks = hooks
    var stream = StreamReceiveOptions(inboxPath: options.into)
    stream.port = options.port
    stream.interface = options.interface
    stream.overwrite = options.overwrite
    stream.hostName = hostName
    stream.waitSeconds = options.wait?.seconds
    if let idle = options.idleTimeout { stream.idleSeconds = idle.seconds }
    do { receiver = try Self.listen(stream, bind: options.bind, group: group) } catch {
      try? group.syncShutdownGracefully()
      throw error
    }
    console.say("listening on \(receiver.address)")
  }

  /// Any address means IPv4 and IPv6 alike, where there is IPv6.
  private static func listen(
    _ options: StreamReceiveOptions, bind: String?, group: any EventLoopGroup
  ) throws(TransportError) -> StreamReceiver {
    var options = options
    options.bindHost = bind ?? "::"
    do { return try StreamReceiver(options, group: group) } catch {
      guard bind == nil, case .system = error else { throw error }
      options.bindHost = "0.0.0.0"
      return try StreamReceiver(options, group: group)
    }
  }

  var port: Int { receiver.port }
  func cancel() { receiver.cancel() }
  func close() {
    receiver.close()
    try? group.syncShutdownGracefully()
  }

  /// One session.
  func run() throws -> ExitStatus {
    var callbacks = StreamReceiveCallbacks()
    let console = console
    let hooks = hooks
    callbacks.onNotice = { console.say($0) }
    callbacks.onBegin = {
      console.say(ReceiveSummary.beginning($0))
      hooks.onBegin($0)
    }
    callbacks.onProgress = {
      console.show($0)
      hooks.onProgress($0)
    }
    callbacks.onFile = hooks.onVerified
    let report = try receiver.run(callbacks)
    for failure in report.failures.prefix(20) { console.say(failure.reason) }
    if let message = report.message { console.say("not whole: \(message)") }
    let summary =
      ReceiveSummary.files(report.verifiedFileCount, of: report.fileCount, inbox: options.into)
      + ": \(HumanText.bytes(report.receivedByteCount)) in \(HumanText.fixed(report.seconds, 2)) s, "
      + HumanText.rate(report.receivedByteCount, seconds: report.seconds)
    console.say(summary)
    hooks.onSessionEnd(SessionLine.text(report))
    if let account = report.accounting, options.account { console.say(account.text) }
    if options.output.json { options.output.printJSON(report) }
    let status: ExitStatus =
      report.failures.contains(where: \.isDamaged) ? .verification : ExitStatus(report.outcome)
    return status.balancing([report.accounting].compactMap(\.self))
  }
}

extension ExitStatus {
  init(_ outcome: TransferOutcome) {
    switch outcome {
    case .whole: self = .whole
    case .couldNotStore, .failed: self = .files
    case .endedByUser: self = .endedByUser
    case .unreachable: self = .nobodyListening
    case .someFilesFailed, .connectionLost, .refused: self = .partial
    case .protocolViolation, .versionMismatch: self = .network
    }
  }
}
