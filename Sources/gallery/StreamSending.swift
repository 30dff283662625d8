import Accounting
import Figures
import FileSet
import NIOCore
import NIOPosix
import Transport

/// `gallery send --mode tcp`: one connection a receiver, side by side.
struct StreamSending {
  let destinations: [StreamDestination]
  let options: StreamSendOptions
  let set: ScannedSet
  let ending: SendEnding

  func run() throws {
    let console = ending.console
    let group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, min(destinations.count, 4)))
    defer { try? group.syncShutdownGracefully() }
    let sender = StreamSender(set, to: destinations, options: options, group: group)
    SignalTrap.install { sender.cancel() }
    let report = try sender.run { [ending] in ending.tell($0) }
    for result in report.receivers {
      console.say(Self.line(result))
      if let account = result.accounting, ending.isAccountShown { console.say(account.text) }
    }
    if report.isWhole {
      console.say(
        "\(HumanText.bytes(report.fileByteCount)) in \(HumanText.fixed(report.seconds, 2)) s, "
          + HumanText.rate(report.fileByteCount, seconds: report.seconds))
    }
    let status = Self.status(report).balancing(report.receivers.compactMap(\.accounting))
    try ending.end(report, isWhole: report.isWhole, status)
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
