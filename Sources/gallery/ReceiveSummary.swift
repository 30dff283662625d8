import Accounting
import Figures
import FileSet
import Ground
import Transport

/// The end of a receiver's report, as people read it.
enum ReceiveSummary {
  static func beginning(_ start: SessionStart) -> String {
    "receiving \(HumanText.count(start.fileCount, "file", "files")), \(HumanText.bytes(start.fileByteCount)), from \(start.sender)"
  }

  /// "all 20 files verified", "3 of 20 files verified", "1 file verified".
  static func verified(_ verified: Int, of count: Int) -> String {
    let files = HumanText.count(count, "file", "files")
    return (verified < count ? "\(verified) of " : count > 1 ? "all " : "") + "\(files) verified"
  }

  static func files(_ verified: Int, of count: Int, inbox: String) -> String {
    "\(self.verified(verified, of: count)), in \(inbox)"
  }

  static func text(_ report: UDPReceiveReport, inbox: String, isAccountShown: Bool) -> String {
    var lines = report.failures.prefix(20).map { $0.reason }
    if report.failures.count > 20 { lines.append("… and \(report.failures.count - 20) more") }
    if let problem = report.problem { lines.append("not whole: \(problem)") }
    let time = ": \(HumanText.bytes(report.fileByteCount)) in \(HumanText.fixed(report.seconds, 2)) s"
    // Bytes of an earlier session took none of this time.
    let rate =
      report.chunksResumed == 0 ? ", " + HumanText.rate(report.fileByteCount, seconds: report.seconds) : ""
    lines.append(
      files(report.filesVerified, of: report.fileCount, inbox: inbox) + (report.isWhole ? time + rate : ""))
    if let why = report.byUnicast { lines.append("served by unicast: \(why)") }
    if report.chunksResumed > 0 { lines.append(resumed(report)) }
    if report.arePartsKept { lines.append(kept(report)) }
    if report.missing.count > 0 { lines.append(missing(report)) }
    if report.socketDrops > 0 {
      lines.append(
        "\(HumanText.count(report.socketDrops, "datagram was", "datagrams were")) dropped at this socket: its buffer of \(HumanText.bytes(UInt64(report.receiveBufferByteCount))) was full (sysctl -w net.core.rmem_max=33554432 allows more)"
      )
    }
    if let marks = MarksText.line(report.datagramsMarked) { lines.append(marks) }
    if let refused = report.refused { lines.append(refused.text) }
    if isAccountShown { lines.append(report.accounting.text) }
    return lines.joined(separator: "\n")
  }

  private static func resumed(_ report: UDPReceiveReport) -> String {
    resumed(
      HumanText.grouped(report.chunksResumed), of: HumanText.grouped(report.chunkCount, "chunk"),
      report.filesHereBefore, hasNothingNew: report.hasNothingNew)
  }

  private static func resumed(
    _ part: String, of all: String, _ fileCount: Int, hasNothingNew: Bool
  ) -> String {
    if hasNothingNew { return "nothing to receive: all were here already" }
    let files = fileCount > 0 ? ", with \(HumanText.grouped(fileCount, "whole file"))" : ""
    return "resumed: \(part) of \(all) were here already\(files)"
  }

  /// What a session that was cut leaves, and how to go on.
  private static func kept(_ report: UDPReceiveReport) -> String {
    kept(HumanText.grouped(report.chunksHeld), of: HumanText.grouped(report.chunkCount, "chunk"))
  }

  private static func kept(_ part: String, of all: String) -> String {
    "kept: \(part) of \(all), for 7 days; the same command receives only the rest when the same files are sent again (--no-resume starts over)"
  }

  /// The same of a session over TCP, which counts bytes.
  static func resumed(_ report: StreamReceiveReport) -> [String] {
    var lines: [String] = []
    let all = HumanText.bytes(report.fileByteCount)
    if report.fileBytesHereBefore > 0 {
      lines.append(
        resumed(
          HumanText.bytes(report.fileBytesHereBefore), of: all, report.filesHereBefore,
          hasNothingNew: report.hasNothingNew))
    }
    if report.arePartsKept {
      lines.append(kept(HumanText.bytes(report.fileBytesHereBefore + report.receivedByteCount), of: all))
    }
    return lines
  }

  /// Where the datagrams went that never arrived, and what it took to have them again.
  private static func missing(_ report: UDPReceiveReport) -> String {
    let missing = report.missing
    let places = [
      (missing.lostOnNetwork, "on the network"), (missing.droppedAtSocket, "at this socket"),
      (missing.droppedOnPurpose, "here on purpose"), (missing.droppedBySender, "by the sender on purpose"),
      (missing.corrupt, "damaged"),
      (missing.stillDelayed, "still delayed on purpose"),
    ].filter { $0.0 > 0 }
    let lost = places.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    var parts = ["\(HumanText.count(missing.count, "datagram", "datagrams")) lost (\(lost))"]
    // A receiver of a one-way session requests nothing.
    if report.nacksSent > 0 {
      parts.append(
        "\(HumanText.count(report.chunksAskedFor, "chunk", "chunks")) requested again in "
          + HumanText.count(report.nacksSent, "NACK", "NACKs"))
    }
    if report.chunksRebuilt > 0 {
      parts.append("\(HumanText.count(report.chunksRebuilt, "chunk", "chunks")) rebuilt from parity")
    }
    return parts.joined(separator: "; ")
  }

  /// "3 of 20 files verified from 10.1.1.2": without the port, which says nothing to people.
  static func head(_ verified: Int, of count: Int, from sender: String) -> String {
    let end = sender.lastIndex(of: ":") ?? sender.endIndex
    let host = sender[..<end].drop { $0 == "[" }.prefix { $0 != "]" }
    return "\(verified) of \(HumanText.count(count, "file", "files")) verified from \(host)"
  }
}
