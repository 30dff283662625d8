import Figures
private import FoundationEssentials

/// One line of a drop trace, Specs/trace.md §6.
package struct DropTraceLine: Equatable, Sendable {
  package var isOutgoing: Bool
  package var packetNumber: UInt64?
  package var typeName: String
  /// One of the words of Specs/trace.md §6, or several.
  package var fates: [String]
  package var chunk: UInt64?
  package var isRepair: Bool

  private static let losses: Set<String> = [
    "random_loss", "listed", "queue_overflow", "corrupted", "truncated",
  ]

  /// No sound copy of it was handed on: it was dropped, or damaged and not doubled.
  package var isLost: Bool {
    let copies = fates.contains("duplicated") ? 2 : 1
    let isFirstBad = fates.contains(where: Self.losses.contains)
    let isSecondBad = fates.contains("duplicate_corrupted") || fates.contains("duplicate_truncated")
    return (isFirstBad ? 1 : 0) + (isSecondBad ? 1 : 0) >= copies
  }

  /// Nil for what is no such line.
  init?(_ line: Substring) {
    let fields = line.split(separator: ",", omittingEmptySubsequences: false)
    guard fields.count == 6, let direction = TraceDirection(rawValue: String(fields[0])), !fields[3].isEmpty
    else { return nil }
    isOutgoing = direction == .outgoing
    packetNumber = UInt64(fields[1])
    typeName = String(fields[2])
    fates = fields[3].split(separator: "+").map(String.init)
    chunk = UInt64(fields[4])
    isRepair = fields[5] == "1"
    guard packetNumber != nil || fields[1].isEmpty, chunk != nil || fields[4].isEmpty else { return nil }
  }

  /// All lines of a file. A last line that was cut off (its writer was killed) is left out.
  ///
  /// Throws `cannotRead`, and `notADropTrace` naming the first line that is none.
  package static func read(path: String) throws(TraceError) -> [DropTraceLine] {
    let bytes: Data
    do { bytes = try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
      throw .cannotRead(path: path, reason: ErrorReason.text(error))
    }
    var rows = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    rows.removeLast()
    guard rows.first == DropTraceWriter.head[...] else { throw .notADropTrace(path: path, line: 1) }
    var lines: [DropTraceLine] = []
    for (index, row) in rows.enumerated().dropFirst() {
      guard let line = DropTraceLine(row) else { throw .notADropTrace(path: path, line: index + 1) }
      lines.append(line)
    }
    return lines
  }
}
