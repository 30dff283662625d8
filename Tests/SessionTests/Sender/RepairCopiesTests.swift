import Accounting
import Ground
import Session
import Testing
import Wire

/// Repairs behind the first pass leave twice in unicast, Specs/chunked-udp.md §6.6.
@Suite struct RepairCopiesTests {
  /// A chunk near the end is lost, and its first repair as well: the copy serves the receiver, without
  /// another round trip.
  @Test func aCopySavesARoundTrip() {
    var repairs = 0
    var network = SessionNetwork { traffic in
      guard traffic.chunk == 290 else { return false }
      if traffic.isRepair { repairs += 1 }
      return !traffic.isRepair || repairs == 1
    }
    network.run()
    #expect(network.allWhole, "\(network.summary)")
    #expect(repairs == 2 && network.sentCounts[.nack] == 1)
    #expect(network.sender.repairsUnasked == 1 && network.senderAccount.imbalances.isEmpty)
  }

  /// Where every repair and every copy gets lost, each request brings one repair and one copy.
  @Test func copiesAreNotCopied() {
    var repairs = 0
    var network = SessionNetwork { traffic in
      guard traffic.chunk == 290 else { return false }
      if traffic.isRepair { repairs += 1 }
      return repairs < 7
    }
    network.run()
    #expect(network.allWhole, "\(network.summary)")
    #expect(network.sender.counters.repairDatagrams == 8 && network.sender.repairsUnasked == 4)
  }

  /// A repair that the receiver has seen, or that a group shares, has no copy.
  @Test func othersHaveNoCopy() {
    var network = SessionNetwork(fileChunks: 3_000) { $0.chunk == 100 && !$0.isRepair }
    network.run()
    #expect(network.allWhole && network.sender.repairsUnasked == 0, "\(network.summary)")
    var group = SessionNetwork(receiverCount: 3) { $0.chunk == 290 && !$0.isRepair }
    group.run()
    #expect(group.allWhole && group.sender.repairsUnasked == 0, "\(group.summary)")
  }
}
