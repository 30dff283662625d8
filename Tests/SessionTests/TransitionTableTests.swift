import Foundation
import Testing

/// What each event does in each phase of the two machines, and that Specs/chunked-udp.md §6 states the same.
@Suite struct TransitionTableTests {
  /// Where a page with the tables as they are now is written; not set: nowhere.
  private static let outputVariable = "GALLERY_TRANSITIONS"

  @Test func thePageStatesTheTransitions() throws {
    let specification = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Specs/chunked-udp.md")
    let page = try String(contentsOf: specification, encoding: .utf8)
    let tables = [
      SenderTable(kind: .unicast).table, SenderTable(kind: .group).table, SenderTable(kind: .oneWay).table,
      ReceiverTable().table,
    ]
    if let path = ProcessInfo.processInfo.environment[Self.outputVariable] {
      let now = tables.reduce(page) { $1.put(into: $0) }
      try now.write(to: URL(fileURLWithPath: path), atomically: true, encoding: .utf8)
    }
    for table in tables {
      let written = try #require(
        TransitionTable.written(table.name, in: page), "no markers of the table \"\(table.name)\"")
      #expect(
        written == table.markdown,
        """
        Specs/chunked-udp.md, table "\(table.name)": the machines do something else. If that is intended, write the page \
        anew: \(Self.outputVariable)=$PWD/Specs/chunked-udp.md swift test -c release --disable-xctest \
        --filter TransitionTableTests
        """)
    }
  }
}
