/// Plots below each other on one horizontal axis, as a gnuplot script.
package struct PanelPlot: Sendable {
  /// One of the plots.
  package struct Panel: Sendable {
    /// Its share of the height, beside the shares of the others.
    package var weight: Double
    package var yLabel: String
    /// How gnuplot writes the labels of the vertical axis, as `printf` does.
    package var format: String
    /// The vertical axis goes from 0 to a little above this value.
    package var highest: Double
    /// `Gnuplot.block`s that the plots name.
    package var blocks: [String]
    /// The parts of gnuplot's `plot` command.
    package var plots: [String]

    package init(
      weight: Double, yLabel: String, format: String, highest: Double, blocks: [String], plots: [String]
    ) {
      self.weight = weight
      self.yLabel = yLabel
      self.format = format
      self.highest = highest
      self.blocks = blocks
      self.plots = plots
    }

    fileprivate var commands: [String] {
      blocks + [
        "set ylabel '\(yLabel)'", "set format y '\(format)'", PanelPlot.axis(highest: highest),
        "plot " + plots.joined(separator: ", \\\n  "),
      ]
    }
  }

  private let title: String
  private let subtitle: String
  /// Below the last panel.
  private let xLabel: String
  private let xRange: (start: Double, end: Double)
  private let panels: [Panel]

  package init(
    title: String, subtitle: String, xLabel: String, xRange: (start: Double, end: Double), panels: [Panel]
  ) {
    self.title = title
    self.subtitle = subtitle
    self.xLabel = xLabel
    self.xRange = xRange
    self.panels = panels
  }

  /// The script for a file whose extension (svg, png, pdf) says the form. Throws `cannotPlot` for any other
  /// form.
  package func script(output: String) throws(FigureError) -> String {
    let height = 330 + 250 * panels.count
    return try [
      Self.terminal(output, height: height),
      "set output \(Gnuplot.quoted(output))",
      "set multiplot title \(Gnuplot.quoted(title)).\"\\n\".\(Gnuplot.quoted(subtitle)) noenhanced font ',15'",
      "set lmargin 11", "set rmargin 3", "set key above horizontal left Left reverse noenhanced maxrows 2",
      "set border 3 lw 1", "set tics nomirror out", "set grid lt 1 lw 0.6 lc rgb '#cccccc'",
      "set xrange [\(xRange.start):\(xRange.end)]",
      layout.joined(separator: "\n"),
      "unset multiplot", "",
    ].joined(separator: "\n")
  }

  private var layout: [String] {
    let total = panels.map(\.weight).reduce(0, +)
    let share = 0.935  // the rest is the title's
    var top = share
    return panels.enumerated().flatMap { index, panel -> [String] in
      let height = share * panel.weight / total
      top -= height
      let isLast = index == panels.count - 1
      let axis = isLast ? "set xlabel '\(xLabel)'" : "unset xlabel"
      return [axis, "set origin 0,\(top)", "set size 1,\(height)"] + panel.commands
    }
  }

  /// A vertical axis from 0 with four or five labels: gnuplot's own choice crowds a low panel.
  private static func axis(highest: Double) -> String {
    guard highest > 0, highest.isFinite else { return "set yrange [0:*]; set ytics autofreq" }
    var power = 1.0
    while power * 10 <= highest / 4 { power *= 10 }
    while power > highest / 4 { power /= 10 }
    let step = [1.0, 2, 2.5, 5, 10].map { $0 * power }.first { $0 >= highest / 4 } ?? power * 10
    return "set yrange [0:\(highest * 1.04)]; set ytics \(step)"
  }

  private static func terminal(_ output: String, height: Int) throws(FigureError) -> String {
    switch output.split(separator: ".").last?.lowercased() {
    case "svg": "set terminal svg size 1000,\(height) dynamic background rgb 'white' font 'DejaVu Sans,13'"
    case "png":
      "set terminal pngcairo size 1600,\(height * 8 / 5) background rgb 'white' font 'DejaVu Sans,13' fontscale 1.5 pointscale 1.4"
    case "pdf":
      "set terminal pdfcairo size 8in,\(Double(height) / 125)in background rgb 'white' font 'DejaVu Sans,9'"
    default: throw .cannotPlot(reason: "\(output) must end in .svg, .png or .pdf")
    }
  }
}
