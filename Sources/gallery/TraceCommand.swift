import ArgumentParser
import Figures
import FileSet
import Trace

struct TraceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace",
    abstract: "Adds up and draws what --trace wrote of a session.",
    discussion: """
      Examples:
        gallery send images/small --to 10.1.1.34 --drop 5% --trace run.qlog
        gallery trace run.qlog
        gallery trace run.qlog --plot run.svg        # or .png, .pdf; needs gnuplot
        gallery trace run.qlog --json
        gallery receive --drop 'in: 5%' --trace run.qlog --drop-trace run.csv
        gallery trace run.qlog --drops run.csv       # was each drop asked for?
        gallery receive --into traced --trace receiver.qlog
        gallery send images/small --to 10.1.1.34 --drop 1% --trace sender.qlog
        gallery trace sender.qlog receiver.qlog --ladder run.svg              # each datagram, around the first loss
        gallery trace sender.qlog receiver.qlog --ladder run.svg --around 40  # … around chunk 40
        gallery receive --into again --trace receiver-2.qlog
        gallery send images/small --to 10.1.1.34 --drop 1% --seed 2 --trace sender-2.qlog
        gallery trace sender.qlog receiver.qlog --against sender-2.qlog receiver-2.qlog --ladder two.svg
      """)

  @Argument(help: ArgumentHelp("A trace: a qlog file of gallery.", valueName: "run.qlog"))
  var file: String
  @Argument(
    help: ArgumentHelp("For --ladder: the trace of the other side of the session.", valueName: "other.qlog"))
  var other: String?
  @OptionGroup var ladder: LadderArguments
  @Option(
    help: ArgumentHelp("Draw chunks by kind of datagram, rate and RTT over time.", valueName: "run.svg"))
  var plot: String?
  @Option(
    help: ArgumentHelp(
      "Hold a drop trace of the same run against the NACKs: exit code 8 when a loss was not noticed.",
      valueName: "run.csv"))
  var drops: String?
  @Flag(help: "Print the summary for machines.")
  var json = false

  func validate() throws {
    guard other == nil || ladder.ladder != nil else {
      throw ValidationError("two traces are drawn together: add --ladder run.svg")
    }
    let count = other == nil ? 1 : 2
    guard ladder.against.isEmpty || ladder.against.count == count else {
      throw ValidationError("--against takes as many traces as stand in front of it: \(count)")
    }
  }

  /// Rows of the table of goodput.
  private static let goodputRowCount = 10

  func run() throws {
    do {
      var summary = TraceSummary()
      var series = TraceSeries()
      var reconciliation = DropReconciliation(drops: try drops.map(DropTraceLine.read) ?? [])
      try TraceReader(path: file).forEach { record in
        reconciliation.add(record)
        let isNew = summary.add(record)
        series.add(record, isNew: isNew)
      }
      reconciliation.finish(isWhole: summary.isFinished)
      if json {
        OutputOptions().printJSON(Output(summary, drops == nil ? nil : reconciliation))
      } else {
        print(TraceText.text(summary, series, rows: Self.goodputRowCount))
      }
      if let plot {
        try Gnuplot.run([try TracePlot(summary, series).script(output: plot)])
        if !json { print("wrote \(plot)") }
      }
      let difference = try ladder.draw(file, other)
      if let difference, !json { print("\n" + difference.printable) }
      if let path = ladder.ladder, !json { print("wrote \(path)") }
      if drops != nil {
        if !json { print("\n" + TraceText.text(reconciliation)) }
        guard reconciliation.isReconciled else { throw ExitStatus.unbalanced.exitCode }
      }
    } catch let error as ExitCode { throw error } catch {
      Console.fail(error)
      throw ExitStatus.files.exitCode
    }
  }
}

/// `--json`: the summary's members, and the reconciliation's beside them.
private struct Output: Encodable {
  let summary: TraceSummary
  let drops: DropReconciliation?

  init(_ summary: TraceSummary, _ drops: DropReconciliation?) {
    self.summary = summary
    self.drops = drops
  }

  private enum CodingKeys: String, CodingKey { case drops }

  func encode(to encoder: any Encoder) throws {
    try summary.encode(to: encoder)
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encodeIfPresent(drops, forKey: .drops)
  }
}
