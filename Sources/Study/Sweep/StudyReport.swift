package import Figures
import Ground

/// Writes the results of a study: plots, numbers, and one page for readers.
package enum StudyReport {
  /// Writes `summary.csv`, `summary.json`, a plot each as SVG and PNG, `provenance.json`, and `report.html`,
  /// which needs no other file; where a study was run both ways, `agreement.csv` too. `timelines` were drawn
  /// already.
  package static func write(
    _ plan: StudyPlan, _ trials: [StudyTrial], timelines: [StudyTimeline] = [], provenance: Provenance,
    into folder: String
  ) throws(FigureError) -> Document {
    let document = Document(plan, trials, provenance: provenance)
    try provenance.write(into: folder)
    try ResultFiles.write(Self.csv(document.summaries), to: folder + "/summary.csv")
    if !document.agreement.isEmpty {
      try ResultFiles.write(StudyAgreement.csv(document.agreement), to: folder + "/agreement.csv")
    }
    try ResultFiles.writeJSON(document, to: folder + "/summary.json")
    guard document.summaries.contains(where: { $0.completeCount > 0 }) else { return document }
    let charts = StudyCharts.all(plan, document.summaries)
    try Gnuplot.run(charts.flatMap { $0.chart.scripts(for: "\(folder)/\($0.name)") })
    var figures = charts.map {
      StudyPage.Figure(drawing: "\(folder)/\($0.name).svg", name: $0.name, caption: $0.caption)
    }
    for (index, timeline) in timelines.enumerated() {
      figures.append(
        StudyPage.Figure(
          drawing: timeline.path + ".svg", name: "timeline\(index)", caption: timeline.caption, isTall: true))
    }
    try ResultFiles.write(StudyPage.html(document, figures: figures), to: folder + "/report.html")
    return document
  }

  package struct Document: Encodable, Sendable {
    package var plan: StudyPlan
    package var provenance: Provenance
    package var summaries: [StudySummary]
    /// None unless the study was run both ways.
    package var agreement: [StudyAgreement]

    package init(_ plan: StudyPlan, _ trials: [StudyTrial], provenance: Provenance) {
      self.plan = plan
      self.provenance = provenance
      summaries = StudySummary.all(plan, trials)
      agreement = StudyAgreement.all(plan, trials)
    }
  }

  /// One line a point: of each value the mean, and the ends of its interval. Columns have the names of
  /// `summary.json`.
  package static func csv(_ summaries: [StudySummary]) -> String {
    let values: [(String, (StudySummary) -> Confidence)] = [
      ("goodputBitsPerSecond", \.goodputBitsPerSecond), ("repairsPerChunk", \.repairsPerChunk),
      ("nacks", \.nacks), ("seconds", \.seconds), ("wireRatio", \.wireRatio),
    ]
    let head =
      "way,mode,mtuByteCount,lossFraction,receiverCount,controller,parity,trialCount,completeCount,"
      + "expectedRepairsPerChunk," + values.map { "\($0.0),\($0.0)Low,\($0.0)High" }.joined(separator: ",")
    let lines = summaries.map { summary in
      CSV.line(
        [
          summary.point.way.rawValue, summary.point.mode.rawValue, "\(summary.point.mtuByteCount)",
          "\(summary.point.lossFraction)", "\(summary.point.receiverCount)",
          summary.point.controller.rawValue, summary.point.parity.rawValue,
          "\(summary.trialCount)", "\(summary.completeCount)",
          summary.expectedRepairsPerChunk.map { "\($0)" } ?? "",
        ]
          + values.flatMap { _, value in
            let one = value(summary)
            return ["\(one.mean)"] + [one.low, one.high].map { $0.map { "\($0)" } ?? "" }
          })
    }
    return CSV.text(head: head, lines: lines)
  }
}
