import Ground

/// The end of a sender's run, in any mode: its report for machines, and its exit code.
struct SendEnding: Sendable {
  let output: TransferOutput
  let isAccountShown: Bool
  /// Why a file of the set was left out at the scan, in one line; nil when none was.
  let leftOut: String?
  let console: Console

  /// What happens before the end.
  func tell(_ event: TransferEvent, label: String = "") {
    console.tell(event, label: label)
    output.tell(event)
  }

  /// Prints the report. Throws the exit code unless every receiver has every file of the set. `isWhole`: nil
  /// where nobody knows.
  func end(_ report: some Encodable, isWhole: Bool?, _ status: ExitStatus) throws {
    let status = status == .whole && leftOut != nil ? .partial : status
    output.end(report, isWhole: leftOut == nil ? isWhole : false, leftOut: leftOut, status)
    if let leftOut { Console.fail("not all was sent: \(leftOut)") }
    guard status == .whole else { throw status.exitCode }
  }
}
