import ArgumentParser

/// A command whose name is mistyped: ArgumentParser calls all of its words unexpected.
enum CommandSuggestion {
  static var names: [String] {
    Gallery.configuration.subcommands.map { $0._commandName } + ["help"]
  }

  /// Throws when the first word, or the one behind `help`, is no command.
  static func check(_ words: [String]) throws {
    var words = words[...]
    if words.first == "help" { words.removeFirst() }
    guard let word = words.first, !word.hasPrefix("-"), !names.contains(word) else { return }
    let nearest = names.min { distance($0, word) < distance($1, word) }
    guard let nearest, distance(nearest, word) <= 2 else {
      throw ValidationError("there is no command '\(word)': there are \(names.joined(separator: ", "))")
    }
    throw ValidationError("there is no command '\(word)': did you mean \(nearest)?")
  }

  /// Letters to insert, delete, replace or swap with the next (Damerau and Levenshtein).
  static func distance(_ one: String, _ other: String) -> Int {
    let a = Array(one)
    let b = Array(other)
    var rows = [Array(0...b.count)]
    for i in 0..<a.count {
      var row = [i + 1]
      for j in 0..<b.count {
        var best = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, rows[i - 1][j - 1] + 1) }
        row.append(best)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
