import Capture
import Figures
import FileSet
import FoundationEssentials
import Ground
import Impairment
import Naive
import Runs
import Trace
import Transport

/// Runs a comparison on loopback, one run after the other, with real sockets in this process.
package struct Comparison: Sendable {
  package let plan: ComparePlan

  package init(_ plan: ComparePlan) { self.plan = plan }

  /// Where a run's files arrive at one receiver.
  package func folder(_ run: ComparePlan.Run, receiver: Int) -> String {
    "\(plan.workPath)/\(run.variant.rawValue)-\(HumanText.fixed(run.lossFraction * 100, 2))-\(run.trial)-\(receiver)"
  }

  /// The first receiver's trace of a chunked run's first trial; the plan's owner removes it with the rest.
  package func tracePath(_ run: ComparePlan.Run) -> String { folder(run, receiver: 0) + ".qlog" }

  /// One run: a result for each receiver. What arrived stays in `folder(_:receiver:)` until `clear(_:)`.
  package func results(of run: ComparePlan.Run) throws -> [CompareResult] {
    let folders = (0..<plan.receiverCount).map { folder(run, receiver: $0) }
    try FileManager.default.createDirectory(atPath: plan.workPath, withIntermediateDirectories: true)
    clear(run)
    switch run.variant {
    case .naive, .naiveTCP: return try naive(run, folders)
    case .chunked, .parity: return try chunked(run, folders)
    case .chunkedTCP: return try stream(run, folders)
    }
  }

  /// Removes the files of a run.
  package func clear(_ run: ComparePlan.Run) {
    for receiver in 0..<plan.receiverCount {
      try? FileManager.default.removeItem(atPath: folder(run, receiver: receiver))
    }
  }

  private func naive(_ run: ComparePlan.Run, _ folders: [String]) throws -> [CompareResult] {
    let mode: TransferMode = run.variant == .naiveTCP ? .tcp : folders.count > 1 ? .multicast : .unicast
    var session = LoopbackNaive(
      set: plan.set, folders: folders, mode: mode,
      drops: folders.indices.map {
        FragmentLoss.decision(
          lossFraction: run.lossFraction, seed: plan.lossSeed(trial: run.trial, receiver: $0))
      })
    session.pauseSeconds = plan.pauseSeconds
    session.waitSeconds = plan.waitSeconds
    let outcome = try session.run()
    return outcome.receivers.enumerated().map { receiver, view in
      var result = CompareResult(
        plan: plan, run: run, receiver: receiver, folder: folders[receiver], isPositional: true)
      result.secondsToLastImage = view.lastImageSeconds
      result.secondsToEnd = view.endSeconds
      result.endSeen = view.report.outcome == .endMarker
      result.inducedDropCount = view.report.droppedDatagramCount
      result.socketDropCount = view.report.socketDropCount ?? 0
      if outcome.refusedImageCount > 0 {
        let images = HumanText.grouped(outcome.refusedImageCount, "image")
        result.problem = "\(images) above 65,507 bytes: no datagram carries them"
      }
      if mode == .tcp { result.setStreamPackets(plan, .naive) } else { result.setFragmentPackets(plan) }
      return result
    }
  }

  private func chunked(_ run: ComparePlan.Run, _ folders: [String]) throws -> [CompareResult] {
    let loss = Impairment(loss: run.lossFraction > 0 ? .random(run.lossFraction) : .none)
    var session = LoopbackChunked(
      set: plan.set, folders: folders, mode: folders.count > 1 ? .multicast : .unicast,
      paths: folders.map { _ in ImpairedRoundTrip(forward: loss, backward: loss) },
      fates: folders.indices.map {
        LoopbackChunked.Fate(seed: plan.lossSeed(trial: run.trial, receiver: $0), receiver: 0)
      })
    if run.variant == .parity {
      session.parity = ComparePlan.parity
      // One receiver misses what it misses: symbols help it only when they come before it asks.
      session.fixedParityShare = folders.count > 1 ? nil : ComparePlan.unicastParityShare
    }
    if run.trial == 0 { session.receiverTrace.qlogPath = tracePath(run) }
    let outcome = try session.run()
    return outcome.receivers.enumerated().map { receiver, view in
      var result = CompareResult(
        plan: plan, run: run, receiver: receiver, folder: folders[receiver], isPositional: false)
      result.secondsToLastImage = view.lastFileSeconds
      result.secondsToEnd = outcome.seconds
      result.problem = outcome.problem ?? view.problem ?? outcome.sent?.problem
      if let sent = outcome.sent {
        result.packetCount = sent.datagramsSent
        result.packetByteCount =
          sent.bytesSent + UInt64(PacketSize.ipv4 + PacketSize.udp) * sent.datagramsSent
        result.repairCount = sent.repairDatagrams + sent.parityDatagrams
      }
      if let report = view.report {
        result.endSeen = report.isWhole || report.isConfirmed
        result.nackCount = report.nacksSent
        result.inducedDropCount = report.inducedDropsIncoming
        result.socketDropCount = report.socketDrops
      }
      return result
    }
  }

  private func stream(_ run: ComparePlan.Run, _ folders: [String]) throws -> [CompareResult] {
    let outcome = try LoopbackStream(set: plan.set, folders: folders).run()
    return outcome.receivers.enumerated().map { receiver, view in
      var result = CompareResult(
        plan: plan, run: run, receiver: receiver, folder: folders[receiver], isPositional: false)
      result.secondsToLastImage = view.seconds
      result.secondsToEnd = outcome.seconds
      result.endSeen = outcome.sent.receivers[receiver].outcome == .whole
      result.problem = view.report.message
      result.setStreamPackets(plan, .chunked)
      return result
    }
  }
}
