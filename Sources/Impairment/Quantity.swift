/// Times, rates, sizes and probabilities with units, as people type them, and back. Everything that a person
/// types goes through this one reader: the options of the command line, and the parts of an impairment.
package enum Quantity {
  /// What a text can be read as.
  package enum Kind: Sendable {
    case time, rate, size

    var name: String {
      switch self {
      case .time: "a time"
      case .rate: "a rate"
      case .size: "a size"
      }
    }

    var unitNames: String {
      switch self {
      case .time: "ns, us, ms, s or min"
      case .rate: "bit, kbit, Mbit or Gbit (each per second)"
      case .size: "B, kB, MB, GB, KiB, MiB or GiB"
      }
    }

    var example: String {
      switch self {
      case .time: "500ms"
      case .rate: "100Mbit"
      case .size: "375kB"
      }
    }

    /// The factor of a unit; nil for a word that is no unit of this kind. Capitals do not matter in a rate or
    /// a size.
    func factor(_ unit: Substring) -> Double? {
      switch self {
      case .time: Self.times[String(unit)]
      case .rate: Self.rates[(unit.hasSuffix("/s") ? unit.dropLast(2) : unit).lowercased()]
      case .size: Self.sizes[unit.lowercased()]
      }
    }

    /// In nanoseconds. The micro sign and the Greek letter look alike.
    private static let times: [String: Double] = [
      "ns": 1, "us": 1e3, "\u{B5}s": 1e3, "\u{3BC}s": 1e3, "ms": 1e6, "s": 1e9, "min": 60e9,
    ]
    /// In bits per second. `bps` is not read: tc means bytes by it.
    private static let rates: [String: Double] = ["bit": 1, "kbit": 1e3, "mbit": 1e6, "gbit": 1e9]
    /// In bytes.
    private static let sizes: [String: Double] = [
      "b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "kib": 1_024, "mib": 1_048_576, "gib": 1_073_741_824,
    ]
  }

  /// `20ms`, `500us`, `1.5s`, `1min` in nanoseconds, below 10^18. Only 0 needs no unit.
  package static func nanoseconds(_ text: some StringProtocol) throws(QuantityError) -> UInt64 {
    try value(Substring(text), .time)
  }

  /// `100Mbit`, `1.5gbit`, `20Mbit/s` in bits per second, below 10^18.
  package static func bitsPerSecond(_ text: some StringProtocol) throws(QuantityError) -> UInt64 {
    try value(Substring(text), .rate)
  }

  /// `375kB`, `1MiB`, `3000B` in bytes, below 10^18.
  package static func bytes(_ text: some StringProtocol) throws(QuantityError) -> UInt64 {
    try value(Substring(text), .size)
  }

  private static func value(_ text: Substring, _ kind: Kind) throws(QuantityError) -> UInt64 {
    let digits = text.prefix { ($0.isASCII && $0.isNumber) || $0 == "." }
    let unit = text.dropFirst(digits.count).drop { $0 == " " }
    guard let number = number(digits) else { throw .unreadable(kind) }
    if unit.isEmpty {
      guard number == 0 else { throw .noUnit(kind) }
      return 0
    }
    guard let factor = kind.factor(unit) else { throw .unreadable(kind) }
    let result = (number * factor).rounded()
    guard result < 1e18 else { throw .tooLarge(kind) }
    return UInt64(result)
  }

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

  /// Digits with a point or an exponent, not negative, finite.
  static func number(_ text: Substring) -> Double? {
    guard text.first?.isASCII == true, text.first?.isNumber == true || text.first == ".",
      !text.contains(where: { $0 == "x" || $0 == "X" || $0 == "p" || $0 == "P" }),
      let value = Double(text), value.isFinite
    else { return nil }
    return value
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
