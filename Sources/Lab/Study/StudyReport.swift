import Foundation

/// Writes what a study found: plots, numbers, and one page a teacher can hand round.
package enum StudyReport {
  /// Writes `summary.csv`, `summary.json`, a plot each as SVG and PNG, and `report.html`, which needs no other file.
  /// `command` is the command line that repeats the study.
  package static func write(
    _ plan: StudyPlan, _ trials: [StudyTrial], command: String, into folder: String
  ) throws(LabError) -> [StudySummary] {
    let summaries = StudySummary.all(plan, trials)
    try write(Self.csv(summaries), to: folder + "/summary.csv")
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let document = Document(plan: plan, command: command, summaries: summaries)
    if let data = try? encoder.encode(document) {
      try write(String(decoding: data, as: UTF8.self) + "\n", to: folder + "/summary.json")
    }
    guard summaries.contains(where: { $0.completeCount > 0 }) else { return summaries }
    var figures: [(svg: String, caption: String)] = []
    for (name, caption, chart) in StudyCharts.all(plan, summaries) {
      let path = "\(folder)/\(name)"
      try Gnuplot.write(chart, to: path)
      if let svg = try? String(contentsOfFile: path + ".svg", encoding: .utf8) {
        figures.append((inlined(svg, name: name), caption))
      }
    }
    try write(html(plan, summaries, figures: figures, command: command), to: folder + "/report.html")
    return summaries
  }

  package struct Document: Encodable, Sendable {
    package var plan: StudyPlan
    package var command: String
    package var summaries: [StudySummary]

    package init(plan: StudyPlan, command: String, summaries: [StudySummary]) {
      self.plan = plan
      self.command = command
      self.summaries = summaries
    }
  }

  /// One line a point: mean and half width of each value.
  package static func csv(_ summaries: [StudySummary]) -> String {
    let values: [(String, (StudySummary) -> Confidence)] = [
      ("goodput_bps", \.goodputBitsPerSecond), ("repairs_per_chunk", \.repairsPerChunk), ("nacks", \.nacks),
      ("seconds", \.seconds), ("wire_ratio", \.wireRatio),
    ]
    let head =
      "loss,receivers,controller,trials,complete,model_repairs_per_chunk,"
      + values.map { "\($0.0),\($0.0)_ci95" }.joined(separator: ",")
    let lines = summaries.map { summary in
      ([
        "\(summary.point.lossFraction)", "\(summary.point.receiverCount)", summary.point.controller.rawValue,
        "\(summary.trialCount)", "\(summary.completeCount)", "\(summary.expectedRepairsPerChunk)",
      ]
        + values.flatMap { _, value in
          let one = value(summary)
          return ["\(one.mean)", one.halfWidth.map { "\($0)" } ?? ""]
        }).joined(separator: ",")
    }
    return ([head] + lines).joined(separator: "\n") + "\n"
  }

  /// The drawing alone, without the XML declaration, which HTML does not take; its ids are made this plot's own.
  private static func inlined(_ svg: String, name: String) -> String {
    guard let start = svg.range(of: "<svg") else { return "" }
    return String(svg[start.lowerBound...])
      .replacingOccurrences(of: "id='", with: "id='\(name)-")
      .replacingOccurrences(of: "id=\"", with: "id=\"\(name)-")
      .replacingOccurrences(of: "xlink:href='#", with: "xlink:href='#\(name)-")
      .replacingOccurrences(of: "url(#", with: "url(#\(name)-")
  }

  private static func write(_ text: String, to path: String) throws(LabError) {
    do { try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
      throw .cannotWrite(path: path, reason: error.localizedDescription)
    }
  }

  // MARK: The page

  private static func html(
    _ plan: StudyPlan, _ summaries: [StudySummary], figures: [(svg: String, caption: String)], command: String
  ) -> String {
    let rows = summaries.map { "<tr>" + $0.cells.map { "<td>\(escaped($0))</td>" }.joined() + "</tr>" }
    let drawings = figures.map { "<figure>\($0.svg)<figcaption>\(escaped($0.caption))</figcaption></figure>" }
    let head = StudySummary.head.map { "<th>\(escaped($0))</th>" }.joined()
    return """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
      <title>Repair under induced loss</title><style>\(style)</style></head><body>
      <h1>Repair under induced loss</h1>
      <p>\(escaped(introduction(plan)))</p>
      <h2>What was measured</h2>
      \(drawings.joined(separator: "\n"))
      <h2>The numbers</h2>
      <p>Mean ± half width of the 95 % confidence interval (Student's t) over independent trials.</p>
      <div class="wide"><table><thead><tr>\(head)</tr></thead><tbody>
      \(rows.joined(separator: "\n"))
      </tbody></table></div>
      <h2>How to read it</h2>
      <ul>
      <li>A chunk that is lost is sent again, and the repair can be lost too: with one receiver that makes p ÷ (1 − p)
      repairs for each chunk.</li>
      <li>In a group one repair serves all receivers, but any of them may have missed the chunk: the larger the group,
      the more chunks somebody misses.</li>
      <li>Each receiver loses datagrams of its own, both ways: NACKs and reports are lost like data.</li>
      <li>Where a point lies above its curve, repairs were sent that were not needed; below it, the trials were lucky.</li>
      </ul>
      <h2>Do it again</h2>
      <pre>\(escaped(command))</pre>
      <p>\(escaped(repetition(plan)))</p>
      </body></html>

      """
  }

  private static func introduction(_ plan: StudyPlan) -> String {
    let way =
      plan.isSimulated
      ? "The protocol's own machines ran in a simulated network, in virtual time"
      : "Real programs' sockets on one machine's loopback carried every datagram"
    return "gallery sent \(plan.fileByteCount) bytes in chunks of \(StudyPlan.chunkByteCount) to groups of "
      + plan.receiverCounts.map(String.init).joined(separator: ", ") + " receivers, "
      + "while each receiver lost up to \(Percent.text(plan.lossFractions.max() ?? 0)) of the datagrams at random. "
      + "\(way), over a path of \(plan.path) to each receiver; \(plan.trialCount) trials at each point."
  }

  private static func repetition(_ plan: StudyPlan) -> String {
    let same =
      plan.isSimulated
      ? "The same command gives the same trials, to the last datagram"
      : "The same seed loses the same datagrams; their times are the machine's"
    return "Seed \(plan.seed). \(same); each trial's own seed is in trials.csv."
  }

  private static func escaped(_ text: String) -> String {
    text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
      .replacingOccurrences(of: ">", with: "&gt;")
  }

  private static let style = """
    body{font:16px/1.5 'DejaVu Sans',Helvetica,Arial,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;\
    color:#222;background:#fff}h1{font-size:1.8rem}h2{font-size:1.25rem;margin-top:2rem;border-bottom:1px solid #ccc}
    figure{margin:1.5rem 0;break-inside:avoid}figure svg{width:100%;height:auto}figcaption{font-size:.9rem;color:#444}
    .wide{overflow-x:auto}table{border-collapse:collapse;font-size:.74rem;font-variant-numeric:tabular-nums}
    th,td{padding:.2rem .4rem;text-align:right;border-bottom:1px solid #ddd;white-space:nowrap}
    thead th{border-bottom:2px solid #444}pre{background:#f4f4f4;padding:.8rem;white-space:pre-wrap;overflow-wrap:anywhere}
    @media print{body{margin:0;max-width:none}tr{break-inside:avoid}}
    """
}
