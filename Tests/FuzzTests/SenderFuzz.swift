import Accounting
import Ground
import Session
import Wire

/// A sender's machine, given any messages at any times. It must not trap, send only chunks of its set, number
/// its packets without a gap, keep within its budget, and account for every datagram.
func fuzzSender(_ bytes: UnsafeBufferPointer<UInt8>) {
  var script = FuzzScript(bytes)
  var run = SenderFuzzRun(&script)
  run.drain(script.now)
  while !script.isOver {
    run.step(&script)
    run.drain(script.now)
  }
  run.check()
}

private struct SenderFuzzRun {
  /// Of one drain: the rate is limited, and time may have passed.
  private static let transmissionLimit = 200
  /// 9 times the set (Specs/chunked-udp.md §9), and the rounds of one that nobody answers.
  private static let shareLimit: UInt64 = 10

  private var machine: SenderMachine
  private let announce: Announce
  private var received = Tally()
  private var sent = Tally()
  private var bytes = SenderMachine.SentBytes()
  private var nextPacket: UInt64?

  init(_ script: inout FuzzScript) {
    announce = script.announce()
    let kind = script.byte()
    machine = SenderMachine(
      SenderMachine.Configuration(
        sessionID: FuzzScript.sessionID, announce: announce, isGroup: announce.options.contains(.group),
        receiverCount: 1 + Int(kind & 3),
        controller: kind & 4 == 0 ? .model : .fixed(bitsPerSecond: 1e8),
        rateLimitBitsPerSecond: kind & 8 == 0 ? nil : 1e7,
        roundCount: announce.options.contains(.oneWay) ? 2 : nil,
        stragglerNanoseconds: kind & 16 == 0 ? nil : .seconds(2), seed: 1),
      now: script.now)
  }

  mutating func step(_ script: inout FuzzScript) {
    let kind = script.byte()
    switch kind % 8 {
    case 0, 1: script.wait()
    case 2: machine.handleWake(now: script.now)
    case 3 where kind > 200: machine.noteAbsence(.milliseconds(UInt64(script.byte())))
    case 3 where kind > 100: machine.start(now: script.now)
    default:
      guard let (header, message, byteCount) = script.message() else { return }
      received.add(byteCount: byteCount)
      machine.handle(message, header: header, now: script.now)
    }
  }

  mutating func drain(_ now: Instant) {
    machine.handleWake(now: now)
    for _ in 0..<Self.transmissionLimit {
      guard let transmission = machine.pollTransmit(now: now) else { break }
      switch transmission {
      case .control(let message, let flags, let packetNumber): send(message, flags, packetNumber)
      case .train(let train): send(train)
      case .repair(let notice, let packetNumber, let train):
        send(.repairNotice(notice), [], packetNumber)
        send(train)
      case .parity(let notice, let packetNumber, let train):
        send(.repairNotice(notice), [], packetNumber)
        send(train, now)
      case .symbols(let train): send(train, now)
      }
    }
    while machine.pollEvent() != nil {}
    let all = machine.shape.chunkCount
    let counters = machine.counters
    precondition(
      counters.firstDatagrams + counters.repairDatagrams + counters.parityDatagrams <= Self.shareLimit * all
        + 400,
      "it sends more than its budget")
  }

  private mutating func send(_ message: ControlMessage, _ flags: DatagramFlags, _ packetNumber: UInt32) {
    let count = message.encode(sessionID: FuzzScript.sessionID, packetNumber: packetNumber, flags: flags)
      .count
    note(UInt64(packetNumber), count: 1)
    sent.add(byteCount: count)
    bytes.control += UInt64(count)
  }

  private mutating func send(_ train: Train) {
    note(train.firstPacketNumber, count: train.chunkCount)
    for run in train.runs {
      precondition(run.count > 0 && run.end <= machine.shape.chunkCount, "no chunk of the set")
    }
    sent.add(count: train.chunkCount, byteCount: train.chunkCount)
    if train.isRepair {
      bytes.repair += UInt64(train.chunkCount)
    } else {
      bytes.first += UInt64(train.chunkCount)
    }
  }

  private mutating func send(_ train: SymbolTrain, _ now: Instant) {
    note(train.firstPacketNumber, count: train.symbolCount)
    for (_, parity) in train.headers(timestamp: now.timestamp) {
      precondition(UInt64(parity.firstChunk) < machine.shape.chunkCount, "no block of the set")
    }
    sent.add(count: train.symbolCount, byteCount: train.symbolCount)
    bytes.parity += UInt64(train.symbolCount)
  }

  private mutating func note(_ packet: UInt64, count: Int) {
    if let nextPacket { precondition(packet == nextPacket, "packet \(packet) and not \(nextPacket)") }
    nextPacket = packet + UInt64(count)
  }

  func check() {
    let account = Account(
      machine.sentEquations(sent: sent, bytes: bytes) + [
        machine.repairEquation,
        machine.receivedEquation(received: received, corrupt: Tally(), foreign: Tally()),
      ])
    precondition(account.imbalances.isEmpty, "\(account.imbalances)")
  }
}
