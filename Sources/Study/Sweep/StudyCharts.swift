package import Figures
import Ground

/// The plots of a study.
package enum StudyCharts {
  /// Each with its file's name.
  package static func all(_ plan: StudyPlan, _ summaries: [StudySummary]) -> [(
    name: String, caption: String, chart: Chart
  )] {
    [
      (
        "goodput", "Goodput: file bits a second until the last receiver holds everything.",
        goodput(plan, summaries)
      ),
      (
        "repairs",
        "Repairs for each chunk, symbols of parity among them. Lines: the model for independent losses p and R "
          + "receivers that one session serves. By chunks: Σ over k ≥ 1 of 1 − (1 − pᵏ)ᴿ; for one receiver "
          + "p ÷ (1 − p). By parity: the expected maximum over R receivers of the datagrams until k of a block "
          + "have arrived, divided by k.",
        repairs(plan, summaries)
      ),
      (
        "nacks",
        "NACKs sent by all receivers of a trial together. One receiver by unicast asks at once; those of a group "
          + "wait a random time and hold back what the sender has promised to repair meanwhile, so that a group "
          + "can need fewer.",
        nacks(plan, summaries)
      ),
      (
        "seconds", "Time from the sender's first datagram until the last receiver holds everything.",
        seconds(plan, summaries)
      ),
    ]
  }

  private static let xLabel = "loss p at each receiver, each way (%)"
  private static let interval = "mean, 95 % confidence"

  private static func goodput(_ plan: StudyPlan, _ summaries: [StudySummary]) -> Chart {
    var chart = Chart(
      title: "Goodput against loss; \(interval)", xLabel: xLabel, yLabel: "goodput (Mbit/s)",
      series: series(plan, summaries, scale: 1e-6, \.goodputBitsPerSecond))
    chart.legend = .topRight
    return chart
  }

  private static func repairs(_ plan: StudyPlan, _ summaries: [StudySummary]) -> Chart {
    var all = series(plan, summaries.filter { $0.point.mode != .tcp }, \.repairsPerChunk)
    for index in all.indices { all[index].kind = .points }
    let highest = plan.lossFractions.max() ?? 0
    var drawn: Set<[Int]> = []
    for (style, line) in plan.lines.enumerated()
    where highest > 0 && line.mode != .tcp && plan.impairments.isEmpty && line.parity.fixedShare == nil {
      let receivers = line.mode.isGroup ? line.receiverCount : 1
      let k = line.parity.blockChunkCount
      guard drawn.insert([receivers, k]).inserted else { continue }
      let points = (0...100).map { step in
        let loss = highest * Double(step) / 100
        return Chart.Point(
          x: loss * 100,
          y: RepairModel.repairsPerChunk(lossFraction: loss, receiverCount: receivers, blockChunkCount: k))
      }
      all.append(
        Chart.Series(
          title: "model, R = \(receivers)" + (k == 0 || plan.parities.count == 1 ? "" : ", k = \(k)"),
          kind: .model, style: style, points: points))
    }
    return Chart(
      title: "Repairs against loss; \(interval)", xLabel: xLabel, yLabel: "repairs per chunk", series: all)
  }

  private static func nacks(_ plan: StudyPlan, _ summaries: [StudySummary]) -> Chart {
    Chart(
      title: "NACKs against loss; \(interval)", xLabel: xLabel, yLabel: "NACKs in a trial",
      series: series(plan, summaries.filter { $0.point.mode != .tcp }, \.nacks))
  }

  private static func seconds(_ plan: StudyPlan, _ summaries: [StudySummary]) -> Chart {
    Chart(
      title: "Time to complete against loss; \(interval)", xLabel: xLabel, yLabel: "time to complete (s)",
      series: series(plan, summaries, \.seconds))
  }

  /// One line for each group size, mode, size and controller. Where real trials stand beside simulated ones,
  /// the real ones are points, and the line is the simulator's.
  private static func series(
    _ plan: StudyPlan, _ summaries: [StudySummary], scale: Double = 1,
    _ value: (StudySummary) -> Confidence
  ) -> [Chart.Series] {
    plan.ways.flatMap { way in
      let isBeside = plan.ways.count > 1 && way == .real
      return plan.lines.enumerated().compactMap { style, line -> Chart.Series? in
        let points = summaries.filter {
          $0.point.way == way && line.contains($0.point) && $0.completeCount > 0
        }.map { Chart.Point(x: $0.point.lossFraction * 100, value($0), scale: scale) }
        guard !points.isEmpty else { return nil }
        return Chart.Series(
          title: title(plan, line) + (plan.ways.count > 1 ? ", \(way.rawValue)" : ""),
          kind: isBeside ? .points : .measured, style: style + (isBeside ? plan.lines.count : 0),
          points: points)
      }
    }
  }

  /// The values in which this line differs from the others.
  private static func title(_ plan: StudyPlan, _ line: StudyPlan.Line) -> String {
    var parts = ["R = \(line.receiverCount)"]
    if Set(plan.lines.map(\.mode)).count > 1 { parts.append(line.mode.rawValue) }
    if line.mode != .tcp {
      if plan.mtuByteCounts.count > 1 { parts.append("\(line.mtuByteCount) bytes") }
      if plan.controllers.count > 1 { parts.append(line.controller.rawValue) }
      if plan.parities.count > 1, line.mode.isGroup { parts.append("parity \(line.parity.rawValue)") }
    }
    return parts.joined(separator: ", ")
  }
}
