package import Figures
import Naive
import Runs

/// The plots of a comparison.
package enum CompareCharts {
  /// Images that arrived whole against loss, with what arithmetic expects of the naive protocol.
  package static func images(_ summaries: [CompareSummary], imageByteCounts: [UInt64], receiverCount: Int)
    -> Chart
  {
    let fragments = imageByteCounts.filter { $0 > 0 && $0 <= UInt64(NaiveLimit.datagramByteCount) }
      .map { FragmentLoss.fragmentCount(byteCount: Int($0)) }
    let isSendable = !fragments.isEmpty
    var series = CompareVariant.allCases.enumerated().compactMap { style, variant -> Chart.Series? in
      let points = summaries.filter { $0.variant == variant }.map {
        Chart.Point(x: $0.lossFraction * 100, $0.whole)
      }
      guard !points.isEmpty, !variant.isTCP else { return nil }
      // The naive points stand on their curve; a line between them would hide it.
      let kind: Chart.Kind = variant == .naive && points.count > 1 ? .points : .measured
      let title =
        variant.title + (variant == .naive && !isSendable ? " (no datagram carries these images)" : "")
      return Chart.Series(title: title, kind: kind, style: style, points: points)
    }
    let highest = summaries.map(\.lossFraction).max() ?? 0
    if highest > 0, isSendable {
      let curve = (0...100).map { step in
        let loss = highest * Double(step) / 100
        return Chart.Point(
          x: loss * 100, y: RepairModel.naiveArrivals(fragmentCounts: fragments, lossFraction: loss))
      }
      series.append(
        Chart.Series(title: "naive by arithmetic, Σ (1 − p)ᶠ", kind: .model, style: 0, points: curve))
    }
    let who = receiverCount == 1 ? "one receiver" : "\(receiverCount) receivers (mean)"
    var chart = Chart(
      title: "Images that arrive whole, of \(imageByteCounts.count), at \(who); mean, 95 % confidence",
      xLabel: "packet loss p (%)", yLabel: "images whole", series: series)
    chart.legend = .topRight
    chart.yMaximum = Double(imageByteCounts.count) * 1.4  // room for the legend above what arrives whole
    chart.yTickLimit = Double(imageByteCounts.count)
    return chart
  }

  /// Bytes on the wire for each image byte against loss.
  package static func overhead(_ summaries: [CompareSummary]) -> Chart {
    let series = CompareVariant.allCases.enumerated().compactMap { style, variant -> Chart.Series? in
      let points = summaries.filter { $0.variant == variant && $0.overhead.trialCount > 0 }
        .map { Chart.Point(x: $0.lossFraction * 100, $0.overhead, scale: 100) }
      return points.isEmpty ? nil : Chart.Series(title: variant.title, style: style, points: points)
    }
    return Chart(
      title: "Bytes on a 1,500-byte link beyond the images' own; mean, 95 % confidence",
      xLabel: "packet loss p (%)", yLabel: "overhead (% of image bytes)", series: series)
  }
}
