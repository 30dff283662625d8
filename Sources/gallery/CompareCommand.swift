import ArgumentParser
import FileSet
import Foundation
import Lab
import Viewer

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Sends the same images naive and chunked through the same losses, and compares what arrives.",
    discussion: """
      Real sockets on loopback, in this process: naive beside chunked over UDP and, without loss, both over TCP. Losses \
      are induced at the receiver, packet by packet as on a 1,500-byte link: each IP fragment of a naive image is lost by \
      itself, and the image with any of them; chunked datagrams fit one packet each. The same seed gives the same losses. \
      Every trial has its own sockets. Loopback's MTU is 65,536, so that naive datagrams are not really cut there: no \
      fragment is left in the kernel for the next trial to stumble over, as happens between hosts (30 s, ipfrag_time).

      Examples:
        gallery compare images/small --loss 0,1,5,10
        gallery compare images/small --loss 0:20:2 --wait 0.2s --into comparison
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
      "Naive: pause between two images; without it 2ms. 0 overflows socket buffers.", valueName: "2ms"))
  var pause: TimeText?
  @Option(
    help: ArgumentHelp("Naive: sleep before the end marker; without it the course's 3s.", valueName: "3s"))
  var wait: TimeText?
  @Option(
    help: ArgumentHelp(
      "Write results.csv, summary.json, plots (SVG, PNG) and contact sheets there.", valueName: "dir"))
  var into: String?
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
      if let into { try FileManager.default.createDirectory(atPath: into, withIntermediateDirectories: true) }
      let results = try measure(Comparison(plan))
      let summaries = CompareSummary.all(results, set: set)
      if let into { try write(plan, results, summaries, into: into) }
      if output.json {
        output.printJSON(CompareDocument(plan: plan, folder: folder, summaries: summaries, results: results))
      } else {
        print(CompareSummary.table(summaries))
        if !output.quiet { print(CompareSummary.legend) }
        for problem in Set(
          results.compactMap { result in result.problem.map { "\(result.variant.title): \($0)" } }
        ).sorted() {
          print(problem)
        }
      }
    } catch {
      Console.fail(error)
      throw ExitStatus(error).exitCode
    }
  }

  private func measure(_ comparison: Comparison) throws -> [CompareResult] {
    let console = Console(isQuiet: output.quiet)
    let runs = comparison.plan.runs
    var results: [CompareResult] = []
    for (index, run) in runs.enumerated() {
      let some = try comparison.results(of: run)
      results += some
      let whole = some.map { "\($0.imagesWhole)" }.joined(separator: ", ")
      console.say(
        "\(index + 1) of \(runs.count): \(Percent.text(run.lossFraction)), \(run.variant.title), trial \(run.trial + 1): "
          + "\(whole) of \(some[0].imagesSent) images whole, \(HumanText.fixed(some[0].secondsToEnd, 2)) s")
      if let into, run.trial == 0, !run.variant.isTCP { try sheet(comparison, run, into: into) }
      comparison.clear(run)
    }
    if let into { try cutSheet(comparison, into: into) }
    return results
  }

  /// What the first receiver of the first trial would show; for the chunked protocol also what it held before repairs.
  private func sheet(_ comparison: Comparison, _ run: ComparePlan.Run, into: String) throws {
    let folder = comparison.folder(run, receiver: 0)
    let loss = Percent.text(run.lossFraction)
    let name = "\(run.variant.rawValue)-\(loss.replacingOccurrences(of: " %", with: ""))"
    try sheet(
      comparison.plan.set, folder, positional: run.variant.isNaive,
      title: "\(run.variant.title), \(loss) of the packets lost", to: "\(into)/sheet-\(name).png")
    guard run.variant == .chunked, run.lossFraction > 0 else { return }
    let before = folder + "-unrepaired"
    defer { try? FileManager.default.removeItem(atPath: before) }
    let whole = try FirstPass.write(
      of: comparison.plan.set, tracePath: comparison.tracePath(run), into: before)
    try sheet(
      comparison.plan.set, before, positional: false,
      title: "\(run.variant.title), \(loss) of the packets lost, before any repair: \(whole) whole",
      to: "\(into)/sheet-\(name)-unrepaired.png", isPartial: true)
  }

  /// What is left of images when a naive sender is killed half-way.
  private func cutSheet(_ comparison: Comparison, into: String) throws {
    let folder = comparison.plan.workPath + "/cut"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try CutStream.run(comparison.plan.set, into: folder)
    try sheet(
      comparison.plan.set, folder, positional: true, title: "Naive, TCP, sender killed half-way",
      to: "\(into)/sheet-naive-tcp-killed.png")
  }

  /// `isPartial`: files have their own names, and each is shown in its place, whole or not.
  private func sheet(
    _ set: ScannedSet, _ folder: String, positional: Bool, title: String, to path: String,
    isPartial: Bool = false
  ) throws {
    let arrivals = Arrivals(of: set, in: folder, positional: positional)
    let images = zip(Arrivals.names(of: set), arrivals.paths)
      .sorted { NaturalOrder.isAscending($0.0, $1.0) }
    var items = images.enumerated().map { index, image in
      GalleryItem(
        index: index, name: (image.1 == nil && !isPartial ? "lost: " : "") + image.0.printable,
        path: image.1 ?? (isPartial ? "\(folder)/\(image.0)" : ""),
        absence: isPartial ? "nothing of it arrived" : "never arrived")
    }
    // A part of an image is a picture too.
    for path in isPartial ? [] : arrivals.damagedPaths {
      items.append(
        GalleryItem(index: items.count, name: (path as NSString).lastPathComponent, path: path))
    }
    let arrived = "\(arrivals.wholeCount) of \(arrivals.paths.count) images arrived"
    let damaged = arrivals.damagedPaths.count
    let rest = damaged == 0 ? "" : ", and \(damaged) in part, stored like the others"
    try ContactSheet.write(items: items, title: isPartial ? title : "\(title): \(arrived)\(rest)", to: path)
  }

  private func write(
    _ plan: ComparePlan, _ results: [CompareResult], _ summaries: [CompareSummary], into: String
  ) throws {
    try Data(CompareCSV.text(results).utf8).write(to: URL(fileURLWithPath: into + "/results.csv"))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let document = CompareDocument(plan: plan, folder: folder, summaries: summaries, results: results)
    try encoder.encode(document).write(to: URL(fileURLWithPath: into + "/summary.json"))
    let sizes = plan.set.manifest.entries.map(\.byteCount)
    try CompareCharts.images(summaries, imageByteCounts: sizes, receiverCount: plan.receiverCount)
      .write(to: into + "/images")
    try CompareCharts.overhead(summaries).write(to: into + "/overhead")
  }
}

/// What `gallery compare --json` prints.
private struct CompareDocument: Encodable {
  var folder: String
  var seed: UInt64
  var trials: Int
  var receivers: Int
  var mtu = ComparePlan.mtuByteCount
  var summaries: [CompareSummary]
  var results: [CompareResult]

  init(plan: ComparePlan, folder: String, summaries: [CompareSummary], results: [CompareResult]) {
    self.folder = folder
    seed = plan.seed
    trials = plan.trialCount
    receivers = plan.receiverCount
    self.summaries = summaries
    self.results = results
  }
}
