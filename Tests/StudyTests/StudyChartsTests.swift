import Figures
import Ground
import Study
import Testing

@Suite struct StudyChartsTests {
  private static func plan(
    losses: [Double] = [0, 0.05, 0.1], receivers: [Int] = [1, 3, 10], modes: [TransferMode] = [],
    parities: [StudyParity] = [.off], impairments: [String] = []
  ) -> StudyPlan {
    StudyPlan(
      lossFractions: losses, receiverCounts: receivers, modes: modes, parities: parities, trialCount: 1,
      seed: 2, fileByteCount: 200_000, impairments: impairments)
  }

  private static func charts(_ plan: StudyPlan) throws -> [String: Chart] {
    let trials = try plan.jobs.map { try StudyRunner(plan, workPath: "").trial($0) }
    let all = StudyCharts.all(plan, StudySummary.all(plan, trials))
    return Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0.chart) })
  }

  private static func series(_ chart: Chart?, isModel: Bool) -> [Chart.Series] {
    chart?.series.filter { ($0.kind == .model) == isModel } ?? []
  }

  /// Without a mode one receiver is served by unicast: it begins each line over the receivers.
  @Test func valuesStandAgainstLossAndAgainstReceivers() throws {
    let charts = try Self.charts(Self.plan(parities: [.off, #require(StudyParity(rawValue: "64"))]))
    #expect(charts.count == 8)
    for name in ["goodput", "repairs", "nacks", "seconds"] {
      let overLoss = Self.series(charts[name], isModel: false)
      #expect(overLoss.map(\.points.count) == [3, 3, 3, 3, 3])
      let overReceivers = Self.series(charts[name + "-receivers"], isModel: false)
      #expect(overReceivers.count == 6 && overReceivers.allSatisfy { $0.points.map(\.x) == [1, 3, 10] })
      #expect(overReceivers.first?.title.hasPrefix("p = 0 %") ?? false)
    }
    #expect(charts["goodput-receivers"]?.xTicks == [1, 3, 10])
  }

  /// 200,000 bytes in 1,500-byte packets over 100 Mb/s take 16.5 ms, and 1.5 round trips of 20 ms.
  @Test func theModelsCurvesLieOverTheValues() throws {
    let charts = try Self.charts(Self.plan(losses: [0, 0.1], receivers: [1, 10]))
    let seconds = Self.series(charts["seconds"], isModel: true)
    let first = try #require(seconds.first?.points.first)
    #expect(abs(first.y - 0.0465) < 0.0005, "\(first.y)")
    let goodput = Self.series(charts["goodput"], isModel: true)
    #expect(try abs(#require(goodput.first?.points.first).y - 1.6 / first.y) < 0.01)
    #expect(try #require(seconds[1].points.last).y > #require(seconds[0].points.last).y)
    // Without a loss nobody asks, and one receiver alone has no model of it.
    let nacks = Self.series(charts["nacks"], isModel: true)
    #expect(nacks.count == 1 && nacks[0].points.allSatisfy { abs($0.y - 7.25) < 0.01 && $0.x > 0 })
    let overReceivers = Self.series(charts["repairs-receivers"], isModel: true)
    #expect(overReceivers.count == 2 && overReceivers[1].points.map(\.x) == (1...10).map(Double.init))
    #expect(abs(try #require(overReceivers[1].points.last).y - 0.758) < 0.001)
  }

  /// In unicast the receivers are served one after the other.
  @Test func sessionsOfUnicastFollowEachOther() throws {
    let charts = try Self.charts(Self.plan(losses: [0], receivers: [1, 10], modes: [.unicast]))
    let curve = try #require(Self.series(charts["seconds-receivers"], isModel: true).first).points
    #expect(try abs(#require(curve.last).y / #require(curve.first).y - 10) < 1e-9)
  }

  /// The model knows nothing of single receivers.
  @Test func whatTheModelDoesNotKnowHasNoCurve() throws {
    let charts = try Self.charts(Self.plan(losses: [0.05], receivers: [3], impairments: ["r2 out: 20%"]))
    #expect(charts.count == 4 && charts.values.allSatisfy { Self.series($0, isModel: true).isEmpty })
    #expect(charts.values.allSatisfy { $0.series.allSatisfy { $0.kind == .measured } })
  }
}
