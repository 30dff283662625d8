import Foundation
import Glibc
import Synchronization
import Testing

/// What stands in this repository for a course's programs.
enum Course {
  static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  /// Runs Python to its end.
  static func runToEnd(
    _ arguments: [String], seconds: Double, environment: [String: String] = [:]
  ) -> (status: Int32, output: String) {
    do {
      let program = try PythonProgram(arguments, environment: environment)
      return (program.waitForEnd(seconds: seconds), program.output)
    } catch { return (-1, "python3 cannot be started: \(error)") }
  }
}

/// A Python program at work, its output in a file.
final class PythonProgram: Sendable {
  private let process: Mutex<Process>
  private let log: String

  init(_ arguments: [String], environment: [String: String] = [:]) throws {
    log = NSTemporaryDirectory() + "naive-python-" + UUID().uuidString
    guard FileManager.default.createFile(atPath: log, contents: nil),
      let output = FileHandle(forWritingAtPath: log)
    else { throw TimedOut(description: "cannot write \(log)") }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-u"] + arguments
    var variables = ProcessInfo.processInfo.environment
    variables.merge(environment) { $1 }
    process.environment = variables
    process.standardOutput = output
    process.standardError = output
    process.standardInput = FileHandle.nullDevice
    try process.run()
    self.process = Mutex(process)
  }

  deinit {
    process.withLock { Self.end($0) }
    try? FileManager.default.removeItem(atPath: log)
  }

  var output: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }
  var isRunning: Bool { process.withLock { $0.isRunning } }

  /// Its exit status; -2 when it had to be ended. Blocks.
  func waitForEnd(seconds: Double) -> Int32 {
    let end = Date().addingTimeInterval(seconds)
    while isRunning, Date() < end { Thread.sleep(forTimeInterval: 0.01) }
    return process.withLock { process in
      guard process.isRunning else { return process.terminationStatus }
      Self.end(process)
      return -2
    }
  }

  /// By SIGKILL: a child of one of our threads inherits its signal mask, in which SIGTERM is blocked.
  private static func end(_ process: Process) {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
  }
}
