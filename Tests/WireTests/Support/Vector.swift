import Foundation
import Testing

/// One file of Specs/vectors: comments (`#`), `key = value` lines, then `bytes:` and hexadecimal digits.
struct Vector: CustomTestStringConvertible {
  let name: String
  let fields: [String: String]
  let bytes: [UInt8]

  var testDescription: String { name }

  /// The vectors of datagrams; the manifest is not a datagram.
  static let datagramNames = [
    "announce", "announce-provisional", "join", "data", "parity", "nack-ranges", "nack-bitmap",
    "repair-notice",
    "repair-notice-parity", "report", "end", "complete", "close", "abort",
  ]

  static var directory: URL {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Specs/vectors")
  }

  init(_ name: String) throws {
    self.name = name
    let text = try String(contentsOf: Self.directory.appending(path: name + ".hex"), encoding: .utf8)
    var fields: [String: String] = [:]
    var bytes: [UInt8] = []
    var inBytes = false
    for line in text.split(separator: "\n") {
      let content = line.prefix { $0 != "#" }
      if content.allSatisfy(\.isWhitespace) { continue }
      if content == "bytes:" {
        inBytes = true
      } else if inBytes {
        bytes += try content.split(separator: " ").map { try Self.number($0, radix: 16) }
      } else {
        let parts = content.split(separator: "=", maxSplits: 1)
        guard parts.count == 2 else { throw VectorError.unreadable(String(line)) }
        fields[parts[0].trimmingCharacters(in: .whitespaces)] = parts[1].trimmingCharacters(in: .whitespaces)
      }
    }
    self.fields = fields
    self.bytes = bytes
  }

  /// The field as text; a missing one is an error, so that a renamed field fails the test.
  func text(_ key: String) throws -> String {
    guard let text = fields[key] else { throw VectorError.missing(key) }
    return text
  }

  func number<Number: FixedWidthInteger>(_ key: String) throws -> Number {
    try Self.number(text(key)[...], radix: 10)
  }

  /// A field of hexadecimal digit pairs.
  func data(_ key: String) throws -> [UInt8] { try Self.bytes(of: text(key)[...]) }

  /// The bytes that pairs of hexadecimal digits stand for.
  static func bytes(of text: Substring) throws -> [UInt8] {
    let digits = Array(text)
    return try stride(from: 0, to: digits.count, by: 2).map {
      try number(Substring(digits[$0..<min($0 + 2, digits.count)]), radix: 16)
    }
  }

  /// A field of items separated by spaces, each of numbers separated by '+' or '@'.
  func tuples(_ key: String) throws -> [[UInt64]] {
    try text(key).split(separator: " ").map { item in
      try item.split { $0 == "+" || $0 == "@" }.map { try Self.number($0, radix: 10) }
    }
  }

  private static func number<Number: FixedWidthInteger>(_ text: Substring, radix: Int) throws -> Number {
    let number =
      text.hasPrefix("0x") ? Number(text.dropFirst(2), radix: 16) : Number(text, radix: radix)
    guard let number else { throw VectorError.unreadable(String(text)) }
    return number
  }
}

enum VectorError: Error {
  case unreadable(String)
  case missing(String)
}
