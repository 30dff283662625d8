/// A table in columns: the first from the left, the others from the right.
package struct TextTable {
  /// The width of a page and of most terminals.
  package static let defaultWidth = 100

  private var rows: [[String]]
  /// The first columns. They say what a row is about, and stand in each part again.
  private let keyCount: Int
  /// This many of the columns after the key columns stay together.
  private let groupSize: Int

  package init(head: [String], keyCount: Int = 1, groupSize: Int = 1) {
    rows = [head]
    self.keyCount = keyCount
    self.groupSize = groupSize
  }

  package mutating func add(_ row: [String]) { rows.append(row) }

  /// Columns that do not fit `width` stand in further tables below the first, each with the key columns
  /// again.
  package func text(width: Int = TextTable.defaultWidth) -> String {
    let count = rows.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    func wide(_ columns: some Sequence<Int>) -> Int { columns.reduce(0) { $0 + widths[$1] + 2 } }
    let keys = Array(0..<min(keyCount, count))
    var parts: [[Int]] = []
    for start in stride(from: keys.count, to: count, by: groupSize) {
      let group = start..<min(start + groupSize, count)
      if let last = parts.last, wide(keys) + wide(last) + wide(group) - 2 <= width {
        parts[parts.count - 1] += group
      } else {
        parts.append(Array(group))
      }
    }
    if parts.isEmpty { parts = [[]] }
    return parts.map { part(keys + $0, widths) }.joined(separator: "\n\n")
  }

  private func part(_ columns: [Int], _ widths: [Int]) -> String {
    var lines = rows.map { row in
      var line = ""
      for (place, column) in columns.enumerated() where column < row.count {
        let cell = row[column]
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        line += place == 0 ? cell + padding : "  " + padding + cell
      }
      while line.last == " " { line.removeLast() }
      return line
    }
    let total = columns.reduce(0) { $0 + widths[$1] } + 2 * max(0, columns.count - 1)
    lines.insert(String(repeating: "─", count: total), at: 1)
    return lines.joined(separator: "\n")
  }
}
