/// Numbers in groups of three: `1,234,567`.
package enum Digits {
  package static func grouped(_ value: UInt64) -> String {
    var text = ""
    for (index, digit) in String(value).reversed().enumerated() {
      if index > 0, index % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return String(text.reversed())
  }

  /// `1 packet`, `20 packets`: grouped, with the word that goes with the number. `many`: for words that take no plain s.
  package static func count(_ number: some BinaryInteger, _ one: String, _ many: String? = nil) -> String {
    "\(grouped(UInt64(clamping: number))) \(number == 1 ? one : many ?? one + "s")"
  }
}
