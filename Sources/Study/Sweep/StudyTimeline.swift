import Figures
import Ground
import Trace

/// One trial of a study drawn over time: chunks by kind of datagram, rate and RTT, from a trace of its
/// sender.
package struct StudyTimeline: Equatable, Sendable {
  /// Path of the drawing without its extension; beside it lies the trace.
  package var path: String
  package var caption: String

  /// Runs the first trial once more with a trace, each way of the plan: at the loss of the sweep that is
  /// nearest to `lossFraction`, and on the first line of its plots. Writes `timeline-WAY.qlog`, `.svg` and
  /// `.png`; TCP has none.
  package static func write(
    _ plan: StudyPlan, lossFraction: Double, runner: StudyRunner, into folder: String
  ) throws -> [StudyTimeline] {
    try plan.ways.compactMap { way in
      let points = plan.points.filter { $0.way == way && $0.mode != .tcp }
      let distance = { (point: StudyPoint) in abs(point.lossFraction - lossFraction) }
      guard let point = points.min(by: { distance($0) < distance($1) }) else { return nil }
      let path = "\(folder)/timeline-\(way.rawValue)"
      _ = try runner.trial(StudyJob(point: point, trial: 0), tracePath: path + ".qlog")
      try draw(path)
      let receivers = point.receiverCount == 1 ? "one receiver" : "\(point.receiverCount) receivers"
      return StudyTimeline(
        path: path,
        caption:
          "One trial over time, \(way == .real ? "with real sockets" : "simulated"): \(receivers), "
          + "\(point.mode.rawValue), \(HumanText.percent(point.lossFraction)) loss, "
          + "\(point.controller.rawValue) controller; chunks by kind of datagram, rate and round-trip time, as its "
          + "sender saw them. `gallery trace timeline-\(way.rawValue).qlog` tells more."
      )
    }
  }

  private static func draw(_ path: String) throws {
    var summary = TraceSummary()
    var series = TraceSeries()
    try TraceReader(path: path + ".qlog").forEach { record in
      series.add(record, isNew: summary.add(record))
    }
    let plot = TracePlot(summary, series)
    try Gnuplot.run(["svg", "png"].map { try plot.script(output: "\(path).\($0)") })
  }
}
