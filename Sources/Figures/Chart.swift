/// A chart of one value against another: lines with points and error bars, and model curves without points.
///
/// Series differ in colour, and in point shape and dashes too, so that a print in grey can be read.
package struct Chart: Equatable, Sendable {
  package struct Point: Equatable, Sendable {
    package var x: Double
    package var y: Double
    package var low: Double
    package var high: Double

    package init(x: Double, y: Double, low: Double? = nil, high: Double? = nil) {
      self.x = x
      self.y = y
      self.low = low ?? y
      self.high = high ?? y
    }
  }

  package enum Kind: Equatable, Sendable {
    /// Points joined by a line, with error bars.
    case measured
    /// Points with error bars and no line, where a model's line is to be seen.
    case points
    /// A line alone.
    case model
  }

  package struct Series: Equatable, Sendable {
    package var title: String
    package var kind: Kind
    /// Number of the colour and shape. A model's curve has the number of the series that it models.
    package var style: Int
    package var points: [Point]

    package init(title: String, kind: Kind = .measured, style: Int, points: [Point]) {
      self.title = title
      self.kind = kind
      self.style = style
      self.points = points
    }
  }

  package enum LegendPlace: String, Sendable {
    case topLeft = "top left"
    case topRight = "top right"
    /// Beside the plot, where it covers no value.
    case outside = "outside right top"
  }

  package var title: String
  package var xLabel: String
  package var yLabel: String
  /// The top of the vertical axis. Nil: the highest point decides.
  package var yMaximum: Double?
  /// The last tick of the axis, where there is room above it for the legend and no value can lie; nil: the
  /// axis' end.
  package var yTickLimit: Double?
  /// The values at which the horizontal axis has its ticks; it is logarithmic then. All of them above 0.
  package var xTicks: [Double] = []
  package var legend = LegendPlace.topLeft
  package var series: [Series]

  package init(title: String, xLabel: String, yLabel: String, series: [Series]) {
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.series = series
  }

  package enum Terminal: Sendable { case svg, png }

  /// The scripts that write `PATH.svg` and `PATH.png`.
  package func scripts(for path: String) -> [String] {
    [script(terminal: .svg, output: path + ".svg"), script(terminal: .png, output: path + ".png")]
  }

  /// The script that gnuplot reads; the data is in it.
  package func script(terminal: Terminal, output: String) -> String {
    var lines: [String] = []
    switch terminal {
    case .svg: lines.append("set terminal svg size 800,500 dynamic font 'DejaVu Sans,13' background 'white'")
    case .png:
      lines.append(
        "set terminal pngcairo size 1600,1000 font 'DejaVu Sans,22' linewidth 2 pointscale 1.6 background 'white'"
      )
    }
    lines += [
      "set output \(Gnuplot.quoted(output))", "set title \(Gnuplot.quoted(title)) noenhanced",
      "set xlabel \(Gnuplot.quoted(xLabel)) noenhanced", "set ylabel \(Gnuplot.quoted(yLabel)) noenhanced",
      "set key \(legend.rawValue) Left reverse noenhanced box lc rgb '#bbbbbb' width 1 height 0.5 opaque",
      "set border 3 lc rgb '#444444'", "set tics nomirror", "set grid lc rgb '#dddddd' lt 1",
      "set bars small",
      xRange, yRange,
    ]
    if let yTickLimit {
      lines.append("set ytics 0, \(Self.tickStep(upTo: yTickLimit)), \(yTickLimit)")
    }
    for (index, one) in series.enumerated() {
      let rows = one.points.map { [shifted($0, series: index), $0.y, $0.low, $0.high] }
      lines.append(Gnuplot.block("$data\(index)", rows))
    }
    let plots = series.enumerated().filter { !$0.element.points.isEmpty }
    lines.append(
      "plot " + plots.map { Self.plot($0.element, data: $0.offset) }.joined(separator: ", \\\n  "))
    return lines.joined(separator: "\n") + "\n"
  }

  /// The smallest of 1, 2, 5, 10, 20, 50 … that makes five steps or fewer.
  private static func tickStep(upTo limit: Double) -> Double {
    var power = 1.0
    while 25 * power < limit { power *= 10 }
    return [1, 2, 5].map { $0 * power }.first { $0 * 5 >= limit } ?? limit
  }

  /// The only x that there is, when there is one.
  private var onlyX: Double? {
    let xs = Set(series.flatMap(\.points).map(\.x))
    return xs.count == 1 ? xs.first : nil
  }

  /// A margin on both sides, so that no point lies on an axis. A single x is the only one with a label: no
  /// axis of made-up values around it, below 0 among them.
  private var xRange: String {
    if let onlyX {
      return "set xrange [\(onlyX - 1):\(onlyX + 1)]; set xtics ('\(Self.plain(onlyX))' \(onlyX))"
    }
    let xs = series.flatMap(\.points).map(\.x)
    if !xTicks.isEmpty, let low = xs.min(), let high = xs.max() {
      let ticks = xTicks.map { "'\(HumanText.grouped(UInt64($0)))' \($0)" }.joined(separator: ", ")
      return "set logscale x; set xrange [\(low / 1.15):\(high * 1.15)]; set xtics (\(ticks)); set mxtics 1"
    }
    guard let low = xs.min(), let high = xs.max(), high > low else { return "set autoscale x" }
    let margin = (high - low) * 0.03
    return "set xrange [\(low - margin):\(high + margin)]"
  }

  /// From a little below 0, so that points at 0 are seen whole; the ticks begin at 0.
  private var yRange: String {
    let highest = series.flatMap(\.points).map(\.high).filter(\.isFinite).max() ?? 0
    let top = yMaximum ?? (highest > 1e-12 ? highest * 1.1 : 1)
    return "set yrange [\(-top * 0.03):\(top)]"
  }

  /// 5, or 2.5.
  private static func plain(_ value: Double) -> String {
    value == value.rounded() ? HumanText.fixed(value, 0) : "\(value)"
  }

  /// Where a series' points stand: side by side at a single x, where they would cover each other.
  private func shifted(_ point: Point, series index: Int) -> Double {
    guard onlyX != nil, series.count > 1 else { return point.x }
    return point.x + (Double(index) - Double(series.count - 1) / 2) * min(0.2, 1.2 / Double(series.count))
  }

  /// Later series have smaller points: where two have the same values, the earlier one is seen around the
  /// later one.
  private static func plot(_ series: Series, data: Int) -> String {
    let style = styles[series.style % styles.count]
    let size = [1.6, 1.1, 0.8][data % 3]
    switch series.kind {
    case .model:
      return
        "$data\(data) using 1:2 with lines lw 1.5 dt \(style.dash) \(style.color.line) title \(Gnuplot.quoted(series.title))"
    case .points, .measured:
      let bars =
        "$data\(data) using 1:2:3:4 with yerrorbars lw 1.8 dt 1 pt \(style.shape) ps \(size) \(style.color.line)"
      guard series.kind == .measured else {
        return
          "\(bars) notitle, $data\(data) using 1:2 with points pt \(style.shape) ps \(size) \(style.color.line) "
          + "title \(Gnuplot.quoted(series.title))"
      }
      // The bars are drawn without a title, solid; the legend shows the dashed line with its points.
      return "\(bars) notitle, $data\(data) using 1:2 with linespoints lw 1.8 dt \(style.dash) "
        + "pt \(style.shape) ps \(size) \(style.color.line) title \(Gnuplot.quoted(series.title))"
    }
  }

  private static let styles: [(color: PlotColor, shape: Int, dash: Int)] = [
    (.blue, 7, 1), (.vermilion, 5, 2), (.green, 9, 4), (.purple, 13, 5), (.orange, 11, 1),
    (.sky, 6, 2), (.black, 4, 4),
  ]
}
