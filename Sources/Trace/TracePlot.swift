package import Figures

/// A picture of a trace, as a gnuplot script: chunks over time by kind of datagram, rate over time, RTT over
/// time, one below the other on the same time axis.
///
/// Each kind has a colour and a shape of its own, so that a print without colour can be read.
package struct TracePlot: Sendable {
  private let summary: TraceSummary
  private let series: TraceSeries
  /// Steps of the measured rates.
  private static let stepCount = 60

  package init(_ summary: TraceSummary, _ series: TraceSeries) {
    self.summary = summary
    self.series = series
  }

  /// The gnuplot script for a file whose extension (svg, png, pdf) says the form. Throws `cannotPlot` for any
  /// other form.
  package func script(output: String) throws(FigureError) -> String {
    let isSVG = output.lowercased().hasSuffix(".svg")
    return try PanelPlot(
      title: title, subtitle: content, xLabel: "Time since the session began (\(timeUnit.name))",
      xRange: span,
      panels: [sequencePanel(isSVG: isSVG), ratePanel, rttPanel].compactMap(\.self)
    ).script(output: output)
  }

  // MARK: Panels

  private func sequencePanel(isSVG: Bool) -> PanelPlot.Panel? {
    var plots: [String] = []
    var keys: [String] = []
    var data: [String] = []
    for kind in TraceSeries.Kind.allCases {
      guard let points = series.kinds[kind], !points.points.isEmpty else { continue }
      let name = "$kind\(plots.count)"
      data.append(block(name, points.points, scale: 1))
      plots.append("\(name) using 1:2 with points \(kind.style(isSVG: isSVG)) notitle")
      keys.append(
        "keyentry with points \(kind.keyStyle(isSVG: isSVG)) title \(Gnuplot.quoted(kind.title(points.isThinned)))"
      )
    }
    guard !plots.isEmpty else { return nil }
    let held = summary.session.role == "sender" ? "held by the slowest receiver" : "held here"
    if !series.held.points.isEmpty {
      data.append(block("$held", series.held.points, scale: 1))
      plots.append("$held using 1:2 with steps lw 1.5 dt 2 \(PlotColor.green.line) notitle")
      keys.append("keyentry with lines lw 2 dt 2 \(PlotColor.green.line) title '\(held)'")
    }
    return PanelPlot.Panel(
      weight: 2, yLabel: "Chunk index", format: "%.0f", highest: Double(summary.session.chunkCount),
      blocks: data, plots: plots + keys)
  }

  private var ratePanel: PanelPlot.Panel? {
    let isSender = summary.session.role == "sender"
    let carried = series.rates(series.carried.points, count: Self.stepCount)
    let goodput = series.goodput(count: Self.stepCount)
    guard !carried.isEmpty else { return nil }
    let highest = (carried + goodput + series.rate.points).map(\.value).max() ?? 0
    let unit = Self.rateUnit(highest)
    var data = [block("$carried", carried, scale: unit.scale), block("$goodput", goodput, scale: unit.scale)]
    var plots = [
      "$carried using 1:2 with steps lw 2 \(PlotColor.sky.line) title '\(isSender ? "sent" : "received")'",
      "$goodput using 1:2 with steps lw 2 dt 4 \(PlotColor.black.line) title 'goodput\(isSender ? " (slowest receiver)" : "")'",
    ]
    if !series.rate.points.isEmpty {
      data.append(block("$rate", series.rate.points, scale: unit.scale))
      plots.append("$rate using 1:2 with steps lw 1.5 dt 2 \(PlotColor.vermilion.line) title 'rate allowed'")
    }
    return PanelPlot.Panel(
      weight: 1, yLabel: "Rate (\(unit.name))", format: "%g", highest: highest / unit.scale, blocks: data,
      plots: plots)
  }

  private var rttPanel: PanelPlot.Panel? {
    guard !series.rtt.isEmpty else { return nil }
    let colors: [PlotColor] = [.blue, .vermilion, .green, .black, .purple, .orange]
    let dashes = [1, 2, 3, 4, 5, 1]
    let isAlone = series.rtt.count == 1
    let highest = series.rtt.flatMap(\.points.points).map(\.value).max() ?? 0
    let data = series.rtt.enumerated().map { block("$rtt\($0)", $1.points.points, scale: 1) }
    let plots = series.rtt.enumerated().map { index, entry in
      let title = isAlone ? "smoothed RTT" : "smoothed RTT, receiver \(entry.receiver.prefix(6))"
      let look = "\(colors[index % colors.count].line) dt \(dashes[index % dashes.count])"
      return "$rtt\(index) using 1:2 with steps lw 2 \(look) title \(Gnuplot.quoted(title))"
    }
    return PanelPlot.Panel(
      weight: 1, yLabel: "RTT (ms)", format: "%g", highest: highest, blocks: data, plots: plots)
  }

  // MARK: Units and text

  private var title: String {
    let session = summary.session
    return "gallery \(session.role), \(session.mode), \(session.local) - \(session.remote)"
  }

  private var content: String {
    let session = summary.session
    return
      "\(HumanText.grouped(session.fileCount, "file")), \(HumanText.grouped(session.fileByteCount, "byte")) in "
      + HumanText.grouped(session.chunkCount, "chunk")
  }

  /// Milliseconds for what is over in a second.
  private var timeUnit: (name: String, perSecond: Double) {
    series.lastSeconds < 1 ? ("ms", 1_000) : ("s", 1)
  }

  /// What the time axis shows: from the first chunk, as nothing happens while the sender waits for receivers.
  private var span: (start: Double, end: Double) {
    let length = max(series.lastSeconds - series.firstChunkSeconds, 0.001)
    return (
      max(0, series.firstChunkSeconds - 0.02 * length) * timeUnit.perSecond,
      (series.lastSeconds + 0.02 * length) * timeUnit.perSecond
    )
  }

  private static func rateUnit(_ bitsPerSecond: Double) -> (name: String, scale: Double) {
    switch bitsPerSecond {
    case 1e9...: ("Gbit/s", 1e9)
    case 1e6...: ("Mbit/s", 1e6)
    default: ("kbit/s", 1e3)
    }
  }

  private func block(_ name: String, _ points: [TracePoint], scale: Double) -> String {
    Gnuplot.block(name, points.map { [$0.seconds * timeUnit.perSecond, $0.value / scale] })
  }
}

extension TraceSeries.Kind {
  /// Shape, size and colour of the points.
  fileprivate func style(isSVG: Bool) -> String {
    "pt \(look.shape) ps \(look.size * scale(isSVG)) lw 1.5 \(look.color.line)"
  }

  /// In the legend, where a dot must be seen.
  fileprivate func keyStyle(isSVG: Bool) -> String {
    "pt \(look.shape) ps \(max(0.9, look.size) * scale(isSVG)) lw 1.5 \(look.color.line)"
  }

  /// An SVG's points are twice as large as a PNG's of the same size. Its strokes shrink with the points,
  /// though, so that crosses and plus signs, which are nothing but strokes, must stay larger to be seen.
  private func scale(_ isSVG: Bool) -> Double {
    guard isSVG else { return 1 }
    return look.shape <= 3 ? 0.9 : 0.55
  }

  private var look: (shape: Int, size: Double, color: PlotColor) {
    switch self {
    case .data: (7, 0.25, .blue)  // dots
    case .repair: (9, 0.9, .vermilion)  // triangles
    case .parity: (11, 0.9, .purple)  // triangles, tip down
    case .dropped: (6, 1.1, .orange)  // circles
    case .nack: (2, 0.8, .black)  // crosses
    case .droppedNack: (3, 1.6, .vermilion)  // stars: at a receiver, around the cross of the same NACK
    case .report: (1, 0.5, .green)  // plus signs
    case .end: (13, 1.4, .sky)  // diamonds
    case .complete: (4, 1.6, .black)  // squares
    }
  }

  fileprivate func title(_ isThinned: Bool) -> String {
    let name =
      switch self {
      case .data: "data, first sending"
      case .repair: "repair"
      case .parity: "parity"
      case .dropped: "dropped on purpose"
      case .nack: "asked for by NACK"
      case .droppedNack: "NACK dropped on purpose"
      case .report: "report, at the chunks held"
      case .end: "end"
      case .complete: "complete"
      }
    return isThinned ? "\(name) (thinned out)" : name
  }
}
