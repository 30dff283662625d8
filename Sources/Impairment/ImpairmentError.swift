/// Why an impairment is refused; `description` is one line for the user.
package enum ImpairmentError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A part of the text that cannot be read, and an example of how it should look.
  case unreadable(part: String, expected: String)
  /// A part whose time, rate or size is not understood.
  case badQuantity(part: String, QuantityError, example: String)
  /// A probability without its sign: the number could be a fraction of 1, or a percentage.
  case bareNumber(String, Double)
  /// A number outside its range.
  case outOfRange(what: String, got: String, allowed: String)
  /// The same setting given twice.
  case repeated(String)

  package var description: String {
    switch self {
    case .unreadable(let part, let expected):
      "impairment: cannot read '\(part)': expected \(expected)"
    case .badQuantity(let part, let error, let example):
      "impairment: cannot read '\(part)': \(error.text(example: example))"
    case .bareNumber(let text, let value) where value > 1:
      "impairment: '\(text)' has no unit: write \(text)%"
    case .bareNumber(let text, let value):
      "impairment: '\(text)' has no unit: write \(text)% or \(Quantity.text(probability: value))"
    case .outOfRange(let what, let got, let allowed):
      "impairment: \(what) is \(got), but must be \(allowed)"
    case .repeated(let what):
      "impairment: \(what) is given twice; give it once"
    }
  }

  static func checkProbability(
    _ value: Double, _ what: String, maximum: Double
  ) throws(ImpairmentError) {
    guard value >= 0, value <= maximum else {
      throw .outOfRange(what: what, got: "\(value * 100)%", allowed: "0%...\(Int(maximum * 100))%")
    }
  }
}
