import Figures
import Glibc
import Ground

/// What runs along the bottom of a study's plots. The other values of a point tell their lines apart.
enum StudyAxis: CaseIterable {
  case loss, receivers

  /// Lines over the receivers are of this many losses at most: more are hard to distinguish.
  private static let lossCount = 4
  /// Points of model curves, less one.
  private static let stepCount = 100

  /// Behind the name of a plot's file.
  var suffix: String { self == .loss ? "" : "-receivers" }
  var words: String { self == .loss ? "loss" : "receivers" }
  var label: String {
    self == .loss ? "loss p at each receiver, each way (%)" : "receivers R"
  }

  func x(_ point: StudyPoint) -> Double {
    self == .loss ? point.lossFraction * 100 : Double(point.receiverCount)
  }

  /// A line of a plot: points that differ in the axis, and in the way, alone.
  struct Line {
    var title: String
    /// One of its points; which one does not matter.
    var sample: StudyPoint
  }

  /// A plot over receivers needs two numbers of them.
  func isDrawn(_ plan: StudyPlan) -> Bool { self == .loss || Set(plan.receiverCounts).count > 1 }

  func lines(_ plan: StudyPlan) -> [Line] {
    var lines: [Line] = []
    for point in plan.points
    where !isOnAllLines(point, plan) && hasLine(point, plan)
      && !lines.contains(where: { contains(point, $0, plan) })
    {
      lines.append(Line(title: title(point, plan), sample: point))
    }
    return lines
  }

  private func hasLine(_ point: StudyPoint, _ plan: StudyPlan) -> Bool {
    let losses = plan.lossFractions
    guard self == .receivers, losses.count > Self.lossCount else { return true }
    // The first, the last, and some between them.
    let kept = (0..<Self.lossCount).map { losses[$0 * (losses.count - 1) / (Self.lossCount - 1)] }
    return kept.contains(point.lossFraction)
  }

  /// Without a mode one receiver is served by unicast, without parity. It begins all lines over receivers.
  private func isOnAllLines(_ point: StudyPoint, _ plan: StudyPlan) -> Bool {
    self == .receivers && plan.modes.isEmpty && point.receiverCount == 1
  }

  func contains(_ point: StudyPoint, _ line: Line, _ plan: StudyPlan) -> Bool {
    let sample = line.sample
    guard point.controller == sample.controller, point.mtuByteCount == sample.mtuByteCount,
      self == .loss ? point.receiverCount == sample.receiverCount : point.lossFraction == sample.lossFraction
    else { return false }
    return isOnAllLines(point, plan) || point.mode == sample.mode && point.parity == sample.parity
  }

  /// The values in which this line differs from the others.
  private func title(_ point: StudyPoint, _ plan: StudyPlan) -> String {
    var parts = [
      self == .loss ? "R = \(point.receiverCount)" : "p = \(HumanText.percent(point.lossFraction))"
    ]
    if Set(plan.points.map(\.mode)).count > 1, self == .loss || !plan.modes.isEmpty {
      parts.append(point.mode.rawValue)
    }
    if point.mode != .tcp {
      if plan.mtuByteCounts.count > 1 { parts.append("\(point.mtuByteCount) bytes") }
      if plan.controllers.count > 1 { parts.append(point.controller.rawValue) }
      if plan.parities.count > 1, point.mode.isGroup { parts.append("parity \(point.parity.rawValue)") }
    }
    return parts.joined(separator: ", ")
  }

  /// The points of a line's model curve.
  func curve(_ line: Line, _ plan: StudyPlan) -> [StudyPoint] {
    var point = line.sample
    switch self {
    case .loss:
      let highest = plan.lossFractions.max() ?? 0
      guard highest > 0 else { return [] }
      return (0...Self.stepCount).map {
        point.lossFraction = highest * Double($0) / Double(Self.stepCount)
        return point
      }
    case .receivers:
      guard let low = plan.receiverCounts.min(), let high = plan.receiverCounts.max(), low < high else {
        return []
      }
      var all: [StudyPoint] = []
      for step in 0...Self.stepCount {
        let part = Double(step) / Double(Self.stepCount)
        point.receiverCount = Int((Double(low) * pow(Double(high) / Double(low), part)).rounded())
        if all.last != point { all.append(point) }
      }
      return all
    }
  }
}
