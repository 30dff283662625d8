import Figures
import Testing

@Suite struct ChartTests {
  private static func script(_ series: [[(Double, Double)]]) -> String {
    Chart(
      title: "t", xLabel: "x", yLabel: "y",
      series: series.enumerated().map { style, points in
        Chart.Series(
          title: "\(style)", style: style, points: points.map { Chart.Point(x: $0.0, y: $0.1) })
      }
    ).script(terminal: .svg, output: "x.svg")
  }

  private static func line(_ script: String, _ prefix: String) -> Substring {
    script.split(separator: "\n").first { $0.hasPrefix(prefix) } ?? ""
  }

  /// An axis around one loss had labels of losses that nobody set, −1 % among them.
  @Test(arguments: [(0.0, "0"), (5, "5"), (2.5, "2.5")])
  func aSingleLossIsTheOnlyLabel(loss: Double, label: String) {
    #expect(Self.line(Self.script([[(loss, 20)]]), "set xrange").hasSuffix("set xtics ('\(label)' \(loss))"))
  }

  @Test func pointsOfASingleLossStandSideBySide() {
    let script = Self.script([[(0, 20)], [(0, 20)], [(0, 20)]])
    let places = script.split(separator: "\n").filter { $0.hasSuffix(" 20.0 20.0 20.0") }.map {
      $0.split(separator: " ")[0]
    }
    #expect(Set(places).count == 3)
  }

  /// Two series with the same values: the later one's points are smaller.
  @Test func pointsThatCoverEachOtherDifferInSize() {
    let script = Self.script([[(0, 20), (5, 20)], [(0, 20), (5, 20)]])
    #expect(script.contains("pt 7 ps 1.6") && script.contains("pt 5 ps 1.1"))
    #expect(script.contains("\n0.0 20.0 20.0 20.0") && !Self.line(script, "set xrange").contains("xtics"))
  }

  @Test func pointsAtZeroAreSeenWhole() {
    #expect(Self.line(Self.script([[(0, 0), (5, 10)]]), "set yrange").hasPrefix("set yrange [-0.3"))
    #expect(Self.line(Self.script([[(0, 0), (5, 0)]]), "set yrange") == "set yrange [-0.03:1.0]")
  }

  /// Group sizes are far apart, and have names of their own.
  @Test func ticksOfOnesOwnMakeALogarithmicAxis() {
    var chart = Chart(
      title: "t", xLabel: "x", yLabel: "y",
      series: [
        Chart.Series(title: "s", style: 0, points: [Chart.Point(x: 1, y: 2), Chart.Point(x: 1_000, y: 3)])
      ])
    chart.xTicks = [1, 1_000]
    let line = Self.line(chart.script(terminal: .svg, output: "x.svg"), "set logscale x")
    #expect(line.contains("set xtics ('1' 1.0, '1,000' 1000.0)") && !line.contains("-"))
  }
}
