/// Whether a text is well-formed XML, as far as our own SVG goes: elements close in order, attributes are
/// quoted, and no sign stands where it has a meaning.
struct XMLDocumentCheck {
  private(set) var isSound = true

  init(_ text: String) {
    var open: [Substring] = []
    var rest = text[...]
    while let start = rest.firstIndex(of: "<") {
      if rest[..<start].contains(">") || !Self.isPlain(rest[..<start]) { isSound = false }
      guard let end = rest[start...].firstIndex(of: ">") else {
        isSound = false
        return
      }
      let tag = rest[rest.index(after: start)..<end]
      if tag.count(where: { $0 == "\"" }) % 2 != 0 || tag.contains("<") { isSound = false }
      let name = tag.drop { $0 == "/" }.prefix { $0.isLetter }
      if tag.hasPrefix("/") {
        if open.popLast() != name { isSound = false }
      } else if !tag.hasSuffix("/") {
        open.append(name)
      }
      rest = rest[rest.index(after: end)...]
    }
    if !open.isEmpty { isSound = false }
  }

  /// Each & begins one of XML's own entities, and there is no control character but the line feed.
  private static func isPlain(_ text: Substring) -> Bool {
    let parts = text.split(separator: "&", omittingEmptySubsequences: false).dropFirst()
    let isEscaped = parts.allSatisfy { part in
      ["amp;", "lt;", "gt;", "quot;"].contains { part.hasPrefix($0) }
    }
    return isEscaped && !text.unicodeScalars.contains { $0.value < 32 && $0 != "\n" }
  }
}
