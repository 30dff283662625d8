/// Why a text is no time, rate or size. Each description is one line that lists the units.
package enum QuantityError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The text is no number with a unit of this kind.
  case unreadable(Quantity.Kind)
  /// The number has no unit.
  case noUnit(Quantity.Kind)
  /// More than the program counts with.
  case tooLarge(Quantity.Kind)

  package var description: String {
    switch self {
    case .unreadable(let kind), .noUnit(let kind), .tooLarge(let kind): text(example: kind.example)
    }
  }

  /// The same with an example that fits the place.
  func text(example: String) -> String {
    switch self {
    case .unreadable(let kind): "expected \(kind.name) in \(kind.unitNames), as in \(example)"
    case .noUnit(let kind):
      "the unit is missing: expected \(kind.name) in \(kind.unitNames), as in \(example)"
    case .tooLarge(let kind): "too large: expected \(kind.name) in \(kind.unitNames), as in \(example)"
    }
  }
}
