import Ground
import Session
import Testing
import Wire

/// A receiver of unicast that is killed, and another that is started at its address and port.
@Suite struct RestartTests {
  private static func network(chunks: UInt64 = 50_000) -> SessionNetwork {
    SessionNetwork(fileChunks: chunks, controller: .fixed(bitsPerSecond: 50e6))
  }

  /// In the first pass, and when only *end* is still to come.
  @Test(arguments: [50_000, 300] as [UInt64])
  func theOneStartedInItsPlaceIsServedFromTheBeginning(chunks: UInt64) {
    var network = Self.network(chunks: chunks)
    network.run(until: Instant(nanoseconds: chunks > 1_000 ? 500_000_000 : 70_000_000))
    #expect(network.receivers[0].phase == .receiving, "\(network.summary)")
    network.restart(0, receiverID: 77)
    network.run()
    #expect(network.allWhole, "\(network.summary)")
    #expect(network.sender.peers.map(\.receiverID) == [77])
    #expect(network.senderEvents.contains(.peerEnded(receiverID: 1, .silent)))
    #expect(network.keptTwice == 0)
  }

  @Test func severalTimesOver() {
    var network = Self.network()
    for id in 2...5 as ClosedRange<UInt64> {
      network.run(until: network.now + .seconds(1))
      network.restart(0, receiverID: id)
    }
    network.run()
    #expect(network.allWhole, "\(network.summary)")
    #expect(network.sender.peers.map(\.receiverID) == [5])
  }

  /// As long as the first is heard, nobody takes its place: a join that knows the session is not enough.
  @Test func oneThatIsHeardKeepsItsPlace() {
    var network = Self.network()
    network.run(until: Instant(nanoseconds: 500_000_000))
    let join = Join(
      receiverID: 9, echoedTimestamp: 0, holdMicroseconds: 0, receiveBufferByteCount: 212_992,
      largestAnnounceByteCount: 80, hostName: "other")
    network.sender.handle(.join(join), header: SessionNetwork.header(.join, packet: 0), now: network.now)
    #expect(network.sender.peers.map(\.receiverID) == [1] && network.sender.counters.strayDatagrams == 1)
    network.run()
    #expect(network.allWhole, "\(network.summary)")
    #expect(network.sentCounts[.announce] == 1, "and nothing is announced again")
  }

  /// Nobody is started again: the announces go on until the receiver is given up on, twice a second.
  @Test func withoutAnotherItFallsSilentAsBefore() {
    var network = Self.network()
    network.run(until: Instant(nanoseconds: 500_000_000))
    network.lose = { !$0.isFromSender }
    network.run()
    #expect(network.sender.peers.map(\.outcome) == [.silent])
    #expect((10...20).contains(network.sentCounts[.announce] ?? 0))
  }

  /// An outage of a second is no restart: the receiver answers the announce, and goes on with what it has.
  @Test func anOutageIsNoRestart() {
    var network = Self.network()
    network.run(until: Instant(nanoseconds: 500_000_000))
    network.lose = { _ in true }
    network.run(until: Instant(nanoseconds: 1_700_000_000))
    network.lose = { _ in false }
    network.run()
    #expect(network.allWhole, "\(network.summary)")
    #expect(network.sender.peers.map(\.receiverID) == [1])
    #expect(network.keptTwice == 0)
  }
}
