import Accounting
import Figures
import FileSet
import Naive
import Transport

/// `gallery receive --protocol naive` and `show --protocol naive`: one session.
final class NaiveReceiving: Sendable {
  private let receiver: NaiveReceiver
  private let configuration: NaiveReceiveConfiguration
  private let plan: ReceivePlan
  private let console: Console
  private let hooks: Receiving.Hooks

  /// `configuration`: the plan's, with this session's port, and the number of the first image: with --keep
  /// the numbers of all sessions go on.
  init(
    _ configuration: NaiveReceiveConfiguration, plan: ReceivePlan, console: Console, hooks: Receiving.Hooks
  ) throws {
    self.configuration = configuration
    self.plan = plan
    self.console = console
    self.hooks = hooks
    receiver = try NaiveReceiver(configuration)
  }

  func cancel() { receiver.cancel() }

  /// How the session ended, and how many images it stored.
  func run(onListening: @escaping @Sendable (_ address: String, _ port: Int) -> Void) throws -> (
    status: ExitStatus, imageCount: Int
  ) {
    let firstNumber = configuration.inbox.firstNumber
    let report = try receiver.run { [console, hooks] event in
      console.say("\(event)")
      if case .listening(let address, let port, _) = event { onListening(address, port) }
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
        address: report.localAddress, nanoseconds: configuration.limits.waitNanoseconds ?? 0)
    }
    let summary =
      "\(imagesText(report.imageCount)), \(HumanText.bytes(report.imageByteCount)), in \(plan.inbox.path)"
    console.say(summary)
    if plan.isAccountShown { console.say(report.accounting.text) }
    if let drops = report.socketDropCount, drops > 0 {
      console.say(
        "\(HumanText.count(drops, "datagram was", "datagrams were")) dropped at this socket: its buffer was full"
      )
    }
    hooks.onSessionEnd(summary)
    let status: ExitStatus =
      switch report.outcome {
      case .endMarker: report.isKnownToLack ? .partial : .whole
      case .cancelled: .endedByUser
      case .idleTimeout, .imageLimit, .waitTimeout: .partial
      }
    let balanced = status.balancing([report.accounting])
    // A lost image leaves no trace, so nobody knows whether it is whole.
    plan.output.end(Accounted(report, report.accounting), isWhole: nil, balanced)
    return (balanced, report.imageCount)
  }
}
