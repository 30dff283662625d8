import FoundationEssentials
import Glibc
import Ground

/// How a folder of results came to be: enough to make them again, and to judge their times.
package struct Provenance: Equatable, Codable, Sendable {
  /// The command line, as a shell takes it.
  package var command: String
  package var version: String
  package var seed: UInt64
  /// UTC in ISO 8601, to the second: `2026-11-27T20:57:13Z`.
  package var madeAt: String
  /// Kernel and architecture.
  package var system: String
  /// The processor's name, or "unknown".
  package var processor: String
  package var processorCount: Int
  package var memoryByteCount: UInt64

  /// Of this process, now. It does not name the host or the user: results are handed round.
  package init(command: String, version: String, seed: UInt64) {
    self.command = command
    self.version = version
    self.seed = seed
    madeAt = Date().ISO8601Format()
    var names = utsname()
    uname(&names)
    system = [names.sysname, names.release, names.machine].map(Self.text).joined(separator: " ")
    processor = Self.processorName((try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? "")
    processorCount = ProcessInfo.processInfo.activeProcessorCount
    memoryByteCount = ProcessInfo.processInfo.physicalMemory
  }

  /// The name in Linux's /proc/cpuinfo. Some architectures give none.
  package static func processorName(_ information: String) -> String {
    for line in information.split(separator: "\n") where line.hasPrefix("model name") {
      return line.drop { $0 != ":" }.dropFirst().trimmed
    }
    return "unknown"
  }

  private static func text<Field>(_ field: Field) -> String {
    withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  /// The name of the file beside tables, which have no place for it.
  package static let fileName = "provenance.json"

  package func write(into folder: String) throws(FigureError) {
    try ResultFiles.writeJSON(self, to: "\(folder)/\(Self.fileName)")
  }
}
