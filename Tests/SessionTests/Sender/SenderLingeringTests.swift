import Ground
import Session
import Testing
import Wire

/// A sender that knows all outcomes, and hears a member of its group for the first time,
/// Specs/chunked-udp.md §6.1.
@Suite struct SenderLingeringTests {
  private final class Path {
    /// Whether what the second member sends gets lost.
    var losesMember = true
  }

  /// The first member is whole. All that the second one sent until then was lost, and with `lacking` the
  /// chunk of this index on its way there.
  private static func lingering(lacking chunk: UInt32?) -> (SessionNetwork, Path) {
    let path = Path()
    var network = SessionNetwork(receiverCount: 2, expected: 1) { traffic in
      guard traffic.receiver == 1 else { return false }
      return traffic.isFromSender ? traffic.chunk.map { $0 == chunk } ?? false : path.losesMember
    }
    while network.sender.phase != .lingering, network.now < Instant(nanoseconds: 5_000_000_000) {
      network.run(until: network.now + .milliseconds(1))
    }
    return (network, path)
  }

  private static func askForChunk(_ chunk: UInt32, _ network: inout SessionNetwork) {
    let highest = UInt32(truncatingIfNeeded: network.sender.counters.datagrams - 1)
    let nack = Nack(
      receiverID: 2, highestPacketNumber: highest, echoedTimestamp: network.now.timestamp,
      holdMicroseconds: 0, body: .ranges([ChunkRange(first: chunk, count: 1)]))
    network.sender.handle(.nack(nack), header: SessionNetwork.header(.nack, packet: 0), now: network.now)
  }

  private static func expectAllWhole(_ network: SessionNetwork) {
    #expect(network.sender.phase == .ended(.finished))
    #expect(network.sender.peers.map(\.outcome.isWhole) == [true, true])
    for receiver in network.receivers {
      guard case .ended(.completed(let complete, let isConfirmed)) = receiver.phase else {
        Issue.record("\(receiver.phase)")
        continue
      }
      #expect(complete.status == .whole && isConfirmed)
    }
  }

  /// Its complete comes again, and now arrives.
  @Test func aMemberThatIsWholeIsBelieved() {
    var (network, path) = Self.lingering(lacking: nil)
    #expect(network.sender.phase == .lingering && network.sender.peers.count == 1)
    path.losesMember = false
    network.run()
    Self.expectAllWhole(network)
  }

  @Test func aMemberThatLacksAChunkIsServed() {
    var (network, path) = Self.lingering(lacking: 7)
    #expect(network.sender.phase == .lingering && network.sender.peers.count == 1)
    path.losesMember = false
    network.lose = { _ in false }
    Self.askForChunk(7, &network)
    #expect(network.sender.phase == .ending && network.sender.peers.count == 2)
    network.run()
    Self.expectAllWhole(network)
  }

  /// The session ends all the same, and names it.
  @Test func oneThatIsSilentAgainIsNamed() {
    var (network, _) = Self.lingering(lacking: 7)
    network.lose = { $0.receiver == 1 }
    Self.askForChunk(7, &network)
    network.run()
    #expect(network.sender.phase == .ended(.finished))
    #expect(network.sender.peers.map(\.outcome.isWhole) == [true, false])
    #expect(network.sender.peers.last?.outcome == .silent)
  }

  /// A receiver that begins so late has nothing yet: it is for the next session.
  @Test func aJoinMakesNoPeer() {
    var (network, _) = Self.lingering(lacking: nil)
    let join = Join(
      receiverID: 9, echoedTimestamp: 0, holdMicroseconds: 0, receiveBufferByteCount: 4 << 20,
      largestAnnounceByteCount: 1_472, hostName: "late")
    let strays = network.sender.counters.strayDatagrams
    network.sender.handle(.join(join), header: SessionNetwork.header(.join, packet: 0), now: network.now)
    #expect(network.sender.phase == .lingering && network.sender.counters.strayDatagrams == strays + 1)
  }
}
