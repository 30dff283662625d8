import Foundation

/// Runs gnuplot as a program: a script in on its standard input, SVG and PNG files out.
package enum Gnuplot {
  /// Writes `PATH.svg` and `PATH.png`. Throws `missingProgram` when gnuplot is not installed, `programFailed` with its
  /// own message when it does not take the script.
  package static func write(_ chart: Chart, to path: String) throws(LabError) {
    try run(chart.script(terminal: .svg, output: path + ".svg"))
    try run(chart.script(terminal: .png, output: path + ".png"))
  }

  private static func run(_ script: String) throws(LabError) {
    guard let program = find() else { throw .missingProgram(name: "gnuplot", package: "gnuplot-nox") }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = ["-"]
    let input = Pipe()
    let output = Pipe()
    process.standardInput = input
    process.standardOutput = FileHandle.nullDevice
    process.standardError = output
    do { try process.run() } catch {
      throw .programFailed(name: program, status: -1, text: "\(error)")
    }
    // Scripts are shorter than a pipe holds (64 KiB) only when small: write beside the reading, not before it.
    let bytes = Data(script.utf8)
    Thread.detachNewThread {
      try? input.fileHandleForWriting.write(contentsOf: bytes)
      try? input.fileHandleForWriting.close()
    }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw .programFailed(name: "gnuplot", status: process.terminationStatus, text: text)
    }
  }

  private static func find() -> String? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
    return folders.map { "\($0)/gnuplot" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }
}
