import Figures
import Ground

/// Real sockets beside the simulator at one point: the medians over the trials of each way, and the median of
/// their ratio. The ratio is taken trial by trial, between trials with the same losses, so that chance
/// changes it far less.
///
/// A median ignores a single trial in which another program took the processor.
package struct StudyAgreement: Equatable, Codable, Sendable {
  /// One value, both ways.
  package struct Value: Equatable, Codable, Sendable {
    /// Medians.
    package var real: Double
    package var simulated: Double
    /// Median of real ÷ simulated, trial by trial.
    package var ratio: Double

    package var isWithin: Bool { abs(ratio - 1) <= StudyAgreement.tolerance }

    /// Of pairs of trials.
    init(_ pairs: [(real: Double, simulated: Double)]) {
      real = StudyAgreement.median(pairs.map(\.real))
      simulated = StudyAgreement.median(pairs.map(\.simulated))
      // Two zeros agree. A large number stands for infinity, which JSON does not have.
      ratio = StudyAgreement.median(
        pairs.map { $0.real == $0.simulated ? 1 : $0.simulated == 0 ? 1e9 : $0.real / $0.simulated })
    }
  }

  /// Real and simulated values agree when their ratio differs from 1 by at most this much.
  package static let tolerance = 0.05

  /// The point of the simulated trials. The point of the real trials differs in the way only.
  package var point: StudyPoint
  /// Trials that are complete both ways.
  package var pairCount: Int
  package var goodputBitsPerSecond: Value
  package var repairs: Value
  package var nacks: Value

  package var values: [Value] { [goodputBitsPerSecond, repairs, nacks] }

  /// One for each point that has complete trials both ways, in the plan's order.
  package static func all(_ plan: StudyPlan, _ trials: [StudyTrial]) -> [StudyAgreement] {
    let byJob = Dictionary(trials.filter(\.isComplete).map { ($0.job, $0) }) { first, _ in first }
    return plan.points.filter { $0.way == .simulated }.compactMap { point in
      var other = point
      other.way = .real
      let pairs = (0..<plan.trialCount).compactMap { trial -> (real: StudyTrial, simulated: StudyTrial)? in
        guard let real = byJob[StudyJob(point: other, trial: trial)],
          let simulated = byJob[StudyJob(point: point, trial: trial)]
        else { return nil }
        return (real, simulated)
      }
      guard !pairs.isEmpty else { return nil }
      func value(_ of: (StudyTrial) -> Double) -> Value {
        Value(pairs.map { (of($0.real), of($0.simulated)) })
      }
      return StudyAgreement(
        point: point, pairCount: pairs.count, goodputBitsPerSecond: value(\.goodputBitsPerSecond),
        repairs: value { Double($0.repairCount) }, nacks: value { Double($0.nackCount) })
    }
  }

  /// The middle value, or the mean of the two in the middle; 0 of none.
  package static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard let last = sorted.last else { return 0 }
    let middle = sorted.count / 2
    return sorted.count % 2 == 1
      ? sorted[middle] : (sorted[middle - 1] + (sorted.count > 1 ? sorted[middle] : last)) / 2
  }

  // MARK: As people read it

  package static let head = [
    "loss", "receivers", "mode", "trials", "goodput Mbit/s: real", "simulated", "ratio", "repairs: real",
    "simulated", "ratio", "NACKs: real", "simulated", "ratio",
  ]

  package var cells: [String] {
    func cells(_ value: Value, _ scale: Double, _ digits: Int) -> [String] {
      [
        HumanText.fixed(value.real * scale, digits), HumanText.fixed(value.simulated * scale, digits),
        HumanText.fixed(value.ratio, 3) + (value.isWithin ? "" : " *"),
      ]
    }
    return [
      HumanText.percent(point.lossFraction), "\(point.receiverCount)", point.mode.rawValue,
      "\(pairCount)",
    ] + cells(goodputBitsPerSecond, 1e-6, 1) + cells(repairs, 1, 1) + cells(nacks, 1, 1)
  }

  package static func table(_ all: [StudyAgreement], width: Int = TextTable.defaultWidth) -> String {
    var table = TextTable(head: head, keyCount: 4, groupSize: 3)
    all.forEach { table.add($0.cells) }
    return table.text(width: width) + "\n" + verdict(all)
  }

  /// One line: how many of the values agree.
  package static func verdict(_ all: [StudyAgreement]) -> String {
    let values = all.flatMap(\.values)
    let within = values.count { $0.isWithin }
    let percent = HumanText.fixed(tolerance * 100, 0)
    return "real ÷ simulated, trial by trial, medians: "
      + (within == values.count
        ? "all \(values.count) agree within \(percent) %"
        : "\(within) of \(values.count) agree within \(percent) %; * marks the others")
  }

  package static func csv(_ all: [StudyAgreement]) -> String {
    let head =
      "lossFraction,receiverCount,mode,mtuByteCount,controller,parity,pairCount,"
      + ["goodputBitsPerSecond", "repairs", "nacks"].map { "\($0)Real,\($0)Simulated,\($0)Ratio" }
      .joined(separator: ",")
    let lines = all.map { one in
      CSV.line(
        [
          "\(one.point.lossFraction)", "\(one.point.receiverCount)", one.point.mode.rawValue,
          "\(one.point.mtuByteCount)", one.point.controller.rawValue, one.point.parity.rawValue,
          "\(one.pairCount)",
        ] + one.values.flatMap { ["\($0.real)", "\($0.simulated)", "\($0.ratio)"] })
    }
    return CSV.text(head: head, lines: lines)
  }
}
