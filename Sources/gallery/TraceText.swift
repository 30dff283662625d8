import Figures
import FileSet
import Trace

/// A trace's summary, as people read it.
enum TraceText {
  static func text(_ drops: DropReconciliation) -> String {
    var lines = [
      "the drop trace against the NACKs:",
      "  \(HumanText.grouped(drops.lostCount, "data datagram")) taken away or damaged = \(drops.askedForCount) asked for again"
        + " + \(drops.coveredCount) needed no asking (their chunk was here, or came by itself)"
        + " + \(drops.unnoticedCount) not noticed",
      "  \(HumanText.grouped(drops.unexplainedAskingCount, "chunk")) asked for that the impairment did not take: lost elsewhere, or only late",
    ]
    if !drops.unnoticedChunks.isEmpty {
      lines.append("  not noticed: chunks " + drops.unnoticedChunks.map { "\($0)" }.joined(separator: ", "))
    }
    return lines.joined(separator: "\n")
  }

  static func text(_ summary: TraceSummary, _ series: TraceSeries, rows: Int) -> String {
    let session = summary.session
    // Texts are the file's, which anybody may have written.
    let who =
      "\(session.role) of session \(session.sessionID), \(session.mode), \(session.local) with \(session.remote)"
    var lines = [
      who.printable,
      "\(HumanText.grouped(session.fileCount, "file")), \(HumanText.bytes(session.fileByteCount)), "
        + "\(HumanText.grouped(session.chunkCount, "chunk")) of \(HumanText.grouped(session.chunkByteCount, "byte")); seed \(session.seed)",
      ("\(summary.outcome) after \(HumanText.fixed(summary.seconds, 3)) s"
        + (summary.reason.map { " (\($0))" } ?? "")).printable,
      "",
    ]
    lines += identities(summary)
    lines += ["", "datagrams by type        sent   received"]
    for type in Set(summary.sentByType.keys).union(summary.receivedByType.keys).sorted() {
      lines.append(
        TextColumn.left(type.printable, 18) + TextColumn.right("\(summary.sentByType[type] ?? 0)", 11)
          + TextColumn.right("\(summary.receivedByType[type] ?? 0)", 11))
    }
    lines += dropped(summary) + goodput(summary, series, rows: rows)
    return lines.joined(separator: "\n")
  }

  /// Each datagram is in exactly one part.
  private static func identities(_ summary: TraceSummary) -> [String] {
    let sent = summary.sent
    let received = summary.received
    return [
      "sent     \(sent.total) = \(sent.first) first + \(sent.repair) repair + \(sent.parity) parity + \(sent.control) control; "
        + "\(HumanText.bytes(summary.sentByteCount)) of UDP payload",
      "received \(received.total) = \(received.first) new + \(received.duplicate) duplicate + \(received.parity) parity + "
        + "\(received.control) control; \(HumanText.bytes(summary.receivedByteCount)), "
        + "\(HumanText.grouped(summary.repairsReceived, "repair")) among them",
      "NACKs asked for \(HumanText.grouped(summary.chunksAskedFor, "chunk"))",
    ]
  }

  private static func dropped(_ summary: TraceSummary) -> [String] {
    guard !summary.dropped.isEmpty else { return [] }
    return ["", "dropped on purpose, or not sound"]
      + summary.dropped.sorted { $0.key < $1.key }.map {
        TextColumn.left($0.key.printable, 29) + TextColumn.right("\($0.value)", 11)
      }
  }

  private static func goodput(_ summary: TraceSummary, _ series: TraceSeries, rows: Int) -> [String] {
    let points = series.goodput(count: rows)
    let highest = points.map(\.value).max() ?? 0
    guard highest > 0 else { return [] }
    return ["", "goodput over time"]
      + points.map { point in
        let bar = String(repeating: "█", count: Int((40 * point.value / highest).rounded()))
        return TextColumn.right(HumanText.fixed(point.seconds, 3) + " s", 11)
          + TextColumn.right(HumanText.fixed(point.value / 1e6, 1) + " Mb/s", 13) + "  " + bar
      }
  }
}
