import FoundationEssentials
import Ground

/// gnuplot, the program, and the parts that all scripts for it share.
package enum Gnuplot {
  /// A string in a script. Single quotes take everything literally; a quote inside is doubled.
  package static func quoted(_ text: String) -> String {
    "'" + text.map { $0 == "'" ? "''" : $0.isNewline ? " " : String($0) }.joined() + "'"
  }

  /// Rows of values inside a script, under a name such as `$data`.
  package static func block(_ name: String, _ rows: [[Double]]) -> String {
    var text = "\(name) << EOD\n"
    for row in rows { text += row.map { "\($0)" }.joined(separator: " ") + "\n" }
    return text + "EOD"
  }

  /// Runs scripts in one process, one after the other. Each names the file that gnuplot writes, and none sees
  /// another's settings. Throws `cannotPlot` with gnuplot's own words.
  package static func run(_ scripts: [String]) throws(FigureError) {
    let script = scripts.map { "reset session\n\($0)\nunset output\n" }.joined()
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(
      "gallery-\(UUID().uuidString).gnuplot")
    do { try Data(script.utf8).write(to: file) } catch {
      throw .cannotPlot(reason: "no temporary file: \(ErrorReason.text(error))")
    }
    defer { try? FileManager.default.removeItem(at: file) }
    let outcome: OtherProgram.Outcome
    do { outcome = try OtherProgram.run("/usr/bin/env", ["gnuplot", file.path]) } catch {
      throw .cannotPlot(reason: ErrorReason.text(error))
    }
    guard outcome.status != 127 else {
      throw .cannotPlot(reason: "gnuplot is missing; install it: apt-get install gnuplot-nox")
    }
    guard outcome.status == 0 else {
      let words =
        String(decoding: outcome.errors, as: UTF8.self).split(separator: "\n").last.map(String.init)
        ?? "no reason given"
      throw .cannotPlot(
        reason: "gnuplot ended with \(outcome.status): \(words.trimmed)")
    }
  }
}
