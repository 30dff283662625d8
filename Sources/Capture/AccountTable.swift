import Figures
import Ground

/// Predictions as people read them.
package enum AccountTable {
  /// One row for each run: image bytes, then packets and bytes on each layer; ARP, IGMP and TCP's own
  /// segments apart.
  package static func text(_ predictions: [Prediction], width: Int = TextTable.defaultWidth) -> String {
    var table = TextTable(
      head: [
        "run", "image bytes", "datagrams or segments", "bytes with UDP/TCP", "IP packets", "bytes with IP",
        "frames",
        "bytes with Ethernet",
      ])
    for prediction in predictions {
      let name = "\(prediction.protocolName.rawValue), \(prediction.mode.text)"
      guard prediction.refusal == nil else {
        table.add([name, "–", "–", "–", "–", "–", "–", "–"])
        continue
      }
      let sum = prediction.carrying
      table.add(
        [name, HumanText.grouped(prediction.carriedByteCount)]
          + Layer.allCases.flatMap { [HumanText.grouped(sum[$0].packets), HumanText.grouped(sum[$0].bytes)] })
    }
    return table.text(width: width)
  }

  /// Why some runs are not possible.
  package static func refusals(_ predictions: [Prediction]) -> [String] {
    predictions.compactMap { prediction in
      prediction.refusal.map { "\(prediction.protocolName.rawValue), \(prediction.mode.text): \($0)" }
    }
  }

  /// TCP's own segments, which carry no image byte: apart.
  package static func connectionText(
    _ predictions: [Prediction], width: Int = TextTable.defaultWidth
  ) -> String {
    var table = TextTable(head: ["run", "SYN", "SYN-ACK", "FIN", "bytes with IP", "bytes with Ethernet"])
    for prediction in predictions where prediction.mode == .tcp && prediction.refusal == nil {
      let own = prediction.lines.filter { [.tcpSyn, .tcpSynAck, .tcpFin].contains($0.kind) }
      let sum = own.reduce(LayerCounts.none) { $0 + $1.counts }
      table.add(
        ["\(prediction.protocolName.rawValue), \(prediction.mode.text)"]
          + own.map { HumanText.grouped($0.counts.network.packets) }
          + [HumanText.grouped(sum.network.bytes), HumanText.grouped(sum.link.bytes)])
    }
    return table.text(width: width)
  }

  /// The formulas, one line for each kind of each run, the same one once.
  package static func formulas(_ predictions: [Prediction]) -> [String] {
    var lines: [String] = []
    for line in predictions.flatMap({ prediction in prediction.lines.map { (prediction, $0) } }) {
      let (prediction, predicted) = line
      let carrier = prediction.mode == .tcp ? "TCP" : "UDP"
      let text =
        "\(prediction.protocolName.rawValue), \(carrier), \(predicted.kind.text): \(predicted.formula)"
      if !lines.contains(text) { lines.append(text) }
    }
    return lines
  }

  /// The traffic that no formula predicts, and the reason.
  package static let apart = [
    "ARP: at most 1 request and 1 reply (28 bytes each) for each neighbour that is not known yet; none to a group",
    "IGMP: about 2 reports from each multicast receiver as it joins, and as it leaves (IGMPv3; fewer when the capture ends before they are out); none from the sender",
    "TCP acknowledgements: the receiver sends about one for two full segments, fewer when it is busy",
    "chunked UDP control (announce, join, report, end, complete, close; with loss NACK, notice, repairs): depends on timing",
    "link layer: 14 bytes of Ethernet header; on a cable also 4 of check sequence, 8 of preamble, 12 of gap, and padding to 64",
  ]
}

extension Prediction {
  /// The packets that carry images or mark their end, without TCP's opening and closing segments.
  package var carrying: LayerCounts {
    lines.filter { ![.tcpSyn, .tcpSynAck, .tcpFin].contains($0.kind) }.reduce(.none) { $0 + $1.counts }
  }
}
