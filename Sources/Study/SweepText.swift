/// Values of a sweep as people write them: a list, `0,1,5,10`, or first, last and step, `0:30:5`. A `%` may
/// follow each.
package enum SweepText {
  private static let limit = 1_000

  /// Ascending, each value once; nil when the text is neither, or makes more than 1,000 values.
  package static func values(_ text: String) -> [Double]? {
    var all: Set<Double> = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let numbers = part.split(separator: ":", omittingEmptySubsequences: false).map(number)
      if numbers.count == 1, let value = numbers[0] {
        all.insert(value)
        continue
      }
      guard numbers.count == 3, let first = numbers[0], let last = numbers[1], let step = numbers[2],
        step > 0,
        last >= first, (last - first) / step < Double(limit)
      else { return nil }
      // By index, and not by adding up: 0.1 added ten times is not 1.
      let count = Int(((last - first) / step + 1e-9).rounded(.down))
      for index in 0...count { all.insert(rounded(first + Double(index) * step)) }
    }
    return all.isEmpty || all.count > limit ? nil : all.sorted()
  }

  private static func number(_ text: Substring) -> Double? {
    let text = text.hasSuffix("%") ? text.dropLast() : text
    guard let value = Double(text), value.isFinite, value.magnitude < 1e12 else { return nil }
    return rounded(value)
  }

  /// To a millionth, so that two ways to write a value give the same value.
  private static func rounded(_ value: Double) -> Double { (value * 1e6).rounded() / 1e6 }
}
