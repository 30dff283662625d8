import Figures
import Foundation
import Testing
import Trace

struct TracePlotTests {
  private func plot(chunkCount: Int = 3, receivers: [UInt64] = [1], dropsNack: Bool = false) throws
    -> TracePlot
  {
    let folder = try TemporaryFolder()
    let path = folder.path("run.qlog")
    let tracer = try SessionTracer(TraceOptions(qlogPath: path), role: .sender, name: "", now: 0)
    tracer.started(Datagrams.facts, at: 0)
    for i in 0..<chunkCount {
      tracer.sent(Datagrams.data(UInt32(i), chunk: UInt32(i)), at: UInt64(i) * 1_000_000)
    }
    tracer.sent(Datagrams.data(90, chunk: 1, isRepair: true), at: 4_000_000)
    tracer.received(Datagrams.nack(0, [(1, 1)]), at: 4_000_000)
    if dropsNack {
      tracer.dropped(Datagrams.nack(1, [(2, 1)]), .incoming, cause: "listed", at: 4_500_000)
    }
    var metrics = Datagrams.metrics
    for receiver in receivers {
      metrics.receiverID = receiver
      tracer.metrics(metrics, at: 5_000_000)
    }
    _ = tracer.close()
    var summary = TraceSummary()
    var series = TraceSeries()
    try TraceReader(path: path).forEach { series.add($0, isNew: summary.add($0)) }
    return TracePlot(summary, series)
  }

  @Test func axesHaveUnitsAndKindsALegend() throws {
    let script = try plot().script(output: "run.svg")
    for text in [
      "set terminal svg", "'Chunk index'", "'Rate (Mbit/s)'", "'RTT (ms)'",
      "'Time since the session began (ms)'",
      "'data, first sending'", "'repair'", "'asked for by NACK'", "'smoothed RTT'", "'rate allowed'",
    ] { #expect(script.contains(text), "\(text)") }
    #expect(!script.contains("dropped on purpose"), "kinds that do not occur are not in the legend")
  }

  /// The lost NACK is what such a picture is drawn for.
  @Test func aDroppedNackIsMarkedWhereItAsked() throws {
    let script = try plot(dropsNack: true).script(output: "run.svg")
    #expect(script.contains("'NACK dropped on purpose'"))
    #expect(script.contains("4.5 2.0\n"), "at its time, and at the chunk it asked for")
    #expect(!script.contains("'dropped on purpose'"))
  }

  @Test func longSessionsAreThinnedOut() throws {
    let script = try plot(chunkCount: 30_000).script(output: "run.png")
    #expect(script.split(separator: "\n").count < 40_000)
    #expect(script.contains("'data, first sending (thinned out)'"))
    #expect(script.contains("(s)'"))
  }

  @Test func eachReceiverHasItsLine() throws {
    let script = try plot(receivers: Array(1...9)).script(output: "run.pdf")
    #expect(script.components(separatedBy: "smoothed RTT, receiver").count - 1 == 6, "at most six")
  }

  @Test(arguments: ["run", "run.gif", ""])
  func otherFormsAreRefused(output: String) throws {
    let plot = try plot()
    #expect(throws: FigureError.cannotPlot(reason: "\(output) must end in .svg, .png or .pdf")) {
      try plot.script(output: output)
    }
  }

  @Test func quotesInNamesStayInside() throws {
    let script = try plot().script(output: "it's.svg")
    #expect(script.contains("set output 'it''s.svg'"))
  }

  @Test(
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/gnuplot")),
    arguments: ["svg", "png", "pdf"])
  func gnuplotDrawsIt(form: String) throws {
    let folder = try TemporaryFolder()
    let output = folder.path("run.\(form)")
    try Gnuplot.run([try plot().script(output: output)])
    let bytes = try Data(contentsOf: URL(fileURLWithPath: output))
    #expect(bytes.count > 4_000)
  }
}
