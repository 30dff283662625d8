import Figures
package import Ground

/// A prediction compared with a capture, line by line.
package struct Reconciliation: Equatable, Codable, Sendable {
  /// How a predicted number and a captured one compare.
  package enum Verdict: String, Codable, Sendable {
    case agrees
    /// The numbers differ by less than the line's tolerance.
    case close
    case differs
    /// This kind is not predicted, only counted.
    case apart
  }

  /// One kind on one layer.
  package struct Line: Equatable, Codable, Sendable {
    package var kind: TrafficKind
    package var layer: Layer
    package var predicted: PacketCount?
    package var captured: PacketCount
    package var verdict: Verdict
  }

  package var protocolName: TransferProtocol
  package var mode: TransferMode
  /// Payload bytes of all predicted kinds: always exact.
  package var predictedPayloadByteCount: UInt64
  package var capturedPayloadByteCount: UInt64
  package var lines: [Line]
  /// The file's own totals, and whether the lines add up to them.
  package var capturedFrames: PacketCount
  package var addsUp: Bool
  /// What may explain a difference, for people.
  package var hints: [String]

  /// Everything predicted agrees, and every packet of the capture is in one line.
  package var agrees: Bool {
    addsUp && predictedPayloadByteCount == capturedPayloadByteCount
      && !lines.contains { $0.verdict == .differs }
  }

  package init(_ prediction: Prediction, _ tally: CaptureTally, hasEthernet: Bool) {
    protocolName = prediction.protocolName
    mode = prediction.mode
    lines = prediction.lines.flatMap { Self.compare($0, tally, hasEthernet: hasEthernet) }
    let predictedKinds = Set(prediction.lines.map(\.kind))
    for kind in TrafficKind.allCases where !predictedKinds.contains(kind) {
      let counts = tally.counts[kind] ?? .none
      for layer in Layer.allCases where counts[layer] != .none || Self.isAsked(kind, layer, hasEthernet) {
        lines.append(Line(kind: kind, layer: layer, predicted: nil, captured: counts[layer], verdict: .apart))
      }
    }
    predictedPayloadByteCount = prediction.lines.reduce(0) { $0 + $1.counts.payloadByteCount }
    capturedPayloadByteCount = predictedKinds.reduce(0) { $0 + (tally.counts[$1]?.payloadByteCount ?? 0) }
    capturedFrames = PacketCount(packets: tally.packetCount, bytes: tally.byteCount)
    addsUp = tally.counts.values.reduce(LayerCounts.none, +).link == capturedFrames
    hints = []
    if !agrees { hints = Self.hints(tally) }
  }

  /// People who count a network's traffic ask for these two kinds. So they have a line even when their count
  /// is 0.
  private static func isAsked(_ kind: TrafficKind, _ layer: Layer, _ hasEthernet: Bool) -> Bool {
    (kind == .arp && layer == .link && hasEthernet) || (kind == .igmp && layer == .network)
  }

  private static func compare(_ line: PredictedLine, _ tally: CaptureTally, hasEthernet: Bool) -> [Line] {
    let captured = tally.counts[line.kind] ?? .none
    return Layer.allCases.map { layer in
      var predicted = line.counts[layer]
      if line.kind == .tcpFin, predicted.packets > 0 {
        // A FIN on a data segment has no packet of its own.
        let size = predicted.bytes / predicted.packets
        predicted.packets -= min(predicted.packets, tally.finsOnData)
        predicted.bytes = predicted.packets * size
      }
      guard layer != .link || hasEthernet else {
        return Line(kind: line.kind, layer: layer, predicted: nil, captured: captured[layer], verdict: .apart)
      }
      return Line(
        kind: line.kind, layer: layer, predicted: predicted, captured: captured[layer],
        verdict: verdict(
          predicted, captured[layer], payload: line.counts.payloadByteCount, tolerance: line.tolerance))
    }
  }

  /// Each packet more or less changes the bytes by one header, and by nothing else.
  private static func verdict(
    _ predicted: PacketCount, _ captured: PacketCount, payload: UInt64, tolerance: Double
  ) -> Verdict {
    if predicted == captured { return .agrees }
    guard tolerance > 0, predicted.packets > 0 else { return .differs }
    let packets = max(1, Double(predicted.packets) * tolerance)
    let header = Double(predicted.bytes - payload) / Double(predicted.packets)
    let isClose =
      abs(Double(captured.packets) - Double(predicted.packets)) <= packets
      && abs(Double(captured.bytes) - Double(predicted.bytes)) <= packets * header
    return isClose ? .close : .differs
  }

  private static func hints(_ tally: CaptureTally) -> [String] {
    var hints: [String] = []
    if tally.oversizePacketCount > 0 {
      hints.append(
        "\(HumanText.grouped(tally.oversizePacketCount, "packet is", "packets are")) larger than the MTU: captured before the kernel cut them; "
          + "ethtool -K INTERFACE tso off gso off gro off tx-udp-segmentation off")
    }
    if tally.incompleteDatagramCount > 0 {
      hints.append(
        "\(HumanText.grouped(tally.incompleteDatagramCount, "datagram lacks", "datagrams lack")) a fragment: tcpdump dropped packets (give it -B 65536), or it "
          + "did not run on the sender")
    }
    if hints.isEmpty {
      hints.append(
        "was it captured on the sender, whole, with nothing else to this port, and are folder, --receivers and --mtu those of the run?"
      )
    }
    return hints
  }
}

extension Reconciliation {
  /// The run that a capture shows. Throws `nothingOfOurs`, or `severalRuns` when it shows more than one.
  package static func run(
    in tally: CaptureTally, path: String, port: Int
  ) throws(CaptureError) -> CapturedRun {
    guard let run = tally.runs.keys.first else {
      throw .nothingOfOurs(path: path, port: port, packets: tally.packetCount)
    }
    guard tally.runs.count == 1 else {
      throw .severalRuns(path: path, runs: tally.runs.keys.map(\.text).sorted())
    }
    return run
  }
}
