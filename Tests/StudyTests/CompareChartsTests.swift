import Figures
import Study
import Testing

@Suite struct CompareChartsTests {
  @Test(arguments: [([45_000] as [UInt64], true), ([3_000_000], false), ([45_000, 3_000_000], true)])
  func theModelIsDrawnWhereADatagramCarriesAnImage(sizes: [UInt64], isDrawn: Bool) {
    let results = [0, 0.05].map {
      CompareResult(
        variant: .naive, lossFraction: $0, trial: 0, receiver: 0, seed: 1, imagesSent: sizes.count,
        imageByteCount: 1)
    }
    let chart = CompareCharts.images(
      CompareSummary.all(results, imageByteCounts: sizes), imageByteCounts: sizes, receiverCount: 1)
    #expect(chart.series.contains { $0.kind == .model } == isDrawn)
    #expect(chart.series[0].title == "naive, UDP" + (isDrawn ? "" : " (no datagram carries these images)"))
  }
}
