package import Foundation
import Synchronization

/// Runs another program to its end.
package enum OtherProgram {
  package struct Outcome: Sendable {
    /// The exit status, or the number of the signal that ended the program.
    package var status: Int32
    package var output: Data
    package var errors: Data
  }

  /// Blocks. Both pipes are read at the same time: a program that fills one of them while we wait for the end
  /// of the other would wait for ever. Throws what kept it from being started.
  package static func run(_ path: String, _ arguments: [String]) throws -> Outcome {
    let process = Process()
    let (output, errors) = (Pipe(), Pipe())
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let said = Mutex(Data())
    let ended = DispatchSemaphore(value: 0)
    let descriptor = errors.fileHandleForReading
    Thread.detachNewThread {
      let all = descriptor.readDataToEndOfFile()
      said.withLock { $0 = all }
      ended.signal()
    }
    let written = output.fileHandleForReading.readDataToEndOfFile()
    ended.wait()
    process.waitUntilExit()
    return Outcome(status: process.terminationStatus, output: written, errors: said.withLock { $0 })
  }
}
