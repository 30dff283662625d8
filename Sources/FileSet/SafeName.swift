import Wire

/// The rules for a file's name in a manifest: a relative path that cannot leave the folder it is put into.
package enum SafeName {
  /// Bytes of a whole name, at most (`PATH_MAX`).
  static let byteCountLimit = ManifestSize.nameByteCounts.upperBound
  /// Bytes of one component, at most (`NAME_MAX`).
  package static let componentByteCountLimit = 255
  /// The beginning of the names of folders for unfinished files in an inbox. No file of a set may lie in such
  /// a folder.
  package static let reservedPrefix = ".gallery-"

  /// Why these bytes may not name a file, or nil when they may.
  ///
  /// Components are separated by '/', are 1...255 bytes long, and are none of "", ".", ".."; no byte is NUL.
  /// The caller checks whether the bytes are UTF-8.
  package static func problem(in name: Span<UInt8>) -> String? {
    guard name.count > 0 else { return "the name is empty" }
    guard name.count <= byteCountLimit else { return "longer than \(byteCountLimit) bytes" }
    var start = 0
    for index in 0...name.count {
      if index < name.count {
        if name[index] == 0 { return "it holds a NUL" }
        if name[index] != slash { continue }
      }
      if let problem = componentProblem(name, start..<index) { return problem }
      start = index + 1
    }
    return nil
  }

  /// Whether the name's first component is reserved for this program's own folders.
  package static func isReserved(_ name: String) -> Bool { name.utf8.starts(with: reservedPrefix.utf8) }

  private static let slash = UInt8(ascii: "/")
  private static let dot = UInt8(ascii: ".")

  private static func componentProblem(_ name: Span<UInt8>, _ range: Range<Int>) -> String? {
    switch range.count {
    case 0: "it has an empty component"
    case 1 where name[range.lowerBound] == dot: "it has the component \".\""
    case 2 where name[range.lowerBound] == dot && name[range.lowerBound + 1] == dot:
      "it would leave the folder by \"..\""
    case (componentByteCountLimit + 1)...: "a component is longer than \(componentByteCountLimit) bytes"
    default: nil
    }
  }
}

extension String {
  /// The string as one line that a terminal can show: control, bidirectional-format and line-breaking
  /// characters are written as \u{…}.
  package var printable: String {
    guard unicodeScalars.contains(where: \.mustBeEscaped) else { return self }
    var result = ""
    for scalar in unicodeScalars {
      if scalar.mustBeEscaped {
        result += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// A readable form of bytes that are not UTF-8: those above 0x7F as \xNN.
  init(escaping bytes: some Sequence<UInt8>) {
    self = ""
    for byte in bytes {
      if byte < 0x80 {
        unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        self += "\\x" + String(byte, radix: 16)
      }
    }
  }
}

extension Unicode.Scalar {
  fileprivate var mustBeEscaped: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
    default: false
    }
  }
}
