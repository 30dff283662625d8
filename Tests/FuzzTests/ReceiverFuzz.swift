import Accounting
import Ground
import Session
import Wire

/// A receiver's machine, given any messages at any times. It must not trap, not send without end, ask for no
/// chunk that is none of the set's, and account for every datagram.
func fuzzReceiver(_ bytes: UnsafeBufferPointer<UInt8>) {
  var script = FuzzScript(bytes)
  var run = ReceiverFuzzRun(&script)
  while !script.isOver {
    run.step(&script)
    run.drain(script.now)
  }
  run.check()
}

private struct ReceiverFuzzRun {
  private var machine: ReceiverMachine
  private let announce: Announce
  private var received = Tally()
  private var sent = Tally()
  private var held: Set<UInt32> = []
  private var ready: [UInt64] = []

  init(_ script: inout FuzzScript) {
    announce = script.announce()
    machine = ReceiverMachine(
      ReceiverMachine.Configuration(
        receiverID: FuzzScript.receiverID, hostName: "fuzz", usesParity: script.byte() & 1 != 0, seed: 1))
    let header = DatagramHeader(
      type: .announce, flags: [], sessionID: FuzzScript.sessionID, packetNumber: 0, checksum: 0)
    received.add(byteCount: 80)
    machine.handle(.announce(announce), header: header, byteCount: 80, now: script.now)
  }

  mutating func step(_ script: inout FuzzScript) {
    let kind = script.byte()
    let now = script.now
    switch kind % 12 {
    case 0, 1: script.wait()
    case 2, 3, 4:
      guard let (header, message, byteCount) = script.message() else { return }
      received.add(byteCount: byteCount)
      machine.handle(message, header: header, byteCount: byteCount, now: now)
    case 5, 6, 7, 8:
      received.add(byteCount: 1_032)
      let chunk = UInt32(script.number16())
      let fate = machine.handleData(
        sessionID: FuzzScript.sessionID, packetNumber: UInt32(script.number16()), chunkIndex: chunk,
        timestamp: now.timestamp, grttCode: GrttCode(rawValue: script.byte()), isRepair: kind & 64 != 0,
        byteCount: 1_032, canKeep: kind & 128 == 0, now: now)
      if fate == .keep { precondition(held.insert(chunk).inserted, "a chunk is kept twice") }
    case 9:
      received.add(byteCount: 1_032)
      let parity = ParityHeader(
        firstChunk: UInt32(script.number16()), timestamp: now.timestamp,
        grttCode: GrttCode(rawValue: script.byte()),
        symbolIndex: script.byte(), blockChunkCount: script.byte(), blockStride: script.byte())
      let header = DatagramHeader(
        type: .parity, flags: .repair, sessionID: FuzzScript.sessionID,
        packetNumber: UInt32(script.number16()),
        checksum: 0)
      _ = machine.handleParity(parity, header: header, byteCount: 1_032, canKeep: kind & 128 == 0, now: now)
    case 10: own(script.byte(), &script)
    default:
      machine.handleWake(now: now)
      machine.detectLosses(now: now)
    }
  }

  /// What its owner does.
  private mutating func own(_ kind: UInt8, _ script: inout FuzzScript) {
    let now = script.now
    switch kind % 7 {
    case 0:
      machine.handleVerified(
        verified: 1, failed: UInt32(kind >> 7), status: kind & 128 == 0 ? .whole : .someFilesFailed, text: "",
        now: now)
    case 1:
      guard let chunk = held.min() else { return }
      held.remove(chunk)
      machine.forget(UInt64(chunk)..<UInt64(chunk) + 1)
    case 2: machine.noteAbsence(.milliseconds(UInt64(script.byte())))
    case 3:
      guard let block = ready.popLast() else { return }
      for chunk in machine.missingChunks(in: 0..<announce.shape.chunkCount) { held.insert(UInt32(chunk)) }
      machine.handleRebuilt(block: block, now: now)
      held = held.filter { machine.heldChunks?.contains(UInt64($0)) ?? false }
    case 4:
      let first = UInt64(script.byte())
      machine.begin(FuzzScript.sessionID, holding: [first..<first + 1 + UInt64(script.byte() & 15)], now: now)
      machine.heldChunks.map { held = Set($0.contents) }
    case 5: machine.handleStorage(missingKibibytes: UInt32(script.byte() & 3), now: now)
    default: if kind > 250 { machine.cancel(reason: .endedByUser, text: "fuzz", now: now) }
    }
  }

  mutating func drain(_ now: Instant) {
    machine.handleWake(now: now)
    machine.detectLosses(now: now)
    var count = 0
    while let transmission = machine.pollTransmit(now: now) {
      count += 1
      precondition(count < 1_000, "it sends without end")
      let bytes = transmission.message.encode(
        sessionID: transmission.sessionID, packetNumber: transmission.packetNumber, flags: transmission.flags)
      precondition(bytes.count <= 1_200, "a message is longer than allowed")
      sent.add(byteCount: bytes.count)
      if case .nack(let nack) = transmission.message, let shape = machine.shape {
        for range in nack.missingRanges {
          precondition(range.end <= shape.chunkCount, "it asks for no chunk of the set")
        }
      }
    }
    while let event = machine.pollEvent() {
      if case .canRebuild(let block) = event { ready.append(block) }
    }
    if let held = machine.heldChunks {
      precondition(held.count <= held.capacity, "more chunks than there are")
    }
  }

  func check() {
    let account = Account(
      machine.receivedEquations(received: received, corrupt: Tally(), foreign: Tally())
        + machine.nackEquations + [machine.sentEquation(sent: sent)])
    precondition(account.imbalances.isEmpty, "\(account.imbalances)")
  }
}

extension ChunkMap {
  fileprivate var contents: [UInt32] { (0..<capacity).filter { contains($0) }.map { UInt32($0) } }
}
