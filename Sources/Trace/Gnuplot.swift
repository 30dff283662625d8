private import Foundation

/// Runs gnuplot, the program.
package enum Gnuplot {
  /// Runs a script, which writes its output itself. Throws `cannotPlot` with gnuplot's own words.
  package static func run(_ script: String) throws(TraceError) {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(
      "gallery-\(UUID().uuidString).gnuplot")
    do { try Data(script.utf8).write(to: file) } catch {
      throw .cannotPlot(reason: "no temporary file: \(error.localizedDescription)")
    }
    defer { try? FileManager.default.removeItem(at: file) }
    let outcome: OtherProgram.Outcome
    do { outcome = try OtherProgram.run("/usr/bin/env", ["gnuplot", file.path]) } catch {
      throw .cannotPlot(reason: TraceReader.reason(error))
    }
    guard outcome.status != 127 else {
      throw .cannotPlot(reason: "gnuplot is missing; install it: apt-get install gnuplot-nox")
    }
    guard outcome.status == 0 else {
      let words =
        String(decoding: outcome.errors, as: UTF8.self).split(separator: "\n").last.map(String.init)
        ?? "no reason given"
      throw .cannotPlot(
        reason:
          "gnuplot ended with \(outcome.status): \(words.trimmingCharacters(in: .whitespaces))")
    }
  }
}
