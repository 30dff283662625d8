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
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["gnuplot", file.path]
    let output = Pipe()
    process.standardError = output
    process.standardOutput = FileHandle.nullDevice
    do { try process.run() } catch { throw .cannotPlot(reason: error.localizedDescription) }
    let said = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus != 127 else {
      throw .cannotPlot(reason: "gnuplot is missing; install it: apt-get install gnuplot-nox")
    }
    guard process.terminationStatus == 0 else {
      let words =
        String(decoding: said, as: UTF8.self).split(separator: "\n").last.map(String.init)
        ?? "no reason given"
      throw .cannotPlot(
        reason:
          "gnuplot ended with \(process.terminationStatus): \(words.trimmingCharacters(in: .whitespaces))")
    }
  }
}
