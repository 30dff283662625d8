import Ground

/// Runs a sender, in any mode, and says how that ended: to people, to machines, and by the exit code.
struct SendEnding: Sendable {
  let output: TransferOutput
  let isAccountShown: Bool
  /// Why a file of the set was left out at the scan, in one line; nil when none was.
  let leftOut: String?
  let console: Console
  /// Nil without one.
  var window: SendingWindow?

  /// Throws the exit code unless every receiver has every file of the set, and the error of a session that
  /// did not begin.
  func run<Sender: Transfer>(_ sender: Sender) throws where Sender.Report: SentReport {
    SignalTrap.install { sender.cancel() }
    let report = try sender.run { tell($0) }
    say(report)
    try end(report)
  }

  /// What happens before the end.
  func tell(_ event: TransferEvent, label: String = "") {
    console.tell(event, label: label)
    output.tell(event)
    window?.tell(event)
  }

  func say(_ report: some SentReport) {
    report.lines(isAccountShown: isAccountShown).forEach(console.say)
  }

  /// Prints the report for machines. Throws the exit code unless every receiver has every file of the set.
  func end(_ report: some TransferReport) throws {
    let status = output.end(report, leftOut: leftOut)
    if let leftOut { Console.fail("not all was sent: \(leftOut)") }
    guard status == .whole else { throw status.exitCode }
  }
}
