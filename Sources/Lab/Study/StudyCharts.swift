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
        "Repairs for each chunk. Lines: the model for independent losses p and R receivers, Σ over k ≥ 1 of 1 − (1 − pᵏ)ᴿ; for one receiver p ÷ (1 − p).",
        repairs(plan, summaries)
      ),
      ("nacks", "NACKs sent by all receivers together, in one session.", nacks(plan, summaries)),
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
    var all = series(plan, summaries, \.repairsPerChunk)
    for index in all.indices {
      all[index].kind = .points
      all[index].title = "measured, " + all[index].title
    }
    let highest = plan.lossFractions.max() ?? 0
    for (style, receivers) in plan.receiverCounts.enumerated() where highest > 0 {
      let points = (0...100).map { step in
        let loss = highest * Double(step) / 100
        return Chart.Point(
          x: loss * 100, y: RepairModel.repairsPerChunk(lossFraction: loss, receiverCount: receivers))
      }
      all.append(
        Chart.Series(title: "model, R = \(receivers)", kind: .model, style: style, points: points))
    }
    return Chart(
      title: "Repairs against loss; \(interval)", xLabel: xLabel, yLabel: "repairs per chunk", series: all)
  }

  private static func nacks(_ plan: StudyPlan, _ summaries: [StudySummary]) -> Chart {
    Chart(
      title: "NACKs against loss; \(interval)", xLabel: xLabel, yLabel: "NACKs in a session",
      series: series(plan, summaries, \.nacks))
  }

  private static func seconds(_ plan: StudyPlan, _ summaries: [StudySummary]) -> Chart {
    Chart(
      title: "Time to complete against loss; \(interval)", xLabel: xLabel, yLabel: "time to complete (s)",
      series: series(plan, summaries, \.seconds))
  }

  /// One line for each group size and controller.
  private static func series(
    _ plan: StudyPlan, _ summaries: [StudySummary], scale: Double = 1,
    _ value: (StudySummary) -> Confidence
  ) -> [Chart.Series] {
    plan.controllers.enumerated().flatMap { controllerIndex, controller in
      plan.receiverCounts.enumerated().compactMap { receiverIndex, receivers in
        let points = summaries.filter {
          $0.point.controller == controller && $0.point.receiverCount == receivers && $0.completeCount > 0
        }.map { Chart.Point(x: $0.point.lossFraction * 100, value($0), scale: scale) }
        guard !points.isEmpty else { return nil }
        let name = "R = \(receivers)" + (plan.controllers.count > 1 ? ", \(controller.rawValue)" : "")
        return Chart.Series(
          title: name, style: controllerIndex * plan.receiverCounts.count + receiverIndex, points: points)
      }
    }
  }
}
