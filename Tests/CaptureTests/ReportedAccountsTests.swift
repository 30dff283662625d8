import Accounting
import Foundation
import Figures
import Capture
import Testing

@Suite struct ReportedAccountsTests {
  private static let account = Account([
    Equation("datagrams", [Equation.Term("sent", 3)], [Equation.Term("first", 3)])
  ])

  /// Reads `text`, with ACCOUNT in the place of an account's JSON.
  private func read(_ text: String) throws -> [Account] {
    let account = String(decoding: try JSONEncoder().encode(Self.account), as: UTF8.self)
    let path = NSTemporaryDirectory() + "gallery-report-\(UUID().uuidString).json"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try text.replacingOccurrences(of: "ACCOUNT", with: account).write(
      toFile: path, atomically: true, encoding: .utf8)
    return try ReportedAccounts.read(path: path)
  }

  @Test(arguments: [
    (#"{"accounting": ACCOUNT, "seconds": 1.5, "problem": null}"#, 1),
    (#"[{"accounting": ACCOUNT}, {"accounting": ACCOUNT}]"#, 2),
    (#"{"receivers": [{"accounting": ACCOUNT}, {"accounting": null}, {"name": "a"}]}"#, 1),
  ])
  func accountsAreFoundWhereverTheyStand(text: String, count: Int) throws {
    #expect(try read(text) == Array(repeating: Self.account, count: count))
  }

  /// Nesting without end among them: the reader must not run out of stack.
  @Test(arguments: [
    "", "JSON?", "7", "{}", "[]", #"{"accounting": null}"#, #"{"accounting": 7}"#,
    #"{"accounting": {"equations": [{"unit": "datagrams"}]}}"#,
    #"{"accounting": {"equations": [{"unit": "a", "left": [{"name": "b", "count": -1}], "right": [], "detail": false}]}}"#,
    String(repeating: "[", count: 100_000), String(repeating: #"{"a":"#, count: 100_000),
  ])
  func whatIsNoReportIsRefused(text: String) {
    #expect(throws: FigureError.self) { try read(text) }
  }
}
