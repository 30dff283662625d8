import Figures
import FoundationEssentials
import Ground
import Trace

/// The page for readers: one file, with its plots in it.
enum StudyPage {
  /// A plot on the page.
  struct Figure {
    /// Path of the SVG.
    var drawing: String
    /// Distinguishes its ids from those of the other plots.
    var name: String
    var caption: String
    /// Panels below each other, which need a printed page's height.
    var isTall = false

    /// The drawing alone, without the XML declaration, which HTML does not take; its ids are made this plot's
    /// own.
    var inlined: String {
      guard let svg = try? String(contentsOfFile: drawing, encoding: .utf8),
        let start = svg.firstRange(of: "<svg")
      else { return "" }
      return String(svg[start.lowerBound...])
        .replacing("id='", with: "id='\(name)-")
        .replacing("id=\"", with: "id=\"\(name)-")
        .replacing("xlink:href='#", with: "xlink:href='#\(name)-")
        .replacing("url(#", with: "url(#\(name)-")
    }
  }

  static func html(_ document: StudyReport.Document, figures: [Figure]) -> String {
    let plan = document.plan
    let drawings = figures.map {
      "<figure\($0.isTall ? " class=\"tall\"" : "")>\($0.inlined)"
        + "<figcaption>\(escaped($0.caption))</figcaption></figure>"
    }
    return """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
      <title>Repair under induced loss</title><style>\(style)</style></head><body>
      <h1>Repair under induced loss</h1>
      <p>\(escaped(introduction(plan)))</p>
      <h2>What was measured</h2>
      \(drawings.joined(separator: "\n"))
      <h2>The numbers</h2>
      <p>\(escaped(Confidence.legend))</p>
      \(numbers(document.summaries))
      \(agreement(document.agreement))
      <h2>How to read it</h2>
      <ul>
      <li>A chunk that is lost is sent again, and the repair can be lost too: with one receiver that makes
      p ÷ (1 − p) repairs for each chunk.</li>
      <li>In a group one repair serves all receivers, but any of them may have missed the chunk: the larger the group,
      the more chunks somebody misses.</li>
      <li>Each receiver loses datagrams of its own, both ways: NACKs and reports are lost like data.</li>
      <li>A point seldom lies exactly on its curve. Where the interval contains the curve, the difference may be
      chance, on either side of it. Where the whole interval lies above the curve, something besides loss costs
      repairs, for example a request that comes twice. Intervals of few trials are wide: more trials make them
      narrower.</li>
      </ul>
      <h2>Do it again</h2>
      <pre>\(escaped(document.provenance.command))</pre>
      <p>\(escaped(repetition(plan)))</p>
      </body></html>

      """
  }

  /// The summaries; so the table fits a printed page.
  private static func numbers(_ summaries: [StudySummary]) -> String {
    let (fixed, head, rows) = StudySummary.columns(summaries)
    return (fixed.isEmpty ? "" : "<p>\(escaped(fixed))</p>") + table(head, rows)
  }

  private static func table(_ head: [String], _ rows: [[String]]) -> String {
    let head = head.map { "<th>\(escaped($0))</th>" }.joined()
    let rows = rows.map { "<tr>" + $0.map { "<td>\(escaped($0))</td>" }.joined() + "</tr>" }
    return """
      <div class="wide"><table><thead><tr>\(head)</tr></thead><tbody>
      \(rows.joined(separator: "\n"))
      </tbody></table></div>
      """
  }

  private static func agreement(_ all: [StudyAgreement]) -> String {
    guard !all.isEmpty else { return "" }
    return """
      <h2>Real sockets beside the simulator</h2>
      <p>Medians over the trials of each way, and of real ÷ simulated, trial by trial: each pair met the same losses.
      \(escaped(StudyAgreement.verdict(all))).</p>
      \(table(StudyAgreement.head, all.map(\.cells)))
      """
  }

  private static func introduction(_ plan: StudyPlan) -> String {
    let sizes = plan.mtuByteCounts.map { "\(StudyPlan.chunkByteCount(mtuByteCount: $0))" }
    var text =
      "gallery sent \(HumanText.grouped(UInt64(plan.fileByteCount))) bytes "
      + "in chunks of \(sizes.joined(separator: ", ")) bytes to "
      + (plan.receiverCounts == [1]
        ? "1 receiver, " : plan.receiverCounts.map(String.init).joined(separator: ", ") + " receivers, ")
      + "while each receiver lost up to \(HumanText.percent(plan.lossFractions.max() ?? 0)) of the datagrams "
      + "at random, over a path of \(plan.path) to each receiver; "
      + "\(HumanText.grouped(plan.trialCount, "trial")) at each point."
    if !plan.impairments.isEmpty {
      text +=
        " In the place of these, as the sender sees receivers and directions: "
        + "\(plan.impairments.joined(separator: "; ")); the model, which knows nothing of it, is left out."
    }
    for way in plan.ways {
      switch way {
      case .simulated:
        text += " Simulated trials: the protocol's own machines in a simulated network, in virtual time."
      case .real: text += " Real trials: every datagram went through real sockets on one machine's loopback."
      }
    }
    text +=
      plan.parities == [.off]
      ? " All trials repair by chunks, without parity: a loss costs a chunk, whatever else is sent."
      : " Parity \(plan.parities.map(\.rawValue).joined(separator: ", ")): the chunks of a block, behind an x "
        + "its stride, when that is not \(StudyParity.defaultStride), and behind a + the symbols for each "
        + "hundred chunks that leave unasked; off is repair by chunks. Unicast and TCP have no parity."
    guard plan.modes.contains(.tcp) else { return text }
    return text
      + " TCP's point is loopback as it is: below TCP neither losses nor a path can be induced, "
      + "so compare no rates with it."
  }

  private static func repetition(_ plan: StudyPlan) -> String {
    let same =
      plan.ways == [.simulated]
      ? "The same command gives the same trials, to the last datagram"
      : "The same seed loses the same datagrams; the times of real trials are the machine's"
    return "Seed \(plan.seed). \(same); each trial's own seed is in trials.csv."
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
      .replacing(">", with: "&gt;")
  }

  private static let style = """
    body{font:16px/1.5 'DejaVu Sans',Helvetica,Arial,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;\
    color:#222;background:#fff}h1{font-size:1.8rem}h2{font-size:1.25rem;margin-top:2rem;border-bottom:1px solid #ccc}
    figure{margin:1.5rem 0;break-inside:avoid}figure svg{width:100%;height:auto}figcaption{font-size:.9rem;color:#444}
    .wide{overflow-x:auto}table{border-collapse:collapse;font-size:.74rem;font-variant-numeric:tabular-nums}
    th,td{padding:.2rem .4rem;text-align:right;border-bottom:1px solid #ddd;white-space:nowrap}
    thead th{border-bottom:2px solid #444;white-space:normal;vertical-align:bottom}\
    h1,h2{break-after:avoid}pre{break-inside:avoid;background:#f4f4f4;padding:.8rem;white-space:pre-wrap}
    pre{overflow-wrap:anywhere}
    @media print{body{margin:0;max-width:none;font-size:11pt}table{font-size:8pt}tr{break-inside:avoid}\
    .wide{overflow:visible}figure{margin:.5rem 0}figure svg{max-height:42vh}.tall svg{max-height:80vh}}
    """
}
