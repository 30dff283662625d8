import Figures
import Foundation

/// The mean of repeated trials, with Student's 95 % confidence interval.
package struct Confidence: Equatable, Codable, Sendable {
  /// Number of trials. 0: there is no mean.
  package var trialCount: Int
  package var mean: Double
  /// The interval is mean ± this. Nil with fewer than three trials, which say next to nothing about their
  /// spread, and when all trials are equal: an interval of no width would claim that every other trial is
  /// equal too.
  package var halfWidth: Double?
  package static let leastTrialCount = 3

  /// Of values that are each one independent trial; those that are not finite do not count.
  package init(_ values: [Double]) {
    let values = values.filter(\.isFinite)
    trialCount = values.count
    let mean = values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
    self.mean = mean
    guard values.count >= Self.leastTrialCount else { return }
    guard values.contains(where: { $0 != values[0] }) else { return }
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
    halfWidth =
      Self.studentQuantile(degreesOfFreedom: values.count - 1)
      * (variance / Double(values.count)).squareRoot()
  }

  package var low: Double { mean - (halfWidth ?? 0) }
  package var high: Double { mean + (halfWidth ?? 0) }

  /// The 97.5 % quantile of Student's t, to three decimals: a table to 10 degrees of freedom, beyond it the
  /// expansion of Abramowitz and Stegun, 26.7.5. `degreesOfFreedom` ≥ 1.
  package static func studentQuantile(degreesOfFreedom: Int) -> Double {
    let table = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228]
    guard degreesOfFreedom > table.count else { return table[max(0, degreesOfFreedom - 1)] }
    let normal = 1.959964
    let nu = Double(degreesOfFreedom)
    let square = normal * normal
    let first = normal * (square + 1) / 4
    let second = normal * (5 * square * square + 16 * square + 3) / 96
    let third = normal * (3 * square * square * square + 19 * square * square + 17 * square - 15) / 384
    return normal + first / nu + second / (nu * nu) + third / (nu * nu * nu)
  }

  /// `12.3 ± 0.4`, or the mean alone. Where mean ± half width leaves the range of possible values, the
  /// interval is cut to it and its ends are said: `4.5 (0.0 to 10.9)`.
  package func text(_ digits: Int, in range: ClosedRange<Double> = 0...Double.infinity) -> String {
    guard trialCount > 0 else { return "–" }
    let mean = HumanText.fixed(mean, digits)
    guard let halfWidth else { return mean }
    if low >= range.lowerBound, high <= range.upperBound {
      return "\(mean) ± \(HumanText.fixed(halfWidth, digits))"
    }
    let ends = (max(low, range.lowerBound), min(high, range.upperBound))
    return "\(mean) (\(HumanText.fixed(ends.0, digits)) to \(HumanText.fixed(ends.1, digits)))"
  }

  /// What the texts mean, for people.
  package static let legend = """
    Mean ± half width of the 95 % confidence interval (Student's t) over independent trials. An
    interval is cut where no value can lie, as in 4.5 (0.0 to 10.9). Fewer than three trials have none,
    and so have trials that are all equal: they do not show how far others may lie.
    """
}

extension Chart.Point {
  /// The interval is cut where no value can lie: below 0 and above `limit`.
  init(x: Double, _ value: Confidence, scale: Double = 1, limit: Double = .infinity) {
    self.init(
      x: x, y: value.mean * scale, low: max(0, value.low) * scale, high: min(limit, value.high) * scale)
  }
}
