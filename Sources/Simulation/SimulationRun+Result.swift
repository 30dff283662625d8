import Accounting
import Ground
import Impairment
import Session
import Wire

extension SimulationRun {
  /// What came of the run.
  func result(_ outcome: SimulationResult.Outcome) -> SimulationResult {
    var result = SimulationResult(
      outcome: outcome, endNanoseconds: now.nanoseconds, traceDigest: network.digest.value)
    result.eventCount = eventCount
    result.arrivedByteCounts = arrivedByteCounts
    result.overdueSenderDeadlineCount = overdueSenderCount
    result.overdueReceiverDeadlineCount = overdueReceiverCount
    result.senderEnd = senderEnd
    result.peerOutcomes = sender.peers.map(\.outcome)
    result.sender = sender.counters
    result.repairsSuppressedCount = sender.repairsSuppressed
    result.receivers = shards.flatMap { shard in shard.read { $0.receivers.map(\.result) } }
    let ofSender = Account(
      sender.sentEquations(sent: sent, bytes: bytesByKind) + [
        sender.repairEquation,
        sender.receivedEquation(received: receivedBySender, corrupt: Tally(), foreign: Tally()),
      ])
    result.imbalances =
      ofSender.imbalances + shards.flatMap { shard in shard.read { $0.receivers.flatMap(\.imbalances) } }
    result.sentBySender = network.sentBySender
    result.sentByReceivers = network.sentByReceivers
    result.forward = network.forwardCounters
    for link in network.backward { result.backward += link.counters }
    let queues = [network.sharedQueue] + network.forward.map(\.queue)
    result.longestQueueNanoseconds = queues.reduce(0) { max($0, $1?.longestWaitNanoseconds ?? 0) }
    result.sharedOverflowCount = network.sharedQueue?.overflowCount ?? 0
    result.areMarksAllowed = sender.allowsMarks
    result.chunkCount = sender.shape.chunkCount
    result.chunkByteCount = sender.shape.chunkByteCount
    result.fileByteCount = scenario.fileChunkCount * UInt64(scenario.chunkByteCount)
    return result
  }
}

extension SimulatedReceiver {
  fileprivate var result: SimulationResult.Receiver {
    SimulationResult.Receiver(
      end: end, chunksHeld: kept.count, keptTwiceCount: keptTwiceCount, heldAllNanoseconds: heldAllAt,
      counters: machine.counters, blockedCount: blockedCount)
  }
}
