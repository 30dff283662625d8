import Figures
package import Transport

/// How a session ended, in one line: what the window says under the pictures.
package enum SessionLine {
  /// `8 of 8 files verified from 10.1.1.2 · 35.2 MB in 0.05 s · 33 lost, all repaired`, or why not.
  package static func text(_ report: UDPReceiveReport) -> String {
    var parts = [head(report.filesVerified, of: report.fileCount, from: report.sender)]
    guard report.isWhole else {
      parts.append(report.problem ?? report.failures.first?.reason ?? "not whole")
      return parts.joined(separator: " · ")
    }
    parts.append(
      "\(HumanText.bytes(report.fileByteCount)) in \(HumanText.fixed(report.seconds, 2)) s")
    if report.missing.count > 0 { parts.append("\(report.missing.count) lost, all repaired") }
    return parts.joined(separator: " · ")
  }

  static func text(_ report: StreamReceiveReport) -> String {
    let head = head(report.verifiedFileCount, of: report.fileCount, from: report.sender)
    guard report.outcome == .whole else {
      return "\(head) · \(report.message ?? report.failures.first?.reason ?? "not whole")"
    }
    return head
      + " · \(HumanText.bytes(report.receivedByteCount)) in \(HumanText.fixed(report.seconds, 2)) s"
  }

  private static func head(_ verified: Int, of count: Int, from sender: String) -> String {
    // Without the port, which says nothing to people.
    let end = sender.lastIndex(of: ":") ?? sender.endIndex
    let host = sender[..<end].drop { $0 == "[" }.prefix { $0 != "]" }
    return "\(verified) of \(HumanText.count(count, "file", "files")) verified from \(host)"
  }
}
