import ArgumentParser
import Ground

/// What `send`, `receive` and `show` print.
struct TransferOutput: ParsableArguments {
  @Flag(help: "Print a summary for machines on standard output.")
  var json = false
  @Flag(
    help:
      "Print events for machines as they happen, a JSON object a line on standard output; README lists them."
  )
  var jsonLines = false
  @Flag(name: .shortAndLong, help: "Print nothing but errors.")
  var quiet = false

  func check() throws {
    if json, jsonLines {
      throw ValidationError(
        "--json and --json-lines: choose one; the end event of --json-lines has the summary of --json")
    }
  }

  /// Prints the event, when a script reads events.
  func tell(_ event: TransferEvent) { if jsonLines, let line = EventLine(event) { EventLines.write(line) } }

  /// The end of a session: its report. `leftOut`: why a file is not in the set. Returns how it ended.
  func end(_ report: some TransferReport, leftOut: String? = nil) -> ExitStatus {
    var status = report.status.balancing(report.accounts)
    if status == .whole, leftOut != nil { status = .partial }
    let document = TransferDocument(report: report, leftOut: leftOut, exitCode: status.rawValue)
    if json { print(JSONText.pretty(document)) }
    if jsonLines { EventLines.write(EndEvent(exitCode: status.rawValue, error: nil, report: document)) }
    return status
  }

  /// The end of a run that has no report.
  func end(_ error: any Error, _ status: ExitStatus) {
    let report = ErrorReport(error: Console.text(error), exitCode: status.rawValue)
    if json { print(JSONText.pretty(report)) }
    if jsonLines {
      EventLines.write(EndEvent<ErrorReport>(exitCode: status.rawValue, error: report.error, report: nil))
    }
  }
}

/// A report, and what the command knows beside it, as one object: `--json`.
private struct TransferDocument<Report: TransferReport>: Encodable {
  let report: Report
  let leftOut: String?
  let exitCode: Int32

  private enum CodingKeys: String, CodingKey { case isWhole, leftOut, exitCode, accounting }

  func encode(to encoder: any Encoder) throws {
    try report.encode(to: encoder)
    // Into the same object, in the place of the report's own `isWhole`, which is that of what was sent.
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encodeIfPresent(leftOut == nil ? report.isKnownWhole : false, forKey: .isWhole)
    try values.encodeIfPresent(report.unencodedAccount, forKey: .accounting)
    try values.encodeIfPresent(leftOut, forKey: .leftOut)
    try values.encode(exitCode, forKey: .exitCode)
  }
}

/// `--json` of a run that ended before there was anything else to report.
private struct ErrorReport: Encodable {
  let error: String
  let exitCode: Int32
  let isWhole = false
}
