import ArgumentParser
import Figures
import FileSet
import Study

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Sends the same images naive and chunked through the same losses, and compares what arrives.",
    discussion: """
      Real sockets on loopback, in this process: naive beside chunked beside chunked with parity over UDP and, \
      without loss, both protocols over TCP. Parity is as the loss asks for in a group; one receiver gets a symbol \
      for each ten chunks before it asks. Losses are induced at the receiver, packet by packet as on a 1,500-byte \
      link: each IP fragment of a naive image is lost by itself, and the image with any of them; chunked datagrams \
      fit one packet each. The same seed gives the same losses. Every trial has its own sockets. Loopback's MTU is \
      65,536, so that naive datagrams are not really cut there: no \
      fragment is left in the kernel for the next trial to stumble over, as happens between hosts (30 s, ipfrag_time).

      Prints a table, and writes plots (SVG, PNG), contact sheets of what arrived, results.csv and summary.json into \
      --into; those of an earlier comparison there are replaced.

      Examples:
        gallery compare images/small --loss 0,1,5,10
        gallery compare images/small --loss 0:20:2 --wait 0.2s --into sweep
        gallery compare images/small --loss 5 --receivers 3 --json > comparison.json
      """)

  @Argument(help: "Folder (or file) that is sent.")
  var folder: String
  @Option(help: ArgumentHelp("Packet loss in percent: a list, or first:last:step.", valueName: "0,1,5,10"))
  var loss = LossList(percent: [0, 1, 5, 10])
  @Option(help: "Independent trials of each run.")
  var trials = 5
  @Option(help: "Receivers; with more than one, UDP is multicast on loopback.")
  var receivers = 1
  @Option(help: "Seed of the losses.")
  var seed: UInt64 = 1
  @Option(
    help: ArgumentHelp(
      "Naive: pause between two images; without it 2ms. 0 overflows socket buffers.", valueName: "2ms"),
    transform: TimeText.read)
  var pause: TimeText?
  @Option(
    help: ArgumentHelp("Naive: sleep before the end marker; without it the course's 3s.", valueName: "3s"),
    transform: TimeText.read)
  var wait: TimeText?
  @Option(help: ArgumentHelp("Folder for plots, contact sheets and numbers.", valueName: "dir"))
  var into = "comparison"
  @Flag(help: "Send any file of a folder, not only JPEGs (*.jpg, *.jpeg, *.jpe, *.jfif).")
  var all = false
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...1_000).contains(trials) else { throw ValidationError("--trials must be 1 to 1000") }
    guard (1...32).contains(receivers) else {
      throw ValidationError("--receivers must be 1 to 32: they all run here")
    }
    guard (wait?.seconds ?? 0) <= 60, (pause?.seconds ?? 0) <= 1 else {
      throw ValidationError("--wait goes up to 60s, --pause to 1s")
    }
  }

  func run() throws {
    do {
      let set = try FileScanner.scan(folder, options: ScanOptions(allFiles: all, offersRecursive: false))
      set.notices.forEach(Console(isQuiet: output.quiet).say)
      let work = TemporaryFolder("compare")
      defer { work.remove() }
      var plan = ComparePlan(
        set: set, lossFractions: loss.fractions, trialCount: trials, receiverCount: receivers, seed: seed,
        workPath: work.path)
      if let pause { plan.pauseSeconds = pause.seconds }
      if let wait { plan.waitSeconds = wait.seconds }
      let console = Console(isQuiet: output.quiet)
      let files = try CompareFolder(path: into)
      let document = CompareDocument(
        plan: plan, folder: folder, results: try measure(Comparison(plan), files, console))
      show(document)
      // Behind the table: what it says is not lost where there is no gnuplot.
      try files.write(document, imageByteCounts: set.manifest.entries.map(\.byteCount))
      console.say("wrote plots, contact sheets and numbers: \(into)/images.svg and others")
    } catch {
      Console.fail(error)
      throw ExitStatus(error).exitCode
    }
  }

  private func show(_ document: CompareDocument) {
    if output.json { return output.printJSON(document) }
    print(CompareSummary.table(document.summaries, width: TableWidth.columns))
    if !output.quiet { print("\n" + CompareSummary.legend) }
    let problems = document.results.compactMap { result in
      result.problem.map { "\(result.variant.title): \($0)" }
    }
    for problem in Set(problems).sorted() { print(problem) }
  }

  private func measure(
    _ comparison: Comparison, _ files: CompareFolder, _ console: Console
  ) throws -> [CompareResult] {
    let runs = comparison.plan.runs
    var results: [CompareResult] = []
    for (index, run) in runs.enumerated() {
      let some = try comparison.results(of: run)
      results += some
      let whole = some.map { "\($0.imagesWhole)" }.joined(separator: ", ")
      console.say(
        "\(index + 1) of \(runs.count): \(HumanText.percent(run.lossFraction)), \(run.variant.title), trial \(run.trial + 1): "
          + "\(whole) of \(some[0].imagesSent) images whole, \(HumanText.fixed(some[0].secondsToEnd, 2)) s")
      if run.trial == 0, !run.variant.isTCP { try files.writeSheets(comparison, run) }
      comparison.clear(run)
    }
    try files.writeCutSheet(comparison.plan)
    return results
  }
}
