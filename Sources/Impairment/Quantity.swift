/// Numbers with units, as people type them on the command line, and back.
enum Quantity {
  /// `5%`, or `0`; nil if unreadable. Not limited to 0...1: ``Impairment/validated()`` says that better.
  ///
  /// Any other number needs its sign: 0.5 may mean a half or half a percent. Throws `bareNumber` for it.
  static func probability(_ text: Substring) throws(ImpairmentError) -> Double? {
    if text.hasSuffix("%") { return percent(text.dropLast()) }
    guard let value = number(text) else { return nil }
    guard value == 0 else { throw .bareNumber(String(text), value) }
    return value
  }

  /// Shifts the decimal exponent by two. A division by 100 would round again, and some probabilities could
  /// then not be written.
  private static func percent(_ text: Substring) -> Double? {
    guard number(text) != nil else { return nil }
    let parts = text.lowercased().split(separator: "e")
    guard let digits = parts.first, let exponent = parts.count > 1 ? Int(parts[1]) : 0 else { return nil }
    return Double("\(digits)e\(exponent - 2)")
  }

  /// `20ms`, `500us`, `1.5s`, `1min` in nanoseconds; a unit is required.
  static func nanoseconds(_ text: Substring) -> UInt64? {
    scaled(
      text,
      units: [
        "ns": 1, "us": 1_000, "µs": 1_000, "ms": 1_000_000, "s": 1_000_000_000, "min": 60_000_000_000,
      ])
  }

  /// `100Mbit`, `1.5gbit`, `20Mbit/s` in bits per second. `bps` is not read: tc means bytes by it.
  static func bitsPerSecond(_ text: Substring) -> UInt64? {
    let rate = text.hasSuffix("/s") ? text.dropLast(2) : text
    return scaled(
      Substring(rate.lowercased()),
      units: ["bit": 1, "kbit": 1_000, "mbit": 1_000_000, "gbit": 1_000_000_000])
  }

  /// `375kB`, `1MiB`, `3000B` in bytes.
  static func bytes(_ text: Substring) -> UInt64? {
    scaled(
      Substring(text.lowercased()),
      units: ["b": 1, "kb": 1_000, "mb": 1_000_000, "kib": 1_024, "mib": 1_048_576])
  }

  /// Digits with a point or an exponent, not negative, finite.
  static func number(_ text: Substring) -> Double? {
    guard text.first?.isASCII == true, text.first?.isNumber == true || text.first == ".",
      !text.contains(where: { $0 == "x" || $0 == "X" || $0 == "p" || $0 == "P" }),
      let value = Double(text), value.isFinite
    else { return nil }
    return value
  }

  private static func scaled(_ text: Substring, units: [String: Double]) -> UInt64? {
    let digits = text.prefix { ($0.isASCII && $0.isNumber) || $0 == "." }
    guard let value = number(digits), let unit = units[String(text.dropFirst(digits.count))] else {
      return nil
    }
    let result = (value * unit).rounded()
    return result < 1e18 ? UInt64(result) : nil
  }

  /// As percent, in digits that read back to the same number.
  static func text(probability: Double) -> String {
    let plain = text(number: probability * 100)
    if percent(Substring(plain)) == probability { return plain + "%" }
    let parts = "\(probability)".split(separator: "e")
    let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    return "\(parts.first ?? "0")e\(exponent + 2)%"
  }

  /// Without a trailing `.0`.
  static func text(number: Double) -> String {
    let text = "\(number)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  static func text(nanoseconds: UInt64) -> String {
    text(nanoseconds, units: [("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000)], base: "ns")
  }

  static func text(bitsPerSecond: UInt64) -> String {
    text(bitsPerSecond, units: [("Gbit", 1_000_000_000), ("Mbit", 1_000_000), ("kbit", 1_000)], base: "bit")
  }

  static func text(byteCount: UInt64) -> String {
    text(byteCount, units: [("MB", 1_000_000), ("kB", 1_000)], base: "B")
  }

  /// In the largest unit that leaves a whole number.
  private static func text(_ value: UInt64, units: [(String, UInt64)], base: String) -> String {
    for (name, scale) in units where value > 0 && value % scale == 0 { return "\(value / scale)\(name)" }
    return "\(value)\(base)"
  }
}
