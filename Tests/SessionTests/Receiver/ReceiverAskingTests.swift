import Ground
import Session
import Testing
import Wire

/// When a receiver of a session with parity asks, and what its reports state. Blocks have 16 chunks, 4 apart,
/// so that a span has 64.
@Suite struct ReceiverAskingTests {
  private typealias Machine = ReceiverMachineTests

  /// A receiver to which the chunks up to `end` were sent, in packets from 1 on, all but `lost`.
  private static func receiving(
    _ end: UInt32, lost: Set<UInt32>, options: AnnounceOptions = [.parity], at now: Instant
  ) -> ReceiverMachine {
    var receiver = ReceiverMachine(
      ReceiverMachine.Configuration(receiverID: 7, hostName: "here", usesParity: true))
    let announce = SessionNetwork.announce(fileChunks: 1_000, options: options)
    Machine.handle(&receiver, .announce(announce), packet: 0, at: now)
    for chunk in 0..<end where !lost.contains(chunk) {
      Machine.data(&receiver, packet: chunk + 1, chunk: chunk, at: now)
    }
    return receiver
  }

  private static func symbol(
    _ receiver: inout ReceiverMachine, _ index: UInt8, of block: UInt32, packet: UInt32, at now: Instant
  ) -> ReceiverMachine.ChunkFate {
    let parity = ParityHeader(
      firstChunk: block, timestamp: 0, grttCode: Machine.grtt, symbolIndex: index, blockChunkCount: 16,
      blockStride: 4)
    return receiver.handleParity(
      parity, header: SessionNetwork.header(.parity, packet: packet), byteCount: 1_472, canKeep: true,
      now: now)
  }

  /// What the receiver sends until then, while nothing arrives.
  private static func sent(
    by receiver: inout ReceiverMachine, from start: Instant, for duration: Nanoseconds
  ) -> [ControlMessage] {
    var messages: [ControlMessage] = []
    var now = start
    while now <= start + duration {
      messages += Machine.drain(&receiver, at: now)
      now = max(now + .microseconds(100), receiver.nextDeadline)
    }
    return messages
  }

  private static func nacks(_ messages: [ControlMessage]) -> [[UInt64]] {
    messages.compactMap {
      guard case .nack(let nack) = $0 else { return nil }
      return nack.missingRanges.flatMap { Array(UInt64($0.first)..<$0.end) }
    }
  }

  /// The loss detector has handed its losses to the blocks, and has nothing more to do. The block's NACK is
  /// lost, no datagram arrives: the receiver asks again after its patience all the same.
  @Test func aBlockWithoutAnAnswerIsAskedForAgain() {
    var receiver = Self.receiving(68, lost: [8, 12], at: Machine.second)
    let nacks = Self.nacks(Self.sent(by: &receiver, from: Machine.second, for: .milliseconds(60)))
    #expect(nacks.count >= 2 && nacks.allSatisfy { $0 == [8, 12] }, "\(nacks)")
  }

  /// A notice promises the symbols, and neither they nor a later datagram arrives.
  @Test func aBlockWhosePromiseIsLostIsAskedForAgain() {
    var receiver = Self.receiving(68, lost: [8, 12], at: Machine.second)
    let first = Self.nacks(Self.sent(by: &receiver, from: Machine.second, for: .milliseconds(8)))
    #expect(first == [[8, 12]])
    let later = Machine.second + .milliseconds(10)
    let notice = RepairNotice(
      timestamp: 0, grttCode: Machine.grtt, form: .parity,
      entries: [RepairEntry(firstChunk: 0, count: 2, firstPacketNumber: 70)])
    Machine.handle(&receiver, .repairNotice(notice), packet: 69, at: later)
    #expect(Self.symbol(&receiver, 1, of: 0, packet: 71, at: later) == .keep)
    // One later packet shows that the other symbol is lost.
    Machine.data(&receiver, packet: 72, chunk: 68, at: later)
    let nacks = Self.nacks(Self.sent(by: &receiver, from: later, for: .milliseconds(20)))
    #expect(nacks == [[8]])
  }

  /// Chunks 8 and 12 are missing: of the symbols, two bring the receiver further.
  @Test func aReportStatesSymbolsAsChunks() {
    var receiver = Self.receiving(68, lost: [8, 12], at: Machine.second)
    func held(_ symbols: [UInt8], at now: Instant) -> UInt64? {
      for index in symbols {
        _ = Self.symbol(&receiver, index, of: 0, packet: 69 + UInt32(index), at: now)
      }
      for case .report(let report) in Self.sent(by: &receiver, from: now, for: .milliseconds(5)) {
        return report.heldChunkCount
      }
      return nil
    }
    #expect(held([], at: Machine.second) == 66)
    #expect(held([0], at: Machine.second + .milliseconds(10)) == 67)
    #expect(held([1, 2, 3], at: Machine.second + .milliseconds(20)) == 68)
    receiver.handleRebuilt(block: 0, now: Machine.second + .milliseconds(30))
    #expect(receiver.chunksHeld == 68)
    #expect(held([4], at: Machine.second + .milliseconds(30)) == 68)
  }

  /// Each NACK is lost. The sender has nothing to repair, and repeats *end* each 10 ms, which is G. A NACK is
  /// repeated by the next *end* but one, and then ever later, but long before the patience: with that alone
  /// these were 5, 20, 69, 166 and 359.
  @Test(arguments: [[], [.parity]] as [AnnounceOptions])
  func endsShowThatNacksWereLost(options: AnnounceOptions) {
    var receiver = Self.receiving(999, lost: [8], options: options, at: Machine.second)
    let total = SessionNetwork.announce(fileChunks: 1_000, options: options).shape.chunkCount
    var times: [UInt64] = []
    for round in 0..<40 as Range<UInt32> {
      let now = Machine.second + .milliseconds(10) * UInt64(round)
      let end = End(round: round, timestamp: 0, totalChunkCount: total, grttCode: Machine.grtt)
      Machine.handle(&receiver, .end(end), packet: 1_100 + round, at: now)
      for step in 0..<10 as Range<UInt64> {
        let sent = Machine.drain(&receiver, at: now + .milliseconds(step))
        times += Self.nacks(sent).map { _ in UInt64(10 * round) + step }
      }
    }
    #expect(times == [5, 20, 50, 80, 130, 180, 280, 380], "\(times)")
  }
}
