import Accounting
import ArgumentParser
import Figures
import FileSet
import Foundation
import Ground
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
  let set: ScannedSet
  let console: Console

  func run() throws {
    let sender = try Self.sender(command)
    SignalTrap.install { sender.cancel() }
    let files = set.manifest.entries.enumerated().map { file, entry in
      NaiveFile(path: set.path(ofFile: file), name: entry.name)
    }
    let report = try sender.run(files) { console.say("\($0)") }
    console.say(
      "\(imagesText(report.imageCount)), \(HumanText.bytes(report.imageByteCount)) sent; the receiver does not answer in this protocol, so nobody knows what arrived"
    )
    if command.account { console.say(report.accounting.text) }
    if command.output.json { command.output.printJSON(Accounted(report, report.accounting)) }
    let status = (report.isCancelled ? ExitStatus.endedByUser : .whole).balancing([report.accounting])
    guard status == .whole else { throw status.exitCode }
  }
}

extension NaiveSending {
  /// Throws `NaiveError.invalidConfiguration` for options that contradict each other; touches neither disk nor network.
  static func sender(_ command: SendCommand) throws -> NaiveSender {
    guard let destination = command.destinations.first else { throw ValidationError("where to?") }
    var configuration = NaiveSendConfiguration(
      endpoint: NaiveEndpoint(
        mode: command.mode.naive, host: destination.host, port: destination.port,
        interface: command.interface, timeToLive: command.ttl ?? 1))
    if let wait = command.wait { configuration.timing.waitNanoseconds = UInt64(wait.seconds * 1e9) }
    if let pause = command.pause { configuration.timing.pauseNanoseconds = UInt64(pause.seconds * 1e9) }
    configuration.drop = try NaiveDrop.outgoing(command.impair)
    return try NaiveSender(configuration)
  }
}

/// `gallery receive --protocol naive` and `show --protocol naive`: one session.
final class NaiveReceiving: Sendable {
  private let receiver: NaiveReceiver
  private let options: ReceiveOptions
  private let console: Console
  private let hooks: Receiving.Hooks
  private let firstNumber: Int

  /// `firstNumber`: images that earlier sessions of this program have stored. With --keep the numbers of all go on.
  init(
    _ options: ReceiveOptions, console: Console, hooks: Receiving.Hooks, port: Int, firstNumber: Int
  ) throws {
    self.options = options
    self.console = console
    self.hooks = hooks
    self.firstNumber = firstNumber
    receiver = try Self.receiver(options, port: port, firstNumber: firstNumber)
  }

  /// Throws `NaiveError.invalidConfiguration` for options that contradict each other; touches neither disk nor network.
  static func receiver(_ options: ReceiveOptions, port: Int, firstNumber: Int = 0) throws -> NaiveReceiver {
    let host = options.mode == .multicast ? options.group ?? options.bind : options.bind
    var configuration = NaiveReceiveConfiguration(
      endpoint: NaiveEndpoint(
        mode: options.mode.naive, host: host ?? "0.0.0.0", port: port,
        interface: options.interface), into: options.into)
    configuration.inbox.isOverwriting = options.overwrite
    configuration.inbox.firstNumber = firstNumber
    if let wait = options.wait { configuration.limits.waitNanoseconds = UInt64(wait.seconds * 1e9) }
    if let idle = options.idleTimeout {
      configuration.limits.idleTimeoutNanoseconds = UInt64(idle.seconds * 1e9)
    }
    configuration.drop = try NaiveDrop.incoming(options.impair)
    return try NaiveReceiver(configuration)
  }

  func cancel() { receiver.cancel() }

  /// How the session ended, and how many images it stored.
  func run(onListening: @escaping @Sendable (_ port: Int) -> Void) throws -> (
    status: ExitStatus, imageCount: Int
  ) {
    let report = try receiver.run { [console, hooks, firstNumber] event in
      console.say("\(event)")
      if case .listening(_, let port, _) = event { onListening(port) }
      if case .image(let image) = event, let path = image.path {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        hooks.onVerified(
          FileArrival(
            index: firstNumber + image.index, name: name, path: path, byteCount: UInt64(image.byteCount),
            fileCount: firstNumber + image.index + 1))
      }
    }
    if report.outcome == .waitTimeout {
      throw NaiveError.nobodySending(
        address: report.localAddress, nanoseconds: UInt64((options.wait?.seconds ?? 0) * 1e9))
    }
    let summary =
      "\(imagesText(report.imageCount)), \(HumanText.bytes(report.imageByteCount)), in \(options.into)"
    console.say(summary)
    if options.account { console.say(report.accounting.text) }
    if let drops = report.socketDropCount, drops > 0 {
      console.say(
        "\(HumanText.count(drops, "datagram was", "datagrams were")) dropped at this socket: its buffer was full"
      )
    }
    hooks.onSessionEnd(summary)
    if options.output.json { options.output.printJSON(Accounted(report, report.accounting)) }
    let status: ExitStatus =
      switch report.outcome {
      case .endMarker: report.isKnownToLack ? .partial : .whole
      case .cancelled: .endedByUser
      case .idleTimeout, .imageLimit, .waitTimeout: .partial
      }
    return (status.balancing([report.accounting]), report.imageCount)
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
