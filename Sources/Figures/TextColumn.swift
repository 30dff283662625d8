/// A cell of a fixed width in a line of text. A cell that is too long for its width is followed, or preceded,
/// by one space.
package enum TextColumn {
  package static func left(_ text: String, _ width: Int) -> String { text + spaces(text, width) }
  package static func right(_ text: String, _ width: Int) -> String { spaces(text, width) + text }

  private static func spaces(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(1, width - text.count))
  }
}
