import Accounting
import Ground
import Impairment
import Session
import Wire

/// A receiver in a simulation: the machine, and the few tasks of its owner.
struct SimulatedReceiver: Sendable {
  var machine: ReceiverMachine
  /// When the owner's verification ends; nil while it does not run.
  private var verifiedAt: UInt64?
  /// When it is called next, even if nothing arrives.
  private(set) var wakeAt = UInt64.max
  /// What reaches it alone in the window that is about to begin.
  var inbox: [ReceiverWindow.Single] = []
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
        usesParity: true, countsMarks: scenario.countsMarks, seed: scenario.seed))
    kept = ChunkMap(capacity: scenario.shapes.map(\.chunkCount).max() ?? 0)
  }

  // MARK: Time

  /// It lives through a window: what arrives at one time is handed over together, as one read of a socket
  /// would do; then the machine's outputs are drained, and it is called again at its deadline. This is the
  /// contract of Session, kept as Transport keeps it.
  mutating func advance(
    _ window: ReceiverWindow, as number: Int, of scenario: Scenario, _ output: inout ReceiverOutput
  ) {
    let startsAt = scenario.startsNanoseconds.isEmpty ? 0 : scenario.startsNanoseconds[number]
    var shared = window.next(from: 0, receiver: number)
    var single = 0
    while true {
      let sharedAt = shared < window.sharedTimes.count ? window.sharedTimes[shared] : .max
      let singleAt = single < inbox.count ? inbox[single].timeNanoseconds : .max
      let time = min(sharedAt, singleAt, wakeAt)
      guard time <= window.lastNanoseconds, time < .max else { break }
      output.lastNanoseconds = max(output.lastNanoseconds, time)
      var isCalled = wakeAt == time
      if isCalled {
        wakeAt = .max
        output.eventCount += 1
      }
      let now = Instant(nanoseconds: time)
      // Nothing reaches a receiver that has not started.
      let hears = startsAt <= time
      while let isShared = isNextShared(window, shared, single, time) {
        output.eventCount += 1
        isCalled = isCalled || hears
        if isShared {
          if hears { handle(window.shared[shared], isMarked: window.sharedMarks[shared], now: now) }
          shared = window.next(from: shared + 1, receiver: number)
        } else {
          if hears {
            handle(inbox[single].datagram, isMarked: inbox[single].isMarked, now: now)
          }
          single += 1
        }
      }
      if isCalled { drain(as: number, of: scenario, &output, now: now) }
    }
    if single > 0 { inbox.removeAll(keepingCapacity: true) }
  }

  /// Whether the next arrival at this time is a shared one; nil: there is none.
  private func isNextShared(_ window: ReceiverWindow, _ shared: Int, _ single: Int, _ time: UInt64) -> Bool? {
    let isShared = shared < window.sharedTimes.count && window.sharedTimes[shared] == time
    let isSingle = single < inbox.count && inbox[single].timeNanoseconds == time
    guard isShared, isSingle else { return isShared ? true : isSingle ? false : nil }
    return window.sharedOrders[shared] < inbox[single].order
  }

  private mutating func drain(
    as number: Int, of scenario: Scenario, _ output: inout ReceiverOutput, now: Instant
  ) {
    var deadline = settle(verificationNanoseconds: scenario.verificationNanoseconds, now: now)
    if deadline <= now.nanoseconds {
      while let transmission = machine.pollTransmit(now: now) {
        sent.add(byteCount: transmission.message.byteCount)
        output.sent.append(
          ReceiverOutput.Sent(timeNanoseconds: now.nanoseconds, receiver: number, transmission: transmission))
      }
      handleEvents(verificationNanoseconds: scenario.verificationNanoseconds, now: now)
      deadline = takeDeadline()
    }
    wakeAt = min(wakeAt, SimulationRun.wakeTime(deadline, overdue: &output.overdueCount, now: now))
  }

  /// Lets the machine do what is due. Returns when it must be called again: later than `now` when it has
  /// nothing to send. This is the usual case, because most datagrams bring a chunk in order.
  private mutating func settle(verificationNanoseconds: Nanoseconds, now: Instant) -> UInt64 {
    let deadline = machine.settle(now: now)
    guard deadline <= now || verifiedAt != nil else { return deadline.nanoseconds }
    handleEvents(verificationNanoseconds: verificationNanoseconds, now: now)
    return takeDeadline()
  }

  /// When it must be called again.
  private mutating func takeDeadline() -> UInt64 { min(machine.deadline().nanoseconds, verifiedAt ?? .max) }

  // MARK: What arrives

  private mutating func handle(_ datagram: SimulatedDatagram, isMarked: Bool, now: Instant) {
    guard isMarked else { return handle(datagram, now: now) }
    let before = machine.datagramCount()
    handle(datagram, now: now)
    machine.noteMarked(since: before)
  }

  private mutating func handle(_ datagram: SimulatedDatagram, now: Instant) {
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
  private mutating func handleEvents(verificationNanoseconds: Nanoseconds, now: Instant) {
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
