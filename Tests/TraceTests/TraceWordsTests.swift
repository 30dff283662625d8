import Foundation
import Testing
import Trace

@Suite struct TraceWordsTests {
  /// The page that readers of a trace have.
  private static func page() throws -> String {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/../../Specs/trace.md"
    return try String(contentsOfFile: path, encoding: .utf8)
  }

  @Test(arguments: TraceEventName.allCases)
  func everyEventIsInTheSpecification(name: TraceEventName) throws {
    #expect(try Self.page().contains("`\(name.rawValue)`"))
  }

  @Test(arguments: TraceOutcome.allCases)
  func everyOutcomeIsInTheSpecification(outcome: TraceOutcome) throws {
    let line = try #require(try Self.page().split(separator: "\n").first { $0.hasPrefix("`outcome`:") })
    let words = line.split(whereSeparator: { " ,.:".contains($0) })
    #expect(words.contains { $0 == outcome.rawValue })
  }
}
