import Figures
import Testing

@Suite struct PanelPlotTests {
  private static func script(highest: Double, output: String = "x.svg") throws -> String {
    let panel = PanelPlot.Panel(
      weight: 1, yLabel: "y", format: "%g", highest: highest, blocks: [Gnuplot.block("$a", [[0, 1]])],
      plots: ["$a using 1:2"])
    return try PanelPlot(title: "t", subtitle: "s", xLabel: "x", xRange: (0, 1), panels: [panel, panel])
      .script(output: output)
  }

  @Test(arguments: [
    (0.0, "set yrange [0:*]; set ytics autofreq"), (.infinity, "set yrange [0:*]; set ytics autofreq"),
    (8, "set yrange [0:8.32]; set ytics 2.0"), (1_000, "set yrange [0:1040.0]; set ytics 250.0"),
  ])
  func theVerticalAxisHasFourOrFiveLabels(highest: Double, axis: String) throws {
    #expect(try Self.script(highest: highest).contains(axis + "\n"))
  }

  @Test func onlyTheLastPanelHasTheHorizontalLabel() throws {
    let script = try Self.script(highest: 1)
    #expect(script.split(separator: "\n").count { $0 == "set xlabel 'x'" } == 1)
    #expect(script.split(separator: "\n").count { $0 == "unset xlabel" } == 1)
    #expect(script.contains("set origin 0,0.4675\n"))
  }
}
