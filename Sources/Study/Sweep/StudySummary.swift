import Figures
import Ground

/// All trials of one point of a sweep.
package struct StudySummary: Equatable, Codable, Sendable {
  package var point: StudyPoint
  package var trialCount: Int
  /// Trials in which every receiver got everything; the means below are over these.
  package var completeCount: Int
  package var goodputBitsPerSecond: Confidence
  package var repairsPerChunk: Confidence
  package var nacks: Confidence
  package var seconds: Confidence
  package var wireRatio: Confidence
  /// By the model: `RepairModel.repairsPerChunk`, for the receivers that one session serves. Nil when single
  /// receivers or directions have impairments of their own, and when symbols leave unasked: of these the
  /// model knows nothing.
  package var expectedRepairsPerChunk: Double?

  private init(point: StudyPoint, trials: [StudyTrial], hasModel: Bool) {
    let complete = trials.filter(\.isComplete)
    self.point = point
    trialCount = trials.count
    completeCount = complete.count
    goodputBitsPerSecond = Confidence(complete.map(\.goodputBitsPerSecond))
    repairsPerChunk = Confidence(complete.map(\.repairsPerChunk))
    nacks = Confidence(complete.map { Double($0.nackCount) })
    seconds = Confidence(complete.map(\.seconds))
    wireRatio = Confidence(complete.map(\.wireRatio))
    expectedRepairsPerChunk =
      hasModel && point.parity.fixedShare == nil
      ? RepairModel.repairsPerChunk(
        lossFraction: point.lossFraction, receiverCount: point.sessionReceiverCount,
        blockChunkCount: point.parity.blockChunkCount) : nil
  }

  /// One for each point of the plan that has trials, in its order.
  package static func all(_ plan: StudyPlan, _ trials: [StudyTrial]) -> [StudySummary] {
    let byPoint = Dictionary(grouping: trials, by: \.point)
    return plan.points.compactMap { point in
      byPoint[point].map { StudySummary(point: point, trials: $0, hasModel: plan.impairments.isEmpty) }
    }
  }

  /// The first measured column. The columns before it say which trials these are.
  private static let measuredColumn = "goodput Mbit/s"
  package static let head = [
    "loss", "receivers", "mode", "MTU", "controller", "parity", "way", "complete", measuredColumn,
    "repairs per chunk",
    "model", "NACKs", "seconds", "IP ÷ file bytes",
  ]

  /// Columns that say how a point was run. A column that is the same in all rows is printed once, above the
  /// table.
  static let fixable: Set<String> = ["mode", "MTU", "controller", "parity", "way", "complete"]

  /// Cells of a row, as `head` names them.
  package var cells: [String] {
    let goodput = Confidence(scaling: goodputBitsPerSecond, by: 1e-6)
    let isTCP = point.mode == .tcp
    return [
      HumanText.percent(point.lossFraction), "\(point.receiverCount)", point.mode.rawValue,
      isTCP ? "–" : "\(point.mtuByteCount)", isTCP ? "kernel's" : point.controller.rawValue,
      point.parity.rawValue,
      point.way.rawValue, "\(completeCount) of \(trialCount)", goodput.text(1),
      isTCP ? "–" : repairsPerChunk.text(3),
      isTCP ? "–" : expectedRepairsPerChunk.map { HumanText.fixed($0, 3) } ?? "–",
      isTCP ? "–" : nacks.text(1), seconds.text(3), wireRatio.text(3),
    ]
  }

  /// A table of summaries without the columns that are the same in all rows: `fixed` says these once, nothing
  /// when there are none.
  static func columns(_ summaries: [StudySummary]) -> (fixed: String, head: [String], rows: [[String]]) {
    let rows = summaries.map(\.cells)
    let isSame = head.indices.map { column in
      fixable.contains(head[column]) && Set(rows.map { $0[column] }).count == 1
    }
    func those(_ cells: [String], same: Bool) -> [String] {
      zip(cells, isSame).filter { $0.1 == same }.map(\.0)
    }
    let fixed = zip(those(head, same: true), those(rows.first ?? [], same: true)).map { "\($0) \($1)" }
    return (
      fixed.isEmpty ? "" : "In all rows: \(fixed.joined(separator: ", ")).", those(head, same: false),
      rows.map { those($0, same: false) }
    )
  }

  package static func table(_ summaries: [StudySummary], width: Int = TextTable.defaultWidth) -> String {
    let (fixed, head, rows) = columns(summaries)
    var table = TextTable(head: head, keyCount: head.firstIndex(of: measuredColumn) ?? 1)
    rows.forEach { table.add($0) }
    return (fixed.isEmpty ? "" : fixed + "\n\n") + table.text(width: width)
  }
}

extension StudyPoint {
  /// Receivers that one session serves together.
  var sessionReceiverCount: Int { mode.isGroup ? receiverCount : 1 }
}

extension Confidence {
  init(scaling other: Confidence, by factor: Double) {
    self = other
    mean *= factor
    low = low.map { $0 * factor }
    high = high.map { $0 * factor }
  }
}
