/// Comma-separated values. A field is a number or a word of our own: none has a comma, a quote or a line end.
package enum CSV {
  package static func line(_ fields: [String]) -> String { fields.joined(separator: ",") }

  /// A file: the names of the columns, and a line for each row. Each line ends with a line feed.
  package static func text(head: String, lines: [String]) -> String {
    ([head] + lines).joined(separator: "\n") + "\n"
  }
}
