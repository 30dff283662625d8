import Foundation
import Glibc
import Synchronization
import Testing

/// The course's own programs, extracted from its text, and what is needed to run them.
struct Course: Sendable {
  let directory: String
  let images: [(name: String, bytes: [UInt8])]

  static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path
  private static let workDirectory =
    NSTemporaryDirectory() + "naive-course-\(ProcessInfo.processInfo.processIdentifier)"
  private static let prepared = Mutex<Result<Course, Missing>?>(nil)

  struct Missing: Error { var reason: String }

  /// The programs; nil, with the reason printed, where something they need is missing. With `CI=true` that is an error.
  static func available() throws -> Course? {
    let result = prepared.withLock { prepared in
      let result = prepared ?? Result { () throws(Missing) in try prepare() }
      prepared = result
      return result
    }
    switch result {
    case .success(let course): return course
    case .failure(let missing):
      if ProcessInfo.processInfo.environment["CI"] == "true" { throw missing }
      print("skipped: the course's programs cannot run here: \(missing.reason)")
      return nil
    }
  }

  private static func prepare() throws(Missing) -> Course {
    atexit { try? FileManager.default.removeItem(atPath: Course.workDirectory) }
    let directory = workDirectory
    let extraction = runToEnd([repository + "/Tools/course-programs", directory], seconds: 30)
    guard extraction.status == 0 else { throw Missing(reason: extraction.output) }
    let plotting = runToEnd(["-c", "import matplotlib.pyplot, PIL.Image"], seconds: 60)
    guard plotting.status == 0 else {
      throw Missing(reason: "pip install matplotlib: \(plotting.output.suffix(200))")
    }
    return Course(directory: directory, images: try sampleImages(directory))
  }

  /// The repository's small images; where there are none, some that Python draws: the course's receivers decode them.
  private static func sampleImages(_ directory: String) throws(Missing) -> [(name: String, bytes: [UInt8])] {
    let small = (try? Scratch.contents(of: repository + "/images/small")) ?? [:]
    let kept = small.filter { $0.key.hasSuffix(".jpg") && $0.value.count <= 65_507 }
    if !kept.isEmpty { return sorted(kept) }
    let drawing = """
      import os, random, PIL.Image
      random.seed(1); os.makedirs('\(directory)/drawn')
      for i in range(6):
          image = PIL.Image.frombytes('RGB', (120, 90), random.randbytes(120 * 90 * 3))
          image.save(f'\(directory)/drawn/drawn-{i}.jpg', quality=92)
      """
    let drawn = runToEnd(["-c", drawing], seconds: 60)
    guard drawn.status == 0, let images = try? Scratch.contents(of: directory + "/drawn") else {
      throw Missing(reason: drawn.output)
    }
    return sorted(images)
  }

  private static func sorted(_ images: [String: [UInt8]]) -> [(name: String, bytes: [UInt8])] {
    images.sorted { $0.key < $1.key }.map { (name: $0.key, bytes: $0.value) }
  }

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
    variables["MPLBACKEND"] = "Agg"
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
