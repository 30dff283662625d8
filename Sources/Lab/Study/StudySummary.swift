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
  /// By the model: `RepairModel.repairsPerChunk`, for the receivers that one session serves. Nil when single receivers or
  /// directions have impairments of their own, of which the model knows nothing.
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
      hasModel
      ? RepairModel.repairsPerChunk(
        lossFraction: point.lossFraction, receiverCount: point.sessionReceiverCount) : nil
  }

  /// One for each point of the plan that has trials, in its order.
  package static func all(_ plan: StudyPlan, _ trials: [StudyTrial]) -> [StudySummary] {
    let byPoint = Dictionary(grouping: trials, by: \.point)
    return plan.points.compactMap { point in
      byPoint[point].map { StudySummary(point: point, trials: $0, hasModel: plan.impairments.isEmpty) }
    }
  }

  package static let head = [
    "loss", "receivers", "mode", "MTU", "controller", "way", "complete", "goodput Mbit/s",
    "repairs per chunk",
    "model", "NACKs", "seconds", "IP ÷ file bytes",
  ]

  /// Columns that say how a point was run: said once where they are the same in all rows.
  static let fixable: Set<String> = ["mode", "MTU", "controller", "way", "complete"]

  /// Cells of a row, as `head` names them.
  package var cells: [String] {
    let goodput = Confidence(scaling: goodputBitsPerSecond, by: 1e-6)
    let isTCP = point.mode == .tcp
    return [
      Percent.text(point.lossFraction), "\(point.receiverCount)", point.mode.rawValue,
      isTCP ? "–" : "\(point.mtuByteCount)", isTCP ? "kernel's" : point.controller.rawValue,
      point.way.rawValue, "\(completeCount) of \(trialCount)", goodput.text(1),
      isTCP ? "–" : repairsPerChunk.text(3),
      isTCP ? "–" : expectedRepairsPerChunk.map { Fixed.text($0, 3) } ?? "–",
      isTCP ? "–" : nacks.text(1), seconds.text(3), wireRatio.text(3),
    ]
  }

  package static func table(_ summaries: [StudySummary]) -> String {
    var table = TextTable(head: head)
    summaries.forEach { table.add($0.cells) }
    return table.text
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
    halfWidth = halfWidth.map { $0 * factor }
  }
}
