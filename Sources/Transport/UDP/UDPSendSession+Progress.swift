import Datagrams
import FileSet
import Ground
import Session

/// How far a sender is.
extension UDPSendSession {
  func tellProgress() {
    guard let machine = handler?.machine, startedAt != nil else { return }
    guard options.oneWay == nil else { return tellRounds(machine) }
    let held = machine.leastHeldCount(of: source.layout.totalChunkCount)
    let total = source.manifest.fileByteCount
    let part = Double(held) / Double(max(1, source.layout.totalChunkCount))
    let done = held == source.layout.totalChunkCount ? total : UInt64(part * Double(total))
    meter.add(done, now: clock.now)
    tell(
      .progress(
        meter.progress(
          done: done, total: total, lossFraction: machine.largestLossFraction,
          repairCount: machine.counters.repairDatagrams + machine.counters.parityDatagrams,
          fullDiskCount: machine.fullPeerCount)))
  }

  /// Of a one-way session: how much of all rounds was sent, or of the round under way if their number is not
  /// fixed.
  private func tellRounds(_ machine: SenderMachine) {
    let total = source.manifest.fileByteCount
    var part = machine.roundFraction
    if let count = options.oneWay?.roundCount { part = (Double(machine.roundsSent) + part) / Double(count) }
    let done = part < 1 ? UInt64(part * Double(total)) : total
    meter.add(done, now: clock.now)
    tell(.progress(meter.progress(done: done, total: total, lossFraction: nil, repairCount: 0)))
  }
}
