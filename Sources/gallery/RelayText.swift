import Figures
import Relay

/// What a relay did, as people read it.
enum RelayText {
  static func text(_ report: RelayReport) -> String {
    guard !report.clients.isEmpty else { return "nobody sent anything to this relay" }
    var lines = report.clients.enumerated().flatMap { number, client in
      [
        "client \(number + 1), \(client.address)", "  to the target: \(way(client.toTarget))",
        "  to the client: \(way(client.toClient))",
      ]
    }
    if report.refusedDatagrams > 0 {
      lines.append(
        "\(HumanText.count(report.refusedDatagrams, "datagram", "datagrams")) of further clients not taken: this relay takes \(UDPRelay.clientLimit)"
      )
    }
    return lines.joined(separator: "\n")
  }

  private static func way(_ way: RelayReport.Way) -> String {
    let parts = [
      (way.lost, "lost at random"), (way.listed, "dropped by name or in an outage"),
      (way.overflowed, "dropped by a full queue"), (way.duplicated, "doubled"), (way.corrupted, "damaged"),
      (way.truncated, "truncated"),
      (way.reordered, "overtaken"), (way.stillDelayed, "still on the way"), (way.notSent, "not sent"),
    ].filter { $0.0 > 0 }.map { "\(HumanText.grouped($0.0)) \($0.1)" }
    let counts =
      "\(HumanText.count(way.arrived, "datagram", "datagrams")) came, \(HumanText.grouped(way.delivered)) went on"
    return ([counts] + parts).joined(separator: ", ")
  }
}
