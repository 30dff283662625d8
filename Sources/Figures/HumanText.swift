import CLinux

/// Numbers as people read them: in reports, tables, plots and on the progress line.
package enum HumanText {
  /// With this many decimals; "–" for a value that is not finite.
  package static func fixed(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite else { return "–" }
    // The longest Double has 309 digits before the point.
    return String(unsafeUninitializedCapacity: 320 + digits) { text in
      Int(
        text.withMemoryRebound(to: CChar.self) {
          gallery_fixed($0.baseAddress, UInt($0.count), Int32(digits), value)
        })
    }
  }

  /// In groups of three: `1,234,567`.
  package static func grouped(_ value: some BinaryInteger) -> String {
    var text = ""
    for (index, digit) in String(value.magnitude).reversed().enumerated() {
      if index > 0, index % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return (value < 0 ? "-" : "") + String(text.reversed())
  }

  /// In groups of three, and with its noun: `1 packet`, `1,200 packets`. `many` is for a noun that takes no
  /// plain s.
  package static func grouped(_ number: some BinaryInteger, _ one: String, _ many: String? = nil) -> String {
    "\(grouped(number)) \(number == 1 ? one : many ?? one + "s")"
  }

  /// A fraction in percent, with two decimals where the percentage is not whole: `5 %`, `0.50 %`.
  package static func percent(_ fraction: Double) -> String {
    let text = fixed(fraction * 100, 2)
    return (text.hasSuffix(".00") ? String(text.dropLast(3)) : text) + " %"
  }

  /// Whole percent, rounded down: only what is complete is 100 %.
  package static func percent(_ part: UInt64, of whole: UInt64) -> String {
    whole == 0 ? "100 %" : "\(part * 100 / whole) %"
  }

  /// Three digits and a decimal unit: `950 B`, `9.50 kB`, `950 MB`.
  package static func bytes(_ count: UInt64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB", "PB"]
    var value = Double(count)
    var unit = 0
    while value >= 999.5, unit < units.count - 1 {
      value /= 1_000
      unit += 1
    }
    return unit == 0 ? "\(count) B" : "\(fixed(value, value < 10 ? 2 : value < 100 ? 1 : 0)) \(units[unit])"
  }

  /// Bits per second, as in `93.1 Mb/s`.
  package static func rate(_ byteCount: UInt64, seconds: Double) -> String {
    guard seconds > 0 else { return "–" }
    let bits = Double(byteCount) * 8 / seconds
    return bits >= 1e9
      ? "\(fixed(bits / 1e9, 2)) Gb/s"
      : bits >= 1e6 ? "\(fixed(bits / 1e6, 1)) Mb/s" : "\(fixed(bits / 1e3, 0)) kb/s"
  }

  /// `45 s`, `3 min 20 s`, `2 h 5 min`.
  package static func duration(_ seconds: Double) -> String {
    let total = Int(seconds.rounded())
    if total < 60 { return "\(total) s" }
    if total < 3_600 { return "\(total / 60) min \(total % 60) s" }
    return "\(total / 3_600) h \(total % 3_600 / 60) min"
  }
}
