import Impairment

/// What a relay did.
package struct RelayReport: Encodable, Equatable, Sendable {
  /// In the order in which they came.
  package var clients: [Client] = []
  /// Datagrams of clients beyond `UDPRelay.clientLimit`.
  package var refusedDatagrams: UInt64 = 0

  /// One host.
  package struct Client: Encodable, Equatable, Sendable {
    package var address: String
    package var toTarget: Way
    package var toClient: Way
  }

  /// Datagrams of one direction: arrived + duplicated = delivered + lost + listed + overflowed + stillDelayed
  /// + notSent.
  package struct Way: Encodable, Equatable, Sendable {
    package var arrived: UInt64
    /// Handed to the kernel, copies among them.
    package var delivered: UInt64
    /// By the loss model.
    package var lost: UInt64
    /// Named by the impairment, or within an outage.
    package var listed: UInt64
    /// The bottleneck's buffer was full.
    package var overflowed: UInt64
    package var duplicated: UInt64
    package var corrupted: UInt64
    package var truncated: UInt64
    package var reordered: UInt64
    /// On their way when the relay ended.
    package var stillDelayed: UInt64
    /// The kernel took them not, or the relay had no room for more delayed ones.
    package var notSent: UInt64

    init(_ way: RelayClient.Way) {
      let counters = way.path.counters
      arrived = counters.offeredCount
      delivered = way.deliveredCount
      lost = counters.randomLossCount
      listed = counters.listedDropCount
      overflowed = counters.queueOverflowCount
      duplicated = counters.duplicatedCount
      corrupted = counters.corruptedCount
      truncated = counters.truncatedCount
      reordered = counters.reorderedCount
      stillDelayed = way.delayedCount
      notSent = way.notSentCount
    }

    package var isBalanced: Bool {
      arrived + duplicated == delivered + lost + listed + overflowed + stillDelayed + notSent
    }
  }
}
