/// A table in columns: the first from the left, the others from the right.
package struct TextTable {
  private var rows: [[String]]

  package init(head: [String]) { rows = [head] }

  package mutating func add(_ row: [String]) { rows.append(row) }

  package var text: String {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    var lines = rows.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        line += column == 0 ? cell + padding : "  " + padding + cell
      }
      while line.last == " " { line.removeLast() }
      return line
    }
    lines.insert(String(repeating: "─", count: widths.reduce(0, +) + 2 * max(0, columns - 1)), at: 1)
    return lines.joined(separator: "\n")
  }
}
