import Accounting
import Ground
import Impairment
import Session
import Wire

/// A receiver in a simulation: the machine, and the few tasks of its owner.
struct SimulatedReceiver {
  var machine: ReceiverMachine
  /// When the owner's verification ends; nil while it does not run.
  var verifiedAt: UInt64?
  /// The time of the wake-up in the event queue, so that no second one is put there.
  var wakeAt = UInt64.max
  var isDirty = false
  /// What was kept, to prove that each chunk was kept once.
  var kept: ChunkMap
  var keptTwiceCount: UInt64 = 0
  private var geometry: BlockGeometry?
  var end: ReceiverEnd?
  /// When all chunks were here.
  var heldAllAt: UInt64?
  /// Times that it called the group's chunks blocked, and would have asked for unicast.
  private(set) var blockedCount = 0
  /// Datagrams that reached it, and those it sent.
  var received = Tally()
  var sent = Tally()

  init(index: Int, scenario: Scenario) {
    let id = SplitMix64.combine(scenario.seed, UInt64(index) &+ 1) | 1  // never 0, which means "the sender"
    machine = ReceiverMachine(
      ReceiverMachine.Configuration(
        receiverID: id, hostName: "receiver\(index)", receiveBufferByteCount: scenario.receiveBufferByteCount,
        usesParity: true, seed: scenario.seed))
    kept = ChunkMap(capacity: scenario.shapes.map(\.chunkCount).max() ?? 0)
  }

  /// Lets the machine do what is due. Returns when it must be called again: later than `now` when it has
  /// nothing to send. This is the usual case, because most datagrams bring a chunk in order.
  mutating func settle(verificationNanoseconds: Nanoseconds, now: Instant) -> UInt64 {
    let deadline = machine.settle(now: now)
    guard deadline <= now || verifiedAt != nil else { return deadline.nanoseconds }
    handleEvents(verificationNanoseconds: verificationNanoseconds, now: now)
    return takeDeadline()
  }

  /// When it must be called again.
  mutating func takeDeadline() -> UInt64 { min(machine.deadline().nanoseconds, verifiedAt ?? .max) }

  mutating func handle(_ datagram: SimulatedDatagram, now: Instant) {
    switch datagram {
    case .data(let chunk):
      received.add(byteCount: chunk.byteCount)
      let fate = machine.handleData(
        sessionID: chunk.sessionID, packetNumber: chunk.packetNumber, chunkIndex: chunk.chunkIndex,
        timestamp: chunk.timestamp, grttCode: chunk.grttCode, isRepair: chunk.isRepair,
        byteCount: chunk.byteCount, canKeep: true, now: now)
      if fate == .keep, !kept.insert(UInt64(chunk.chunkIndex)) { keptTwiceCount += 1 }
    case .parity(let parity, let header, let byteCount):
      received.add(byteCount: byteCount)
      _ = machine.handleParity(parity, header: header, byteCount: byteCount, canKeep: true, now: now)
    case .control(let message, let header, let byteCount):
      received.add(byteCount: byteCount)
      machine.handle(message, header: header, byteCount: byteCount, now: now)
    }
  }

  /// The equations of its counts that do not balance, Specs/accounting.md §10. The links drop damaged
  /// datagrams on the way.
  var imbalances: [String] {
    Account(
      machine.receivedEquations(received: received, corrupt: Tally(), foreign: Tally())
        + machine.nackEquations + [machine.sentEquation(sent: sent)]
    ).imbalances
  }

  /// Handles the machine's events; starts and ends the verification.
  mutating func handleEvents(verificationNanoseconds: Nanoseconds, now: Instant) {
    if let verifiedAt, verifiedAt <= now.nanoseconds {
      self.verifiedAt = nil
      machine.handleVerified(verified: 1, failed: 0, status: .whole, text: "", now: now)
    }
    while let event = machine.pollEvent() {
      switch event {
      case .began(let announce, _): geometry = BlockGeometry(announce)
      case .canRebuild(let block):
        guard let chunks = geometry?[block].chunks else { continue }
        for chunk in chunks { kept.insert(chunk) }
        machine.handleRebuilt(block: block, now: now)
      case .symbolsUnneeded: break
      case .chunksBlocked: blockedCount += 1
      case .allChunksHeld:
        heldAllAt = now.nanoseconds
        if verificationNanoseconds == 0 {
          machine.handleVerified(verified: 1, failed: 0, status: .whole, text: "", now: now)
        } else {
          verifiedAt = now.nanoseconds + verificationNanoseconds
        }
      case .ended(let end): self.end = end
      }
    }
  }
}
