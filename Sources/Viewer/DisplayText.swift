/// Makes text from outside the program (file names, status lines) safe to draw on one line.
package enum DisplayText {
  /// The longest line that is ever laid out, in characters. A hostile name cannot make a gigantic texture.
  package static let characterLimit = 1024

  /// `text` on one line: control characters, line breaks and direction overrides are replaced, and its middle
  /// is shortened.
  package static func oneLine(_ text: String, limit: Int = characterLimit) -> String {
    // A single character may have thousands of combining marks, so the scalars are limited first.
    let scalars = text.unicodeScalars.prefix(4 * characterLimit).map { isHarmless($0) ? $0 : "\u{FFFD}" }
    var clean = String.UnicodeScalarView()
    clean.append(contentsOf: scalars)
    return shortened(String(clean), to: limit)
  }

  /// `text` with at most `limit` characters: an ellipsis replaces its middle, because both ends of a file
  /// name say more than its middle.
  package static func shortened(_ text: String, to limit: Int) -> String {
    guard text.count > limit else { return text }
    guard limit > 1 else { return "…" }
    let tailCount = (limit - 1) / 2
    return String(text.prefix(limit - 1 - tailCount)) + "…" + String(text.suffix(tailCount))
  }

  /// A byte count for people, decimal units with one decimal: "45.1 kB".
  package static func byteCount(_ count: UInt64) -> String {
    guard count >= 1000 else { return "\(count) B" }
    let units = ["kB", "MB", "GB", "TB", "PB", "EB"]
    var value = Double(count) / 1000
    var unit = 0
    while value >= 999.95, unit < units.count - 1 {
      value /= 1000
      unit += 1
    }
    return oneDecimal(value) + " " + units[unit]
  }

  /// "2.5 %".
  static func percent(_ fraction: Double) -> String {
    let tenths = Int((fraction * 1000).rounded())
    return "\(tenths / 10).\(tenths % 10) %"
  }

  /// "12.4 s"; with more digits for a short run.
  static func seconds(_ seconds: Double) -> String {
    let (scale, digits) = seconds < 1 ? (10_000.0, 4) : (10.0, 1)
    let value = UInt64(min(max(0, seconds), 1e12) * scale + 0.5)
    let fraction = String(String(value % UInt64(scale) + UInt64(scale)).dropFirst())
    return seconds == 0 ? "0 s" : "\(value / UInt64(scale)).\(fraction.prefix(digits)) s"
  }

  private static func oneDecimal(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }

  private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .lineSeparator, .paragraphSeparator: false
    default: true
    }
  }
}
