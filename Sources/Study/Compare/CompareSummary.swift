import Figures
package import FileSet
import Naive
import Runs

/// All trials of one variant at one loss, each mean with its 95 % confidence interval.
package struct CompareSummary: Equatable, Codable, Sendable {
  package var variant: CompareVariant
  package var lossFraction: Double
  package var trialCount: Int
  package var imagesSent: Int
  package var whole: Confidence
  package var damaged: Confidence
  package var lost: Confidence
  package var inPlace: Confidence
  package var secondsToLastImage: Confidence
  package var secondsToEnd: Confidence
  package var packets: Confidence
  package var packetBytes: Confidence
  package var overhead: Confidence
  package var repairs: Confidence
  package var nacks: Confidence
  /// Runs, counted by receiver, in which the receiver could not know that the session was over.
  package var endLostCount: Int
  /// Naive over UDP: images expected by arithmetic, Σ (1 − p)ᶠ; nil for the others.
  package var expectedWhole: Double?

  /// Of results that share variant and loss. A trial's receivers are no independent trials where they share a
  /// sender: each trial counts once, by the mean over its receivers.
  private init(
    _ results: [CompareResult], variant: CompareVariant, lossFraction: Double, fragmentCounts: [Int]
  ) {
    let trials = Dictionary(grouping: results, by: \.trial).sorted { $0.key < $1.key }.map(\.value)
    func means(_ value: (CompareResult) -> Double) -> [Double] {
      trials.map { trial in trial.reduce(0) { $0 + value($1) } / Double(trial.count) }
    }
    func mean(_ value: (CompareResult) -> Double) -> Confidence { Confidence(means(value)) }
    self.variant = variant
    self.lossFraction = lossFraction
    trialCount = trials.count
    imagesSent = results.first?.imagesSent ?? 0
    let images = 0...Double(imagesSent)
    whole = Confidence(
      counts: means { Double($0.imagesWhole) }, of: imagesSent, perTrial: trials.first?.count ?? 1)
    damaged = mean { Double($0.imagesDamaged) }
    lost = mean { Double($0.imagesLost) }
    // One lost image moves all that follow, so these are no independent outcomes.
    inPlace = Confidence(means { Double($0.imagesInPlace) }, in: images)
    secondsToLastImage = mean(\.secondsToLastImage)
    secondsToEnd = mean(\.secondsToEnd)
    packets = mean { Double($0.packetCount) }
    packetBytes = mean { Double($0.packetByteCount) }
    overhead = mean(\.overhead)
    repairs = mean { Double($0.repairCount) }
    nacks = mean { Double($0.nackCount) }
    endLostCount = results.count { !$0.endSeen }
    expectedWhole =
      variant == .naive
      ? RepairModel.naiveArrivals(fragmentCounts: fragmentCounts, lossFraction: lossFraction) : nil
  }

  /// One summary for each variant and loss that has results, by loss.
  package static func all(_ results: [CompareResult], set: ScannedSet) -> [CompareSummary] {
    all(results, imageByteCounts: set.manifest.entries.map(\.byteCount))
  }

  package static func all(_ results: [CompareResult], imageByteCounts: [UInt64]) -> [CompareSummary] {
    // An image that no datagram can carry never arrives. So it is not expected.
    let fragments = imageByteCounts.filter { $0 > 0 && $0 <= UInt64(NaiveLimit.datagramByteCount) }
      .map { FragmentLoss.fragmentCount(byteCount: Int($0)) }
    let losses = Set(results.map(\.lossFraction)).sorted()
    return losses.flatMap { loss in
      CompareVariant.allCases.compactMap { variant in
        let some = results.filter { $0.variant == variant && $0.lossFraction == loss }
        guard !some.isEmpty else { return nil }
        return CompareSummary(some, variant: variant, lossFraction: loss, fragmentCounts: fragments)
      }
    }
  }

  /// The table that `gallery compare` prints.
  package static func table(_ summaries: [CompareSummary], width: Int = TextTable.defaultWidth) -> String {
    var table = TextTable(head: [
      "loss, protocol", "whole", "expected", "in place", "damaged", "lost", "last image s", "end s", "no end",
      "packets", "bytes", "overhead %", "repairs", "NACKs",
    ])
    for row in summaries {
      table.add([
        "\(HumanText.percent(row.lossFraction)), \(row.variant.title)", row.whole.text(1),
        HumanText.fixed(row.expectedWhole ?? Double(row.imagesSent), 1), row.inPlace.text(1),
        HumanText.fixed(row.damaged.mean, 1), HumanText.fixed(row.lost.mean, 1),
        row.secondsToLastImage.text(2),
        row.secondsToEnd.text(2), "\(row.endLostCount)",
        HumanText.fixed(row.packets.mean, 0), HumanText.grouped(UInt64(max(0, row.packetBytes.mean))),
        row.overhead.trialCount > 0 ? HumanText.fixed(row.overhead.mean * 100, 1) : "–",
        row.variant.isChunkedUDP ? row.repairs.text(1) : "–",
        row.variant.isChunkedUDP ? row.nacks.text(1) : "–",
      ])
    }
    return table.text(width: width)
  }

  /// What the table's columns are, for people who see it for the first time.
  package static let legend = """
    \(Confidence.legend)
    All values are of one receiver. whole: images that arrived as they were sent. expected: whole, by
    the loss alone. in place: whole and at their position; without names, one lost image shifts all that
    follow. damaged: stored, but not as sent. end s: until the session was over. no end: trials in which
    the receiver could not know that it was over (naive: the end marker was lost; chunked: files are
    missing, and the sender's last word too). packets, bytes: on a 1,500-byte link, IP headers included;
    overhead: beyond the images' own bytes. parity, UDP: chunked, with symbols that replace any lost chunk
    of their block; repairs counts chunks and symbols.
    """
}
