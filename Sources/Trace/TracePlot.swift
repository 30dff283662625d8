/// A picture of a trace, as a gnuplot script: chunks over time by kind of datagram, rate over time, RTT over time, one
/// below the other on the same time axis.
///
/// Colours are those of Okabe and Ito, which the colour-blind tell apart; each kind has a shape of its own too, so that a
/// print without colour can be read.
package struct TracePlot: Sendable {
  private let summary: TraceSummary
  private let series: TraceSeries
  /// Steps of the measured rates.
  private static let stepCount = 60

  package init(_ summary: TraceSummary, _ series: TraceSeries) {
    self.summary = summary
    self.series = series
  }

  /// The script for a file whose extension (svg, png, pdf) says the form.
  package func script(output: String) throws(TraceError) -> String {
    let isSVG = output.lowercased().hasSuffix(".svg")
    let panels = [sequencePanel(isSVG: isSVG), ratePanel, rttPanel].compactMap(\.self)
    let height = 330 + 250 * panels.count
    return try [
      Self.terminal(output, height: height),
      "set output \(Self.quoted(output))",
      "set multiplot title \(Self.quoted(title)).\"\\n\".\(Self.quoted(content)) noenhanced font ',15'",
      "set lmargin 11", "set rmargin 3", "set key above horizontal left Left reverse noenhanced maxrows 2",
      "set border 3 lw 1", "set tics nomirror out", "set grid lt 1 lw 0.6 lc rgb '#cccccc'",
      "set xrange [\(span.start):\(span.end)]",
      layout(panels).joined(separator: "\n"),
      "unset multiplot", "",
    ].joined(separator: "\n")
  }

  // MARK: Panels

  private struct Panel {
    /// Share of the height.
    var weight: Double
    var commands: [String]
  }

  private func layout(_ panels: [Panel]) -> [String] {
    let total = panels.map(\.weight).reduce(0, +)
    let share = 0.935  // the rest is the title's
    var top = share
    return panels.enumerated().flatMap { index, panel -> [String] in
      let height = share * panel.weight / total
      top -= height
      let isLast = index == panels.count - 1
      let axis = isLast ? "set xlabel 'Time since the session began (\(timeUnit.name))'" : "unset xlabel"
      return [axis, "set origin 0,\(top)", "set size 1,\(height)"] + panel.commands
    }
  }

  private func sequencePanel(isSVG: Bool) -> Panel? {
    var plots: [String] = []
    var keys: [String] = []
    var data: [String] = []
    for kind in TraceSeries.Kind.allCases {
      guard let points = series.kinds[kind], !points.points.isEmpty else { continue }
      let name = "$kind\(plots.count)"
      data.append(block(name, points.points, scale: 1))
      plots.append("\(name) using 1:2 with points \(kind.style(isSVG: isSVG)) notitle")
      keys.append(
        "keyentry with points \(kind.keyStyle(isSVG: isSVG)) title \(Self.quoted(kind.title(points.isThinned)))"
      )
    }
    guard !plots.isEmpty else { return nil }
    let held = summary.session.role == "sender" ? "held by the slowest receiver" : "held here"
    if !series.held.points.isEmpty {
      data.append(block("$held", series.held.points, scale: 1))
      plots.append("$held using 1:2 with steps lw 1.5 dt 2 lc rgb '#009E73' notitle")
      keys.append("keyentry with lines lw 2 dt 2 lc rgb '#009E73' title '\(held)'")
    }
    return Panel(
      weight: 2,
      commands: data + [
        "set ylabel 'Chunk index'", "set format y '%.0f'",
        Self.axis(highest: Double(summary.session.chunkCount)),
        "plot " + (plots + keys).joined(separator: ", \\\n  "),
      ])
  }

  private var ratePanel: Panel? {
    let isSender = summary.session.role == "sender"
    let carried = series.rates(series.carried.points, count: Self.stepCount)
    let goodput = series.goodput(count: Self.stepCount)
    guard !carried.isEmpty else { return nil }
    let highest = (carried + goodput + series.rate.points).map(\.value).max() ?? 0
    let unit = Self.rateUnit(highest)
    var data = [block("$carried", carried, scale: unit.scale), block("$goodput", goodput, scale: unit.scale)]
    var plots = [
      "$carried using 1:2 with steps lw 2 lc rgb '#56B4E9' title '\(isSender ? "sent" : "received")'",
      "$goodput using 1:2 with steps lw 2 dt 4 lc rgb '#000000' title 'goodput\(isSender ? " (slowest receiver)" : "")'",
    ]
    if !series.rate.points.isEmpty {
      data.append(block("$rate", series.rate.points, scale: unit.scale))
      plots.append("$rate using 1:2 with steps lw 1.5 dt 2 lc rgb '#D55E00' title 'rate allowed'")
    }
    return Panel(
      weight: 1,
      commands: data + [
        "set ylabel 'Rate (\(unit.name))'", "set format y '%g'", Self.axis(highest: highest / unit.scale),
        "plot " + plots.joined(separator: ", \\\n  "),
      ])
  }

  private var rttPanel: Panel? {
    guard !series.rtt.isEmpty else { return nil }
    let styles = [
      "lc rgb '#0072B2' dt 1", "lc rgb '#D55E00' dt 2", "lc rgb '#009E73' dt 3", "lc rgb '#000000' dt 4",
      "lc rgb '#CC79A7' dt 5", "lc rgb '#E69F00' dt 1",
    ]
    let isAlone = series.rtt.count == 1
    let highest = series.rtt.flatMap(\.points.points).map(\.value).max() ?? 0
    let data = series.rtt.enumerated().map { block("$rtt\($0)", $1.points.points, scale: 1) }
    let plots = series.rtt.enumerated().map { index, entry in
      let title = isAlone ? "smoothed RTT" : "smoothed RTT, receiver \(entry.receiver.prefix(6))"
      return
        "$rtt\(index) using 1:2 with steps lw 2 \(styles[index % styles.count]) title \(Self.quoted(title))"
    }
    return Panel(
      weight: 1,
      commands: data + [
        "set ylabel 'RTT (ms)'", "set format y '%g'", Self.axis(highest: highest),
        "plot " + plots.joined(separator: ", \\\n  "),
      ])
  }

  // MARK: Units and text

  private var title: String {
    let session = summary.session
    return "gallery \(session.role), \(session.mode), \(session.local) - \(session.remote)"
  }

  private var content: String {
    let session = summary.session
    return
      "\(Digits.count(session.fileCount, "file")), \(Digits.count(session.fileByteCount, "byte")) in "
      + Digits.count(session.chunkCount, "chunk")
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

  /// A vertical axis from 0 with four or five labels: gnuplot's own choice crowds a low panel.
  static func axis(highest: Double) -> String {
    guard highest > 0, highest.isFinite else { return "set yrange [0:*]; set ytics autofreq" }
    var power = 1.0
    while power * 10 <= highest / 4 { power *= 10 }
    while power > highest / 4 { power /= 10 }
    let step = [1.0, 2, 2.5, 5, 10].map { $0 * power }.first { $0 >= highest / 4 } ?? power * 10
    return "set yrange [0:\(highest * 1.04)]; set ytics \(step)"
  }

  private func block(_ name: String, _ points: [TracePoint], scale: Double) -> String {
    var text = "\(name) << EOD\n"
    for point in points { text += "\(point.seconds * timeUnit.perSecond) \(point.value / scale)\n" }
    return text + "EOD"
  }

  private static func terminal(_ output: String, height: Int) throws(TraceError) -> String {
    switch output.split(separator: ".").last?.lowercased() {
    case "svg": "set terminal svg size 1000,\(height) dynamic background rgb 'white' font 'DejaVu Sans,13'"
    case "png":
      "set terminal pngcairo size 1600,\(height * 8 / 5) background rgb 'white' font 'DejaVu Sans,13' fontscale 1.5 pointscale 1.4"
    case "pdf":
      "set terminal pdfcairo size 8in,\(Double(height) / 125)in background rgb 'white' font 'DejaVu Sans,9'"
    default: throw .cannotPlot(reason: "\(output) must end in .svg, .png or .pdf")
    }
  }

  /// In gnuplot's single quotes a quote is doubled; nothing else has a meaning.
  private static func quoted(_ text: String) -> String {
    "'" + text.map { $0 == "'" ? "''" : $0.isNewline ? " " : String($0) }.joined() + "'"
  }
}

extension TraceSeries.Kind {
  /// Shape, size and colour of the points.
  fileprivate func style(isSVG: Bool) -> String {
    "pt \(look.shape) ps \(look.size * scale(isSVG)) lw 1.5 lc rgb '\(look.colour)'"
  }

  /// In the legend, where a dot must be seen.
  fileprivate func keyStyle(isSVG: Bool) -> String {
    "pt \(look.shape) ps \(max(0.9, look.size) * scale(isSVG)) lw 1.5 lc rgb '\(look.colour)'"
  }

  /// An SVG's points are twice as large as a PNG's of the same size. Its strokes shrink with the points, though, so that
  /// crosses and plus signs, which are nothing but strokes, must stay larger to be seen.
  private func scale(_ isSVG: Bool) -> Double {
    guard isSVG else { return 1 }
    return look.shape <= 3 ? 0.9 : 0.55
  }

  private var look: (shape: Int, size: Double, colour: String) {
    switch self {
    case .data: (7, 0.25, "#0072B2")  // dots
    case .repair: (9, 0.9, "#D55E00")  // triangles
    case .parity: (11, 0.9, "#CC79A7")  // triangles, tip down
    case .dropped: (6, 1.1, "#E69F00")  // circles
    case .nack: (2, 0.8, "#000000")  // crosses
    case .droppedNack: (3, 1.6, "#D55E00")  // stars: at a receiver, around the cross of the same NACK
    case .report: (1, 0.5, "#009E73")  // plus signs
    case .end: (13, 1.4, "#56B4E9")  // diamonds
    case .complete: (4, 1.6, "#000000")  // squares
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
