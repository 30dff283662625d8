import Accounting
import Figures
import FileSet
import Foundation
import Synchronization
import Transport

/// Sends one set to each destination, side by side: independent sessions, one summary.
struct ChunkedSending {
  let sessions: [UDPSendOptions]
  let set: ScannedSet
  let ending: SendEnding

  private enum Result: Sendable {
    case udp(UDPSendReport)
    case failed(TransportError)
  }

  func run() throws {
    let key = EnterKey()
    let senders = sessions.map { session in
      var options = session
      if let key { options.takeStart = { key.wasPressed() } }
      return UDPSender(set, options)
    }
    sessions.first.flatMap { OneWayText.beginning($0, fileByteCount: set.manifest.fileByteCount) }
      .map(ending.console.say)
    SignalTrap.install { senders.forEach { $0.cancel() } }
    let results = Mutex([Result?](repeating: nil, count: senders.count))
    let names = sessions.map(\.host)
    let ending = ending
    SideBySide.run(count: senders.count) { index in
      let label = senders.count > 1 ? names[index] : ""
      do throws(TransportError) {
        let report = try senders[index].run { ending.tell($0, label: label) }
        results.withLock { $0[index] = .udp(report) }
      } catch {
        results.withLock { $0[index] = .failed(error) }
      }
    }
    try summarise(results.withLock { $0.compactMap(\.self) })
  }

  private func summarise(_ results: [Result]) throws {
    var reports: [UDPSendReport] = []
    var errors: [TransportError] = []
    var status = ExitStatus.whole
    for result in results {
      switch result {
      case .udp(let report):
        reports.append(report)
        ending.console.say(SendSummary.text(report, isAccountShown: ending.isAccountShown))
        if status == .whole { status = SendSummary.status(report) }
      case .failed(let error):
        Console.fail(error)
        errors.append(error)
        if status == .whole || results.count == 1 { status = ExitStatus(error) }
      }
    }
    status = status.balancing(reports.map(\.accounting))
    if results.count > 1, status != .whole, status != .unbalanced,
      reports.contains(where: { $0.outcome == .whole })
    {
      status = .partial
    }
    if results.count == 1, let only = reports.first {
      return try ending.end(only, isWhole: only.isWhole, status)
    }
    if results.count == 1, let only = errors.first {
      ending.output.end(only, status)
      throw status.exitCode
    }
    let isUnknown = status == .whole && sessions.contains { $0.oneWay != nil }
    let report = SeveralSessions(
      isWhole: isUnknown ? nil : status == .whole, sessions: reports, errors: errors.map { "\($0)" })
    try ending.end(report, isWhole: report.isWhole, status)
  }
}

/// `--json` of a set that went to several receivers, each in a session of its own.
private struct SeveralSessions: Encodable {
  /// Nil where receivers do not answer.
  let isWhole: Bool?
  let sessions: [UDPSendReport]
  /// Why a session did not begin.
  let errors: [String]
}

/// The end of a sender's report, as people read it.
enum SendSummary {
  static func text(_ report: UDPSendReport, isAccountShown: Bool) -> String {
    var lines: [String] = []
    for receiver in report.receivers {
      var line =
        "\(receiver.name): "
        + (receiver.reason ?? ReceiveSummary.verified(receiver.filesVerified, of: report.fileCount))
      if receiver.datagramsLost > 0 {
        line += "; \(HumanText.count(receiver.datagramsLost, "datagram", "datagrams")) lost on the way"
        if receiver.socketDrops > 0 {
          line += ", \(receiver.socketDrops) at its own socket (its buffer was full)"
        }
      }
      lines.append(line)
    }
    if let problem = report.problem { lines.append("not whole: \(problem)") }
    let isSent = report.outcome == .whole
    lines.append(
      (isSent ? "" : "tried to send ")
        + "\(HumanText.bytes(report.fileByteCount)) in \(HumanText.fixed(report.transferSeconds, 2)) s"
        + (isSent && report.roundCount == nil
          ? ", \(HumanText.rate(report.fileByteCount, seconds: report.transferSeconds)); " : "; ")
        + HumanText.count(report.datagramsSent, "datagram", "datagrams")
        + " in packets of up to \(HumanText.count(report.packetByteCount, "byte", "bytes"))"
        + (report.isPathProbed ? " (probed)" : ""))
    if let roundCount = report.roundCount {
      lines.append(OneWayText.end(roundCount: roundCount))
    } else if report.parityDatagrams > 0 {
      lines.append(
        "repaired by \(HumanText.count(report.parityDatagrams, "parity symbol", "parity symbols")) and \(HumanText.count(report.repairDatagrams, "chunk", "chunks"))"
      )
    }
    if let refused = report.refused { lines.append(refused.text) }
    if isAccountShown { lines.append(report.accounting.text) }
    return lines.joined(separator: "\n")
  }

  static func status(_ report: UDPSendReport) -> ExitStatus {
    ExitStatus(report.outcome)
  }
}
