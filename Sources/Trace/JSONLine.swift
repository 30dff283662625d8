/// Writes JSON objects into a buffer of bytes without intermediate values, for thousands of events per
/// second.
///
/// The caller opens and closes objects and names members in order. This type writes the commas.
struct JSONLine {
  private(set) var bytes: [UInt8] = []
  private var needsComma = false

  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    needsComma = false
  }

  /// A byte outside the JSON, such as RFC 7464's record separator.
  mutating func raw(_ byte: UInt8) { bytes.append(byte) }

  mutating func open(_ key: StaticString? = nil) {
    if let key { name(key) } else { separate() }
    bytes.append(UInt8(ascii: "{"))
    needsComma = false
  }

  mutating func close() {
    bytes.append(UInt8(ascii: "}"))
    needsComma = true
  }

  mutating func openList(_ key: StaticString? = nil) {
    if let key { name(key) } else { separate() }
    bytes.append(UInt8(ascii: "["))
    needsComma = false
  }

  mutating func closeList() {
    bytes.append(UInt8(ascii: "]"))
    needsComma = true
  }

  mutating func member(_ key: StaticString, _ value: UInt64) {
    name(key)
    digits(value)
    needsComma = true
  }

  mutating func member(_ key: StaticString, _ value: Bool) {
    name(key)
    bytes.append(contentsOf: (value ? "true" : "false").utf8)
    needsComma = true
  }

  mutating func member(_ key: StaticString, _ value: String) {
    name(key)
    string(value)
  }

  /// Nanoseconds as milliseconds with six decimals, as qlog writes times.
  mutating func member(_ key: StaticString, milliseconds nanoseconds: UInt64) {
    name(key)
    digits(nanoseconds / 1_000_000)
    bytes.append(UInt8(ascii: "."))
    var rest = nanoseconds % 1_000_000
    var scale: UInt64 = 100_000
    while scale > 0 {
      bytes.append(UInt8(ascii: "0") + UInt8(rest / scale))
      rest %= scale
      scale /= 10
    }
    needsComma = true
  }

  mutating func element(_ value: UInt64) {
    separate()
    digits(value)
    needsComma = true
  }

  mutating func element(_ value: String) {
    separate()
    string(value)
  }

  private mutating func separate() { if needsComma { bytes.append(UInt8(ascii: ",")) } }

  private mutating func name(_ key: StaticString) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    bytes.append(contentsOf: UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount))
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
  }

  private mutating func digits(_ value: UInt64) {
    guard value > 0 else { return bytes.append(UInt8(ascii: "0")) }
    let start = bytes.count
    var rest = value
    while rest > 0 {
      bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    }
    bytes[start...].reverse()
  }

  /// RFC 8259 §7. Control characters and the quotes are escaped; the rest is UTF-8 already.
  private mutating func string(_ value: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in value.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case 0..<0x20:
        bytes.append(contentsOf: "\\u00".utf8)
        for digit in [byte >> 4, byte & 15] { bytes.append(digit < 10 ? 48 + digit : 87 + digit) }
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
    needsComma = true
  }
}
