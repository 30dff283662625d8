import Check
import Foundation
import Ground
import Testing

/// The table of cases.
@Suite struct CheckCaseTests {
  private static let specs = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Specs")

  private static var all: [CheckCase] {
    TransferProtocol.allCases.flatMap { name in
      CheckedSide.allCases.flatMap { CheckCase.all($0, name) + CheckCase.all($0, name, .tcp) }
    }
  }

  /// A page's text in one line.
  private static func plain(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  /// The text of a section, without that of the next one.
  private static func text(of section: String) throws -> String {
    let words = section.split(separator: " ")
    try #require(words.count == 2)
    let page = try String(contentsOf: specs.appendingPathComponent(String(words[0])), encoding: .utf8)
    let number = words[1].dropFirst()
    let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
    let isHeading: (Substring) -> Bool = { $0.hasPrefix("## ") || $0.hasPrefix("### ") }
    let first = try #require(
      lines.firstIndex { isHeading($0) && $0.drop { $0 == "#" }.hasPrefix(" \(number)") }, "\(section)")
    return plain(lines[(first + 1)...].prefix { !isHeading($0) }.joined(separator: "\n"))
  }

  @Test func eachSentenceStandsInItsSection() throws {
    for one in Self.all {
      let text = try Self.text(of: one.section)
      #expect(text.contains(Self.plain(one.sentence)), "\(one.protocolName) \(one.side) \(one.name)")
    }
  }

  @Test(arguments: [TransferMode.unicast, .tcp])
  func namesAreUniqueAndProfilesNest(mode: TransferMode) {
    for name in TransferProtocol.allCases {
      for side in CheckedSide.allCases {
        let full = CheckCase.all(side, name, mode).map(\.name)
        let minimal = CheckCase.all(side, name, mode, .minimal).map(\.name)
        #expect(Set(full).count == full.count)
        #expect(!minimal.isEmpty && Set(minimal).isSubset(of: full))
      }
    }
  }

  /// Specs/check.md has a line for each case.
  @Test func thePageListsEachCase() throws {
    let page = try String(contentsOf: Self.specs.appendingPathComponent("check.md"), encoding: .utf8)
    for one in Self.all {
      #expect(page.contains("| `\(one.name)` "), "\(one.protocolName) \(one.side) \(one.name)")
    }
  }
}
