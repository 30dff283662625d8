import Ground
import Session
import Testing
import Wire

/// Receivers whose disk is full, Specs/chunked-udp.md §6.15.
@Suite struct SenderStorageTests {
  private static func time(_ milliseconds: UInt64) -> Instant { .zero + .milliseconds(milliseconds) }

  private static func network(receivers: Int, parity: Bool = false) -> SessionNetwork {
    SessionNetwork(
      receiverCount: receivers, fileChunks: 4_000, rateLimitBitsPerSecond: 20e6, hasParity: parity)
  }

  /// A receiver of unicast: nothing is sent to it but announces, for longer than any other wait, and then it
  /// gets the rest.
  @Test(arguments: [300, 4_000] as [UInt64])
  func theOnlyReceiverIsWaitedFor(fullAt: UInt64) {
    var network = Self.network(receivers: 1)
    network.run(until: Self.time(fullAt == 300 ? 300 : 100))
    network.setFull(0, kibibytes: 700)
    network.run(until: Self.time(1_300))
    #expect(network.sender.peers[0].missingKibibytes == 700)
    #expect(network.senderEvents.contains(.storage(receiverID: 1, missingKibibytes: 700)))
    let data = network.sentCounts[.data]
    let nacks = network.sentCounts[.nack]
    network.run(until: Self.time(200_000))
    #expect(network.sentCounts[.data] == data && network.sentCounts[.nack] == nacks, "\(network.summary)")
    #expect(network.receivers[0].phase == .receiving && network.sender.peers[0].outcome == .underWay)
    network.setFull(0, kibibytes: 0)
    network.run(until: Self.time(210_000))
    #expect(network.allWhole, "\(network.summary)")
    #expect(network.senderEvents.contains(.storage(receiverID: 1, missingKibibytes: 0)))
  }

  /// In a group the others do not notice it, and what it missed follows.
  @Test(arguments: [false, true])
  func theOthersGoOn(parity: Bool) {
    var alone = Self.network(receivers: 3, parity: parity)
    alone.run(until: Self.time(30_000))
    var network = Self.network(receivers: 3, parity: parity)
    network.run(until: Self.time(300))
    network.setFull(2, kibibytes: 5)
    network.run(until: Self.time(4_000))
    #expect(network.isWhole(0) && network.isWhole(1) && !network.isWhole(2), "\(network.summary)")
    #expect(network.sentCounts[.data] ?? 0 <= (alone.sentCounts[.data] ?? 0) + 100)
    network.run(until: Self.time(100_000))
    #expect(network.sender.peer(3)?.outcome == .underWay && network.receivers[2].phase == .receiving)
    network.setFull(2, kibibytes: 0)
    network.run(until: Self.time(115_000))
    #expect(network.allWhole, "\(network.summary)")
  }

  /// A disk that stays full ends the session all the same, and the receiver is told.
  @Test func afterAnHourItIsLeftBehind() {
    var network = Self.network(receivers: 1)
    network.run(until: Self.time(300))
    network.setFull(0, kibibytes: 5)
    network.run(until: Self.time(3_590_000))
    #expect(network.sender.peers[0].outcome == .underWay)
    network.run(until: Self.time(3_610_000))
    #expect(network.sender.peers[0].outcome == .leftBehind(.diskFull))
    #expect(network.end(of: 0) == .aborted(.tooSlow, "the disk here stayed full"))
  }

  /// A receiver that is full now and then, and else makes no progress, is given up as any other.
  @Test func theTimeInWhichItIsNotFullCounts() {
    var network = Self.network(receivers: 1)
    network.run(until: Self.time(300))
    network.full = [0]
    var milliseconds: UInt64 = 300
    while network.sender.peers[0].outcome == .underWay, milliseconds < 400_000 {
      network.receivers[0].handleStorage(missingKibibytes: 1, now: network.now)
      milliseconds += 500
      network.run(until: Self.time(milliseconds))
      network.receivers[0].handleStorage(missingKibibytes: 0, now: network.now)
      milliseconds += 1_000
      network.run(until: Self.time(milliseconds))
    }
    #expect(network.sender.peers[0].outcome != .underWay, "\(network.summary)")
  }

  /// A sender that waits for no straggler leaves it behind as any other.
  @Test func withoutPatienceForStragglersItIsLeft() {
    var sender = SenderMachine(
      SenderMachine.Configuration(
        sessionID: SessionNetwork.sessionID,
        announce: SessionNetwork.announce(fileChunks: 4_000, options: .group), isGroup: true,
        receiverCount: 3, rateLimitBitsPerSecond: 20e6, stragglerNanoseconds: .seconds(2)), now: .zero)
    var network = Self.network(receivers: 3)
    swap(&sender, &network.sender)
    network.run(until: Self.time(300))
    network.setFull(2, kibibytes: 5)
    network.run(until: Self.time(12_000))
    #expect(network.isWhole(0) && network.isWhole(1), "\(network.summary)")
    guard case .leftBehind(.farBehind)? = network.sender.peer(3)?.outcome else {
      Issue.record("\(network.summary)")
      return
    }
  }

  /// A one-way session's receiver keeps nothing while it is full, and gets it in a later round.
  @Test func oneWayALaterRoundBringsIt() {
    var network = SessionNetwork(
      fileChunks: 1_000, rateLimitBitsPerSecond: 20e6, oneWayRounds: 4)
    network.run(until: Self.time(300))
    network.setFull(0, kibibytes: 5)
    network.run(until: Self.time(900))
    #expect(!network.isWhole(0))
    network.setFull(0, kibibytes: 0)
    network.run(until: Self.time(20_000))
    #expect(network.isWhole(0), "\(network.summary)")
  }
}

extension SessionNetwork {
  /// A receiver's disk is full, or has room again.
  fileprivate mutating func setFull(_ index: Int, kibibytes: UInt32) {
    if kibibytes > 0 { full.insert(index) } else { full.remove(index) }
    receivers[index].handleStorage(missingKibibytes: kibibytes, now: now)
  }
}
