package import Figures
import Ground

/// The plots of a study: each value against the loss, and, of a study with several group sizes, against the
/// receivers.
package enum StudyCharts {
  /// What a plot shows.
  private struct Value {
    /// Of the plot's file.
    var name: String
    var title: String
    var label: String
    var caption: String
    var isOfTCP = false
    var scale = 1.0
    var measured: (StudySummary) -> Confidence
    var model: (StudyPoint) -> Double?
  }

  /// Each with its file's name.
  package static func all(_ plan: StudyPlan, _ summaries: [StudySummary]) -> [(
    name: String, caption: String, chart: Chart
  )] {
    let values = values(StudyModel(plan))
    return StudyAxis.allCases.filter { $0.isDrawn(plan) }.flatMap { axis in
      values.map {
        ($0.name + axis.suffix, $0.caption, chart($0, axis, plan, summaries))
      }
    }
  }

  private static func values(_ model: StudyModel) -> [Value] {
    [
      Value(
        name: "goodput", title: "Goodput", label: "goodput (Mbit/s)",
        caption: "Goodput: file bits a second until the last receiver holds everything. Lines: the model, a "
          + "bottleneck that is full with chunks and the model's repairs, and 1.5 round trips. Sessions lie below "
          + "it: they search for the path's rate, and wait for the last repairs.",
        isOfTCP: true, scale: 1e-6, measured: \.goodputBitsPerSecond, model: model.goodputBitsPerSecond),
      Value(
        name: "repairs", title: "Repairs", label: "repairs per chunk (sends − 1)",
        caption:
          "Repairs for each chunk, symbols of parity among them: the sends of a chunk less the first. Lines: "
          + "the model for independent losses p and R receivers that one session serves. By chunks: Σ over k ≥ 1 of "
          + "1 − (1 − pᵏ)ᴿ; for one receiver p ÷ (1 − p). By parity: the expected maximum over R receivers of the "
          + "datagrams until k of a block have arrived, divided by k. Above them lie the symbols for the last "
          + "round trips, which leave unasked (a small set has hardly anything else), what the search for the rate "
          + "loses in the queue, and what is asked for twice.",
        measured: \.repairsPerChunk, model: model.repairsPerChunk),
      nacks(model),
      Value(
        name: "seconds", title: "Time to complete", label: "time to complete (s)",
        caption: "Time from the sender's first datagram until the last receiver holds everything. Lines: the "
          + "model, as for the goodput.",
        isOfTCP: true, measured: \.seconds, model: model.seconds),
    ]
  }

  private static func nacks(_ model: StudyModel) -> Value {
    guard model.roundTripSeconds > 0 else {
      return Value(
        name: "nacks", title: "NACKs", label: "NACKs in a trial",
        caption: "NACKs sent by all receivers of a trial together.", measured: \.nacks, model: { _ in nil })
    }
    return Value(
      name: "nacks", title: "NACKs in a round trip", label: "NACKs per round trip, all receivers",
      caption:
        "NACKs of all receivers in a round trip of the path. One receiver by unicast asks at once; those of "
        + "a group wait a random time and hold back what the sender has promised to repair meanwhile. Lines, for "
        + "groups: the theory for one loss in each round trip that all R share, where notices alone silence the "
        + "others, min(R, exp(1.2 λ ÷ K)), λ = ln R + 1, K = min(6, R ÷ 5). Sessions differ: their losses "
        + "are independent, a round trip has few of them or many, and one NACK asks for all that a receiver misses. "
        + "With parity it asks once for all losses of a block, and the points stay below.",
      measured: { Confidence(scaling: $0.nacks, by: model.roundTripSeconds / max(1e-9, $0.seconds.mean)) },
      model: model.nacksPerRoundTrip)
  }

  private static func chart(
    _ value: Value, _ axis: StudyAxis, _ plan: StudyPlan, _ summaries: [StudySummary]
  ) -> Chart {
    let models = models(value, axis, plan)
    var chart = Chart(
      title: "\(value.title) against \(axis.words); mean, 95 % confidence", xLabel: axis.label,
      yLabel: value.label,
      series: measured(value, axis, plan, summaries, besideModel: !models.isEmpty) + models)
    if axis == .receivers { chart.xTicks = Set(plan.receiverCounts).sorted().map(Double.init) }
    chart.legend = .outside
    return chart
  }

  /// Where a model's line is to be seen, values are points without a line; so are real trials beside
  /// simulated ones.
  private static func measured(
    _ value: Value, _ axis: StudyAxis, _ plan: StudyPlan, _ summaries: [StudySummary], besideModel: Bool
  ) -> [Chart.Series] {
    let lines = axis.lines(plan)
    return plan.ways.flatMap { way in
      let isBeside = plan.ways.count > 1 && way == .real
      return lines.enumerated().compactMap { style, line -> Chart.Series? in
        let points = summaries.filter {
          $0.point.way == way && axis.contains($0.point, line, plan) && $0.completeCount > 0
            && (value.isOfTCP || $0.point.mode != .tcp)
        }.map { Chart.Point(x: axis.x($0.point), value.measured($0), scale: value.scale) }
        guard !points.isEmpty else { return nil }
        return Chart.Series(
          title: line.title + (plan.ways.count > 1 ? ", \(way.rawValue)" : ""),
          kind: isBeside || besideModel ? .points : .measured,
          style: style + (isBeside ? lines.count : 0), points: points)
      }
    }
  }

  /// Equal curves are drawn once; a single one is for all lines.
  private static func models(_ value: Value, _ axis: StudyAxis, _ plan: StudyPlan) -> [Chart.Series] {
    var all: [Chart.Series] = []
    for (style, line) in axis.lines(plan).enumerated() {
      let points = axis.curve(line, plan).compactMap { point in
        value.model(point).map { Chart.Point(x: axis.x(point), y: $0 * value.scale) }
      }
      guard points.count > 1, !all.contains(where: { $0.points == points }) else { continue }
      all.append(
        Chart.Series(title: "model, \(line.title)", kind: .model, style: style, points: points))
    }
    if all.count == 1 { all[0].title = "model" }
    return all
  }
}
