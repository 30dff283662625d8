import Foundation
import Ground
import Session
import Wire

/// What happens when an event meets a phase, as a Markdown table: one row an event, one column a phase.
struct TransitionTable {
  /// Between this marker and the closing one of the same name stands the table in Specs/chunked-udp.md.
  var name: String
  var phases: [String]
  var rows: [(event: String, cells: [String])]

  var markdown: String {
    let head = ["event"] + phases
    let lines =
      [head, head.map { _ in "---" }]
      + rows.map { row in [row.event] + row.cells.map { $0.isEmpty ? "–" : $0 } }
    return lines.map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
  }

  /// The table as the page has it; nil when a marker is missing.
  static func written(_ name: String, in page: String) -> String? {
    range(of: name, in: page).map { String(page[$0]) }
  }

  /// The page with this table in place of the one that it has.
  func put(into page: String) -> String {
    Self.range(of: name, in: page).map { page.replacingCharacters(in: $0, with: markdown) } ?? page
  }

  private static func range(of name: String, in page: String) -> Range<String.Index>? {
    guard let begin = page.range(of: "<!-- \(name) -->\n"),
      let end = page.range(of: "\n<!-- /\(name) -->", range: begin.upperBound..<page.endIndex)
    else { return nil }
    return begin.upperBound..<end.lowerBound
  }
}

/// Messages that leave within some time, by type. Chunks are of the type *data*.
struct Departures {
  private(set) var counts: [MessageType: Int] = [:]

  mutating func note(_ type: MessageType) { counts[type, default: 0] += 1 }

  /// What leaves because of an event: types of which more leave than without it. Chunks flow anyway.
  func text(beyond others: Departures) -> String {
    let more = counts.filter { type, count in
      let before = others.counts[type, default: 0]
      return type == .data ? before == 0 : count > before
    }
    let words = more.sorted { $0.key.rawValue < $1.key.rawValue }.map { type, count in
      type == .abort ? "\(count) aborts" : Self.word(type)
    }
    return words.isEmpty ? "" : "sends " + words.joined(separator: ", ")
  }

  private static func word(_ type: MessageType) -> String {
    switch type {
    case .data: "chunks"
    case .nack: "NACK"
    case .repairNotice: "repair notice and repairs"
    case .parity: "repair notice and symbols"
    case .announce, .join, .report, .end, .complete, .close, .abort, .invitation, .invitationAnswer: "\(type)"
    }
  }
}

extension Instant {
  /// Whole seconds, rounded, for a cell.
  func seconds(since start: Instant) -> String {
    let nanoseconds = self - start
    return nanoseconds < .seconds(1)
      ? "\(nanoseconds / 1_000_000) ms" : "\((nanoseconds + 500_000_000) / 1_000_000_000) s"
  }
}
