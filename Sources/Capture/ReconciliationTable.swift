import Figures
import Ground

extension Reconciliation {
  /// The comparison as people read it.
  package func text(width: Int = TextTable.defaultWidth) -> String {
    var table = TextTable(head: [
      "kind, layer", "packets predicted", "captured", "bytes predicted", "captured", "verdict",
    ])
    for line in lines {
      table.add([
        "\(line.kind.text), \(line.layer.rawValue)",
        line.predicted.map { HumanText.grouped($0.packets) } ?? "–", HumanText.grouped(line.captured.packets),
        line.predicted.map { HumanText.grouped($0.bytes) } ?? "–", HumanText.grouped(line.captured.bytes),
        Self.word(line.verdict),
      ])
    }
    let payloadAgrees = predictedPayloadByteCount == capturedPayloadByteCount
    table.add([
      "\(mode == .tcp ? "TCP" : "UDP") payload in the predicted lines", "", "",
      HumanText.grouped(predictedPayloadByteCount),
      HumanText.grouped(capturedPayloadByteCount), Self.word(payloadAgrees ? .agrees : .differs),
    ])
    table.add([
      "the whole capture, link", "", HumanText.grouped(capturedFrames.packets), "",
      HumanText.grouped(capturedFrames.bytes), addsUp ? "adds up" : "✗ does not add up",
    ])
    return table.text(width: width) + "\n\n" + Self.legend
  }

  /// What the words of the last column mean.
  private static let legend = """
    ✓: as predicted. apart: not predicted, because it depends on time or on what a host knows already; named and counted.
    Every frame of the capture is in one line, so the lines of the link layer add up to the file.
    """

  /// One line: the outcome.
  package var verdictText: String {
    let run = "\(protocolName.rawValue), \(mode.text)"
    guard agrees else { return "\(run): the capture differs from the prediction" }
    let isExact = !lines.contains { $0.verdict == .close }
    return
      "\(run): prediction and capture agree\(isExact ? " to the packet and the byte" : "; TCP's data segments within 2 %")"
  }

  private static func word(_ verdict: Verdict) -> String {
    switch verdict {
    case .agrees: "✓"
    case .close: "✓ within 2 %"
    case .differs: "✗ differs"
    case .apart: "apart"
    }
  }
}
