package import Impairment
package import Session
import Wire

/// What came of a simulated session.
package struct SimulationResult: Sendable, CustomStringConvertible {
  /// How the run stopped.
  package enum Outcome: Sendable, Equatable {
    /// All machines ended, well or not.
    case ended
    /// Nothing more would ever happen, but a machine had not ended.
    case stalled
    /// Virtual time ran out.
    case timeLimit
    /// The events allowed ran out.
    case eventLimit
  }

  /// One receiver's part.
  package struct Receiver: Sendable {
    package var end: ReceiverEnd?
    /// Different chunks that its owner was told to keep, and the number of chunks that it was told to keep
    /// twice, which must be 0.
    package var chunksHeld: UInt64
    package var keptTwiceCount: UInt64
    /// When the last chunk arrived; nil if it did not.
    package var heldAllNanoseconds: UInt64?
    package var counters: ReceiverCounters
    /// Times that it called the group's chunks blocked, and would have asked for unicast.
    package var blockedCount = 0

    /// It verified its files and says so.
    package var isWhole: Bool {
      if case .completed(let complete, _) = end { complete.status == .whole } else { false }
    }
    /// It also knows that the sender knows.
    package var isConfirmed: Bool {
      if case .completed(_, confirmed: true) = end { true } else { false }
    }
  }

  package var outcome: Outcome
  /// Virtual time of the last event.
  package var endNanoseconds: UInt64
  /// The fingerprint of the run: every datagram sent, with its fate and its delay, in order.
  package var traceDigest: UInt64
  package var eventCount: UInt64 = 0
  /// How often the sender's deadline was already due after it had been drained. A real driver would then
  /// spin, so this must be 0.
  package var overdueSenderDeadlineCount: UInt64 = 0
  /// Likewise for the receivers.
  package var overdueReceiverDeadlineCount: UInt64 = 0
  package var overdueDeadlineCount: UInt64 { overdueSenderDeadlineCount + overdueReceiverDeadlineCount }

  package var chunkCount: UInt64 = 0
  /// Payload bytes of a full chunk, of the size that the sender chose.
  package var chunkByteCount = 0
  package var fileByteCount: UInt64 = 0
  package var senderEnd: SenderEnd?
  package var peerOutcomes: [PeerOutcome] = []
  package var sender = SenderCounters()
  package var repairsSuppressedCount: UInt64 = 0
  /// What does not balance in the machines' accounts; must be empty.
  package var imbalances: [String] = []
  package var receivers: [Receiver] = []
  package var sentBySender = TypeCounts()
  package var sentByReceivers = TypeCounts()
  /// What the links did, all receivers together.
  package var forward = ImpairmentCounters()
  package var backward = ImpairmentCounters()
  /// The longest wait in any bottleneck's queue towards the receivers.
  package var longestQueueNanoseconds: UInt64 = 0
  /// Datagrams that the sender's own interface had no room for.
  package var sharedOverflowCount: UInt64 = 0
  /// At the end the sender still allowed that its datagrams are marked.
  package var areMarksAllowed = false

  /// Bytes of data on the wire that arrived at the first receiver, in each interval of
  /// `Scenario.seriesNanoseconds`.
  package var arrivedByteCounts: [UInt64] = []

  package init(outcome: Outcome, endNanoseconds: UInt64, traceDigest: UInt64) {
    self.outcome = outcome
    self.endNanoseconds = endNanoseconds
    self.traceDigest = traceDigest
  }

  /// Whether every receiver has every chunk once and has verified it, the sender knows this, and all
  /// equations balance.
  package var allComplete: Bool {
    outcome == .ended && senderEnd == .finished && imbalances.isEmpty && peerOutcomes.count == receivers.count
      && peerOutcomes.allSatisfy(\.isWhole)
      && receivers.allSatisfy { $0.isWhole && $0.chunksHeld == chunkCount && $0.keptTwiceCount == 0 }
  }

  /// When the last receiver held everything; nil if one never did.
  package var completionNanoseconds: UInt64? {
    var latest: UInt64 = 0
    for receiver in receivers {
      guard let time = receiver.heldAllNanoseconds else { return nil }
      latest = max(latest, time)
    }
    return latest
  }

  package var repairCount: UInt64 { sender.repairDatagrams }
  /// Datagrams with a chunk or a symbol for each chunk of the set.
  package var sendsPerChunk: Double {
    Double(sender.firstDatagrams + sender.repairDatagrams + sender.parityDatagrams)
      / Double(max(1, chunkCount))
  }
  package var nackCount: UInt64 { sentByReceivers.datagramCount(kind: MessageType.nack.rawValue) }

  /// Bytes on the sender's wire for each byte of file.
  package var wireRatio: Double {
    fileByteCount == 0 ? 0 : Double(sentBySender.wireByteCount) / Double(fileByteCount)
  }

  /// File bits per second of virtual time, until the last receiver had everything.
  package var goodputBitsPerSecond: Double {
    guard let completionNanoseconds, completionNanoseconds > 0 else { return 0 }
    return Double(fileByteCount) * 8e9 / Double(completionNanoseconds)
  }

  /// One line that helps to find out why a run failed.
  package var summary: String { description }

  package var description: String {
    let held = receivers.map { "\($0.chunksHeld)" }.joined(separator: ",")
    let ends = receivers.map {
      $0.isWhole ? ($0.isConfirmed ? "whole" : "whole, unconfirmed") : $0.end.map { "\($0)" } ?? "none"
    }
    .joined(separator: " | ")
    return
      "\(outcome) at \(Double(endNanoseconds) / 1e9) s; \(eventCount) events, "
      + "overdue \(overdueSenderDeadlineCount)+\(overdueReceiverDeadlineCount); "
      + "sender \(senderEnd.map { "\($0)" } ?? "none"), peers \(peerOutcomes); held \(held) of \(chunkCount); "
      + "receivers \(ends); \(sender.firstDatagrams)+\(repairCount) data, \(sender.endsSent) ends, \(nackCount) NACKs"
      + imbalances.map { "; \($0)" }.joined()
  }
}
