import Accounting
import Ground
import Session
import Testing
import Wire

/// The accounting identity over scripted losses: what the network below the machines counted is what they
/// say.
@Suite struct SessionAccountTests {
  private static func expectBalance(
    _ network: SessionNetwork, _ source: SourceLocation = #_sourceLocation
  ) {
    #expect(network.senderAccount.imbalances.isEmpty, sourceLocation: source)
    for index in network.receivers.indices {
      #expect(network.account(of: index).imbalances.isEmpty, sourceLocation: source)
    }
  }

  private static func count(_ account: Account, _ left: String, _ right: String, unit: String) -> UInt64? {
    account.equations.first { $0.unit == unit && $0.left[0].name == left }?.right.first { $0.name == right }?
      .count
  }

  @Test func aLossIsANecessaryNackAndANewChunk() {
    var network = SessionNetwork { $0.type == .data && $0.chunk == 50 && !$0.isRepair }
    network.run()
    #expect(network.allWhole)
    Self.expectBalance(network)
    let account = network.account(of: 0)
    #expect(Self.count(account, "due", "necessary", unit: "NACKs") == 1)
    #expect(Self.count(account, "due", "spurious", unit: "NACKs") == 0)
    #expect(
      Self.count(account, "received", "new", unit: "datagrams") == network.receivers[0].shape?.chunkCount)
    #expect(Self.count(network.senderAccount, "sent", "repair", unit: "datagrams") == 1)
    #expect(Self.count(network.senderAccount, "asked for", "repaired", unit: "chunks") == 1)
  }

  @Test func aDoublingNetworkIsDuplicates() {
    var network = SessionNetwork()
    network.copies = 2
    network.run()
    #expect(network.allWhole)
    Self.expectBalance(network)
    let duplicates = Self.count(network.account(of: 0), "received", "duplicate", unit: "datagrams")
    #expect(duplicates ?? 0 >= 300)
  }

  @Test(arguments: [1, 3, 10], UInt64(1)...5)
  func everyLossPatternBalances(receiverCount: Int, seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    var network = SessionNetwork(receiverCount: receiverCount, seed: seed) { _ in
      generator.nextUnit() < 0.1
    }
    network.run()
    #expect(network.allWhole, "\(network.summary)")
    Self.expectBalance(network)
  }

  @Test func aSessionThatIsCutOffBalancesToo() {
    var network = SessionNetwork(fileChunks: 3_000) { $0.type == .data && $0.isRepair }
    network.run(until: Instant(nanoseconds: 700_000_000))
    network.receivers[0].cancel(reason: .endedByUser, text: "", now: network.now)
    network.run()
    Self.expectBalance(network)
  }

  @Test func aFirstTransmissionBehindItsRepairIsLateAndItsNackSpurious() {
    var receiver = ReceiverMachineTests.joined()
    var now = ReceiverMachineTests.second
    for (packet, chunk) in [(1, 0), (3, 2), (4, 3), (5, 4)] as [(UInt32, UInt32)] {
      _ = ReceiverMachineTests.data(&receiver, packet: packet, chunk: chunk, at: now)
    }
    _ = ReceiverMachineTests.drain(&receiver, at: now)
    now = now + .milliseconds(50)  // longer than the receiver waits for reordering here
    let sent = ReceiverMachineTests.drain(&receiver, at: now)
    #expect(sent.contains { $0.type == .nack })
    now = now + .milliseconds(1)
    #expect(ReceiverMachineTests.data(&receiver, packet: 7, chunk: 1, isRepair: true, at: now) == .keep)
    #expect(receiver.nackVerdicts.necessaryNacks == 1)
    #expect(ReceiverMachineTests.data(&receiver, packet: 2, chunk: 1, at: now) == .duplicate)
    #expect(receiver.nackVerdicts.spuriousNacks == 1 && receiver.nackVerdicts.necessaryNacks == 0)
    #expect(receiver.counters.late.count == 1 && receiver.counters.duplicate.count == 0)
  }

  @Test func aCountThatIsOffIsSeen() {
    var network = SessionNetwork { $0.type == .data && $0.chunk == 50 && !$0.isRepair }
    network.run()
    let wrong = network.receivers[0].receivedEquations(
      received: Tally(count: 1, byteCount: 1), corrupt: Tally(), foreign: Tally())
    #expect(Account(wrong).imbalances.count == 2)
  }
}
