import Accounting
import Figures
import NIOCore
import NIOPosix
import Transport

/// `gallery receive --mode tcp` and `show --mode tcp`.
final class StreamReceiving: Sendable {
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let receiver: StreamReceiver
  private let plan: ReceivePlan
  private let console: Console
  private let hooks: Receiving.Hooks

  /// Listens. `options`: those of the plan's driver.
  init(
    _ options: StreamReceiveOptions, plan: ReceivePlan, console: Console, hooks: Receiving.Hooks
  ) throws(TransportError) {
    self.plan = plan
    self.console = console
    self.hooks = hooks
    do { receiver = try Self.listen(options, bind: plan.place.bind, group: group) } catch {
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

  /// `::`, `127.0.0.1`: without brackets and port.
  var address: String {
    let end = receiver.address.lastIndex(of: ":") ?? receiver.address.endIndex
    return String(receiver.address[..<end].filter { $0 != "[" && $0 != "]" })
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
      ReceiveSummary.files(report.verifiedFileCount, of: report.fileCount, inbox: plan.inbox.path)
      + ": \(HumanText.bytes(report.receivedByteCount)) in \(HumanText.fixed(report.seconds, 2)) s, "
      + HumanText.rate(report.receivedByteCount, seconds: report.seconds)
    console.say(summary)
    hooks.onSessionEnd(SessionLine.text(report))
    if let account = report.accounting, plan.isAccountShown { console.say(account.text) }
    let status: ExitStatus =
      report.failures.contains(where: \.isDamaged) ? .verification : ExitStatus(report.outcome)
    let balanced = status.balancing([report.accounting].compactMap(\.self))
    plan.output.end(report, isWhole: report.outcome == .whole, balanced)
    return balanced
  }
}
