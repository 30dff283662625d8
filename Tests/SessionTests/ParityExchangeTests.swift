import Accounting
import Ground
import Session
import Testing
import Wire

/// Sender and receivers in a session with parity. The receivers rebuild their chunks from real bytes.
@Suite struct ParityExchangeTests {
  private static func expectWhole(
    _ network: SessionNetwork, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(network.allWhole, "\(network.summary)", sourceLocation: sourceLocation)
    #expect(network.keptTwice == 0, sourceLocation: sourceLocation)
    #expect(network.parityOwners.allSatisfy { $0.wrongCount == 0 }, sourceLocation: sourceLocation)
    #expect(network.senderAccount.imbalances == [], sourceLocation: sourceLocation)
    for index in network.receivers.indices {
      #expect(network.account(of: index).imbalances == [], sourceLocation: sourceLocation)
    }
  }

  /// Chunks 0, 4 … 60 are block 0. Three receivers miss three different chunks of it: one symbol is enough.
  /// At the end of a set a spare one goes beside it.
  @Test func oneSymbolRepairsADifferentLossAtEachReceiver() {
    var network = SessionNetwork(receiverCount: 3, hasParity: true) {
      $0.type == .data && !$0.isRepair && $0.chunk == UInt32(20 + 4 * $0.receiver)
    }
    network.run()
    Self.expectWhole(network)
    #expect((1...2).contains(network.sender.counters.parityDatagrams))
    #expect(network.sender.counters.repairDatagrams == 0)
    #expect(network.receivers.allSatisfy { $0.counters.rebuiltChunks == 1 })
    #expect(network.parityOwners.allSatisfy { $0.rebuiltCount == 1 })
  }

  /// The short end of the manifest is rebuilt like any other chunk.
  @Test func theManifestIsCovered() {
    var network = SessionNetwork(receiverCount: 2, hasParity: true) {
      $0.type == .data && !$0.isRepair && $0.chunk == UInt32($0.receiver)
    }
    network.run()
    Self.expectWhole(network)
    #expect(network.sender.counters.parityDatagrams == 2)
  }

  @Test(
    arguments: [
      MessageType.announce, .join, .data, .parity, .nack, .repairNotice, .report, .end, .complete, .close,
    ], [0, 1])
  func anySingleLossIsRepaired(type: MessageType, ordinal: Int) {
    var network = SessionNetwork(receiverCount: 3, hasParity: true) { traffic in
      if traffic.receiver == 0, traffic.type == type, traffic.ordinal == ordinal { return true }
      return traffic.type == .data && !traffic.isRepair && traffic.chunk == UInt32(50 + 4 * traffic.receiver)
    }
    network.run()
    Self.expectWhole(network)
    #expect(network.sender.counters.parityDatagrams > 0)
  }

  @Test(arguments: 1...UInt64(30))
  func anyLossIsRepaired(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    let loss = [0.05, 0.2, 0.4][Int(seed % 3)]
    var network = SessionNetwork(receiverCount: 3, seed: seed, hasParity: true) { _ in
      generator.nextUnit() < loss
    }
    network.run()
    Self.expectWhole(network)
    #expect(network.parityOwners.contains { $0.rebuiltCount > 0 })
  }

  /// A block of 16 chunks has twelve symbols. Receiver 0 gets none of them: when they are used up, the chunks
  /// themselves are sent.
  @Test func whenTheSymbolsAreUsedUpTheChunksAreSent() {
    var network = SessionNetwork(receiverCount: 2, hasParity: true) {
      $0.type == .parity && $0.receiver == 0
        || $0.type == .data && !$0.isRepair && $0.chunk == UInt32(20 + 4 * $0.receiver)
    }
    network.run()
    Self.expectWhole(network)
    #expect(network.sender.counters.parityDatagrams == 12 && network.sender.counters.repairDatagrams == 1)
    #expect(network.receivers[0].counters.rebuiltChunks == 0)
  }

  /// A minimal peer asks for chunks, and gets chunks, beside others that use symbols.
  @Test func aReceiverMayIgnoreParity() {
    var network = SessionNetwork(receiverCount: 3, hasParity: true, ignoringParity: [1]) {
      $0.type == .data && !$0.isRepair && ($0.chunk ?? 0) / 4 % 10 == UInt32($0.receiver)
    }
    network.run()
    Self.expectWhole(network)
    #expect(network.sender.counters.repairDatagrams > 0 && network.sender.counters.parityDatagrams > 0)
    #expect(network.receivers[1].counters.rebuiltChunks == 0)
    #expect(network.receivers[0].counters.rebuiltChunks > 0)
  }

  /// With one receiver a symbol costs as much as the chunk, so that chunks are sent.
  @Test func oneReceiverIsServedWithChunks() {
    var network = SessionNetwork(receiverCount: 1, hasParity: true) {
      $0.type == .data && !$0.isRepair && ($0.chunk ?? 0) % 7 == 3
    }
    network.run()
    Self.expectWhole(network)
    #expect(network.sender.counters.parityDatagrams == 0 && network.sender.counters.repairDatagrams == 43)
  }

  /// Each datagram arrives twice: no symbol and no chunk is kept twice.
  @Test func doubledDatagramsChangeNothing() {
    var network = SessionNetwork(receiverCount: 3, hasParity: true) {
      $0.type == .data && !$0.isRepair && ($0.chunk ?? 0) % 9 == UInt32($0.receiver)
    }
    network.copies = 2
    network.run()
    Self.expectWhole(network)
  }

  /// Only symbols reach the second member for two seconds: a quarter as many as chunks are sent. They are
  /// progress, so the member is not deaf, and it sets the pace like any other.
  @Test func symbolsAreProgress() {
    let end = Instant(nanoseconds: 2_000_000_000)
    var network = SessionNetwork(
      receiverCount: 2, fileChunks: 2_000, controller: .fixed(bitsPerSecond: 10e6), hasParity: true
    ) {
      guard $0.type == .data, !$0.isRepair, let chunk = $0.chunk else { return false }
      return $0.receiver == 0 ? chunk / 4 % 4 == 0 : $0.now < end && chunk > 0
    }
    network.run(until: end)
    let member = network.sender.peer(2)
    let counters = network.receivers[1].counters
    #expect(counters.parity.count > 100 && counters.rebuiltChunks == 0, "\(counters.parity.count)")
    #expect((member?.chunksHeld ?? 0) * 10 > counters.parity.count * 9)
    #expect(member?.isDeaf == false)
    network.run()
    Self.expectWhole(network)
  }
}
