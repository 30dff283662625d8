import Accounting
import ArgumentParser
import FileSet
import Foundation
import Impairment
import Naive
import Transport

extension TransferMode {
  var naive: NaiveMode {
    switch self {
    case .unicast: .unicast
    case .broadcast: .broadcast
    case .multicast: .multicast
    case .tcp: .tcp
    }
  }
}

/// `gallery send --protocol naive`.
struct NaiveSending {
  let command: SendCommand

  func run() throws {
    let console = Console(isQuiet: command.output.quiet)
    let set = try FileScanner.scan(
      command.folder, options: ScanOptions(allFiles: command.all, recursive: command.recursive))
    guard let destination = command.destinations.first else { throw ValidationError("where to?") }
    var configuration = NaiveSendConfiguration(
      endpoint: NaiveEndpoint(
        mode: command.mode.naive, host: destination.host, port: destination.port,
        interface: command.mode == .multicast ? command.interface : nil, timeToLive: command.ttl))
    if let wait = command.wait { configuration.timing.waitNanoseconds = UInt64(wait.seconds * 1e9) }
    if let pause = command.pause { configuration.timing.pauseNanoseconds = UInt64(pause.seconds * 1e9) }
    configuration.drop = try NaiveDrop.outgoing(command.impair)
    let sender = try NaiveSender(configuration)
    SignalTrap.install { sender.cancel() }
    let files = set.manifest.entries.map { NaiveFile(path: "\(set.rootPath)/\($0.name)", name: $0.name) }
    let report = try sender.run(files) { console.say("\($0)") }
    console.say(
      "\(report.imageCount) images, \(HumanText.bytes(report.imageByteCount)) sent; what arrived nobody can tell: the naive protocol has no answer"
    )
    console.say(report.accounting.text)
    if command.output.json { command.output.printJSON(Accounted(report, report.accounting)) }
    let status = (report.isCancelled ? ExitStatus.endedByUser : .whole).balancing([report.accounting])
    guard status == .whole else { throw status.exitCode }
  }
}

/// `gallery receive --protocol naive` and `show --protocol naive`.
final class NaiveReceiving: Sendable {
  private let receiver: NaiveReceiver
  private let options: ReceiveOptions
  private let console: Console
  private let hooks: Receiving.Hooks

  init(_ options: ReceiveOptions, console: Console, hooks: Receiving.Hooks) throws {
    self.options = options
    self.console = console
    self.hooks = hooks
    let host = options.mode == .multicast ? options.group ?? options.bind : options.bind
    var configuration = NaiveReceiveConfiguration(
      endpoint: NaiveEndpoint(
        mode: options.mode.naive, host: host ?? "0.0.0.0", port: options.port,
        interface: options.mode == .multicast ? options.interface : nil), into: options.into)
    configuration.inbox.isOverwriting = options.overwrite
    if let idle = options.idleTimeout {
      configuration.limits.idleTimeoutNanoseconds = UInt64(idle.seconds * 1e9)
    }
    configuration.drop = try NaiveDrop.incoming(options.impair)
    receiver = try NaiveReceiver(configuration)
  }

  func cancel() { receiver.cancel() }

  func run(onListening: @escaping @Sendable (_ port: Int) -> Void) throws -> ExitStatus {
    let report = try receiver.run { [console, hooks] event in
      console.say("\(event)")
      if case .listening(_, let port, _) = event { onListening(port) }
      if case .image(let image) = event, let path = image.path {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        hooks.onVerified(
          FileArrival(
            index: image.index, name: name, path: path, byteCount: UInt64(image.byteCount),
            fileCount: image.index + 1))
      }
    }
    let summary = "\(report.imageCount) images, \(HumanText.bytes(report.imageByteCount)), in \(options.into)"
    console.say(summary)
    console.say(report.accounting.text)
    if let drops = report.socketDropCount, drops > 0 {
      console.say("\(drops) datagrams were dropped at this socket: its buffer was full")
    }
    hooks.onSessionEnd(summary)
    if options.output.json { options.output.printJSON(Accounted(report, report.accounting)) }
    let status: ExitStatus =
      switch report.outcome {
      case .endMarker: .whole
      case .cancelled: .endedByUser
      case .idleTimeout, .imageLimit: .partial
      }
    return status.balancing([report.accounting])
  }
}

/// A report with its account, as one object: `--json`.
private struct Accounted<Report: Encodable>: Encodable {
  let report: Report
  let accounting: Account

  init(_ report: Report, _ accounting: Account) {
    self.report = report
    self.accounting = accounting
  }

  private enum CodingKeys: String, CodingKey { case accounting }

  func encode(to encoder: any Encoder) throws {
    try report.encode(to: encoder)
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(accounting, forKey: .accounting)
  }
}
