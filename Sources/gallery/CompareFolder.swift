import Figures
import FileSet
import FoundationEssentials
import Glibc
import Ground
import Study
import Runs
import Viewer

/// What `gallery compare` leaves: results, plots, and a contact sheet of what arrived in each first trial.
struct CompareFolder {
  let path: String

  /// Makes the folder, and removes what an earlier comparison left there: its sheets would be taken for those
  /// of this one.
  init(path: String) throws(FigureError) {
    self.path = path
    try ResultFiles.makeFolder(path)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    for name in names where Self.isOurs(name) { unlink("\(path)/\(name)") }
  }

  private static func isOurs(_ name: String) -> Bool {
    let plots = ["images", "overhead"].flatMap { ["\($0).svg", "\($0).png"] }
    return (["results.csv", "summary.json", Provenance.fileName] + plots).contains(name)
      || CompareVariant.allCases.contains { name.hasPrefix("sheet-\($0.rawValue)-") }
        && name.hasSuffix(".png")
  }

  func write(_ document: CompareDocument, imageByteCounts: [UInt64]) throws {
    try ResultFiles.write(CompareCSV.text(document.results), to: path + "/results.csv")
    try ResultFiles.writeJSON(document, to: path + "/summary.json")
    try document.provenance.write(into: path)
    let images = CompareCharts.images(
      document.summaries, imageByteCounts: imageByteCounts, receiverCount: document.receiverCount)
    let overhead = CompareCharts.overhead(document.summaries)
    try Gnuplot.run(images.scripts(for: path + "/images") + overhead.scripts(for: path + "/overhead"))
  }

  /// What the first receiver of the first trial would show; for the chunked protocol also what it held before
  /// repairs.
  func writeSheets(_ comparison: Comparison, _ run: ComparePlan.Run) throws {
    let loss = HumanText.percent(run.lossFraction)
    let name = "\(run.variant.rawValue)-\(loss.replacing(" %", with: ""))"
    let title = "\(run.variant.title), \(loss) of the packets lost"
    try writeSheet(
      comparison.plan.set, comparison.folder(run, receiver: 0), positional: run.variant.isNaive, title: title,
      name: name)
    guard run.variant == .chunked, run.lossFraction > 0 else { return }
    let before = comparison.folder(run, receiver: 0) + "-unrepaired"
    defer { try? FileManager.default.removeItem(atPath: before) }
    let lost = try FirstPass.write(
      of: comparison.plan.set, tracePath: comparison.tracePath(run), into: before)
    let names = Arrivals.names(of: comparison.plan.set).sorted(by: NaturalOrder.isAscending)
    let items = names.enumerated().map { index, name in
      GalleryItem(
        index: index, name: name.printable, path: "\(before)/\(name)", absence: "nothing of it arrived",
        note: lost[name].flatMap { $0 == 0 ? "whole" : "\($0) lost" })
    }
    let whole = lost.values.count { $0 == 0 }
    try ContactSheet.write(
      items: items,
      title:
        "\(title), before any repair: \(whole) of \(items.count) images whole; in brackets the chunks lost",
      to: "\(path)/sheet-\(name)-unrepaired.png")
  }

  /// What is left of images when a naive sender is killed half-way.
  func writeCutSheet(_ plan: ComparePlan) throws {
    let folder = plan.workPath + "/cut"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try CutStream.run(plan.set, into: folder)
    try writeSheet(
      plan.set, folder, positional: true, title: "Naive, TCP, sender killed half-way",
      name: "naive-tcp-killed")
  }

  /// What a picture is called is known from its bytes: a broken JPEG may look whole to a decoder.
  private func writeSheet(_ set: ScannedSet, _ folder: String, positional: Bool, title: String, name: String)
    throws
  {
    let arrivals = Arrivals(of: set, in: folder, positional: positional)
    let images = zip(Arrivals.names(of: set), arrivals.paths)
      .sorted { NaturalOrder.isAscending($0.0, $1.0) }
    var items = images.enumerated().map { index, image in
      GalleryItem(
        index: index, name: (image.1 == nil ? "lost: " : "") + image.0.printable, path: image.1 ?? "",
        absence: "never arrived", note: image.1 == nil ? nil : "whole")
    }
    for path in arrivals.damagedPaths {
      items.append(
        GalleryItem(
          index: items.count, name: path.lastPathPart.printable, path: path,
          note: "not as sent"))
    }
    let damaged = arrivals.damagedPaths.count
    let rest = damaged == 0 ? "" : ", and \(damaged) in part, stored like the others"
    try ContactSheet.write(
      items: items,
      title: "\(title): \(arrivals.wholeCount) of \(arrivals.paths.count) images arrived\(rest)",
      to: "\(path)/sheet-\(name).png")
  }
}

/// What `gallery compare --json` prints.
struct CompareDocument: Encodable {
  var folder: String
  var provenance: Provenance
  var trialCount: Int
  var receiverCount: Int
  var mtuByteCount = ComparePlan.mtuByteCount
  var summaries: [CompareSummary]
  var results: [CompareResult]

  init(plan: ComparePlan, folder: String, results: [CompareResult]) {
    self.folder = folder
    provenance = .ofThisCommand(seed: plan.seed)
    trialCount = plan.trialCount
    receiverCount = plan.receiverCount
    summaries = CompareSummary.all(results, set: plan.set)
    self.results = results
  }
}
