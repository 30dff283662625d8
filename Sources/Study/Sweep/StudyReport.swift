package import Figures
import Foundation
import Ground

/// Writes the results of a study: plots, numbers, and one page for readers.
package enum StudyReport {
  /// Writes `summary.csv`, `summary.json`, a plot each as SVG and PNG, and `report.html`, which needs no
  /// other file; where a study was run both ways, `agreement.csv` too. `command` is the command line that
  /// repeats the study; `timelines` were drawn already.
  package static func write(
    _ plan: StudyPlan, _ trials: [StudyTrial], timelines: [StudyTimeline] = [], command: String,
    into folder: String
  ) throws(FigureError) -> Document {
    let document = Document(plan, trials, command: command)
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
    package var command: String
    package var summaries: [StudySummary]
    /// None unless the study was run both ways.
    package var agreement: [StudyAgreement]

    package init(_ plan: StudyPlan, _ trials: [StudyTrial], command: String) {
      self.plan = plan
      self.command = command
      summaries = StudySummary.all(plan, trials)
      agreement = StudyAgreement.all(plan, trials)
    }
  }

  /// One line a point: mean and half width of each value.
  package static func csv(_ summaries: [StudySummary]) -> String {
    let values: [(String, (StudySummary) -> Confidence)] = [
      ("goodput_bps", \.goodputBitsPerSecond), ("repairs_per_chunk", \.repairsPerChunk), ("nacks", \.nacks),
      ("seconds", \.seconds), ("wire_ratio", \.wireRatio),
    ]
    let head =
      "way,mode,mtu,loss,receivers,controller,parity,trials,complete,model_repairs_per_chunk,"
      + values.map { "\($0.0),\($0.0)_ci95" }.joined(separator: ",")
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
            return ["\(one.mean)", one.halfWidth.map { "\($0)" } ?? ""]
          })
    }
    return CSV.text(head: head, lines: lines)
  }
}
