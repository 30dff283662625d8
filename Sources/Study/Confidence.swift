import Figures

/// The mean of repeated trials, with a 95 % confidence interval that stays where values can lie.
package struct Confidence: Equatable, Codable, Sendable {
  /// Number of trials. 0: there is no mean.
  package var trialCount: Int
  package var mean: Double
  /// The ends of the interval. Nil with fewer than three trials, which say next to nothing about their
  /// spread.
  package var low: Double?
  package var high: Double?
  package static let leastTrialCount = 3

  /// Of values that are each one independent trial, by Student's t; those that are not finite do not count.
  /// The interval is cut where no value can lie, which leaves out no possible mean. There is none when all
  /// trials are equal: an interval of no width would claim that every other trial is equal too.
  package init(_ values: [Double], in range: ClosedRange<Double> = 0...Double.infinity) {
    let values = values.filter(\.isFinite)
    trialCount = values.count
    mean = values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
    guard values.count >= Self.leastTrialCount, values.contains(where: { $0 != values[0] }) else { return }
    let halfWidth =
      Self.studentQuantile(degreesOfFreedom: values.count - 1)
      * (Self.variance(values, mean: mean) / Double(values.count)).squareRoot()
    low = max(range.lowerBound, mean - halfWidth)
    high = min(range.upperBound, mean + halfWidth)
  }

  /// Of counts: in each trial so many of `total` succeeded. Wilson's score interval (E. B. Wilson, 1927) of
  /// all trials together. It never leaves 0…`total`, and trials that are all equal have one as well: 100
  /// images of 100 do not show that none can be lost.
  ///
  /// `perTrial`: how many outcomes each value is the mean of, in units of `total`; 1 when there is one
  /// receiver. Where trials differ by more than independent outcomes would, they are worth fewer outcomes:
  /// their number is divided by the ratio of the two variances.
  package init(counts: [Double], of total: Int, perTrial: Int = 1) {
    trialCount = counts.count
    mean = counts.isEmpty ? 0 : counts.reduce(0, +) / Double(counts.count)
    guard counts.count >= Self.leastTrialCount, total > 0, perTrial > 0 else { return }
    let size = Double(total)
    let share = min(1, max(0, mean / size))
    let expected = size * share * (1 - share) / Double(perTrial)
    let excess = expected > 0 ? max(1, Self.variance(counts, mean: mean) / expected) : 1
    let number = size * Double(perTrial) * Double(counts.count) / excess
    let square = Self.normalQuantile * Self.normalQuantile
    let centre = (share + square / (2 * number)) / (1 + square / number)
    let halfWidth =
      Self.normalQuantile / (1 + square / number)
      * (share * (1 - share) / number + square / (4 * number * number)).squareRoot()
    low = share == 0 ? 0 : max(0, centre - halfWidth) * size
    high = share == 1 ? size : min(1, centre + halfWidth) * size
  }

  private static func variance(_ values: [Double], mean: Double) -> Double {
    values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
  }

  /// The 97.5 % quantile of the normal distribution.
  private static let normalQuantile = 1.959964

  /// The 97.5 % quantile of Student's t, to three decimals: a table to 10 degrees of freedom, beyond it the
  /// expansion of Abramowitz and Stegun, 26.7.5. `degreesOfFreedom` ≥ 1.
  package static func studentQuantile(degreesOfFreedom: Int) -> Double {
    let table = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228]
    guard degreesOfFreedom > table.count else { return table[max(0, degreesOfFreedom - 1)] }
    let normal = normalQuantile
    let nu = Double(degreesOfFreedom)
    let square = normal * normal
    let first = normal * (square + 1) / 4
    let second = normal * (5 * square * square + 16 * square + 3) / 96
    let third = normal * (3 * square * square * square + 19 * square * square + 17 * square - 15) / 384
    return normal + first / nu + second / (nu * nu) + third / (nu * nu * nu)
  }

  /// `12.3 ± 0.4`; where the two sides differ, the ends: `4.5 (0.0 to 10.9)`; without an interval the mean
  /// alone.
  package func text(_ digits: Int) -> String {
    guard trialCount > 0 else { return "–" }
    let middle = HumanText.fixed(mean, digits)
    guard let low, let high else { return middle }
    let sides = (HumanText.fixed(mean - low, digits), HumanText.fixed(high - mean, digits))
    guard sides.0 != sides.1 else { return "\(middle) ± \(sides.0)" }
    return "\(middle) (\(HumanText.fixed(low, digits)) to \(HumanText.fixed(high, digits)))"
  }

  /// What the texts mean, for people.
  package static let legend = """
    Means of independent trials, with 95 % confidence: ± half the width of the interval, or its ends, as in
    4.5 (0.0 to 10.9). It stays where values can lie: counts of images by Wilson's score, other values by
    Student's t, cut at 0. Fewer than three trials have none, and so have other values that are all equal:
    they do not show how far others may lie.
    """
}

extension Chart.Point {
  init(x: Double, _ value: Confidence, scale: Double = 1) {
    self.init(
      x: x, y: value.mean * scale, low: (value.low ?? value.mean) * scale,
      high: (value.high ?? value.mean) * scale)
  }
}
