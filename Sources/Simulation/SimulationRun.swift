import Accounting
import Checksum
import Dispatch
import Ground
import Impairment
import Session
import Wire

/// A scenario under way: the machines, the network between them, and the clock. Virtual time jumps from
/// window to window.
///
/// What a receiver does reaches the sender no earlier than the shortest way back later. So the sender may be
/// that much ahead: first it lives through a window of this length, then each receiver does, then what they
/// sent is put in the order of time. With ten thousand receivers this is many times as fast as to visit all
/// of them for each datagram, because a receiver's memory is fetched once for a window; and the receivers are
/// shared out among the processors. The result is the same as event by event.
struct SimulationRun {
  /// From this many receivers on several parts pay.
  private static let parallelReceiverCount = 128
  /// More parts than processors, because one part may have more to do than another.
  private static let usualPartCount = 16

  let scenario: Scenario
  private(set) var network: VirtualNetwork<SimulatedDatagram>
  private(set) var sender: SenderMachine
  /// The datagrams that the sender sent and received, and the bytes that it made, by kind.
  private(set) var sent = Tally()
  private(set) var receivedBySender = Tally()
  private(set) var bytesByKind = SenderMachine.SentBytes()
  private var senderWakeAt: UInt64 = 0
  let shards: [ReceiverShard]
  private var window: ReceiverWindow
  /// Nothing that a receiver sends reaches the sender sooner.
  private let shortestWayBackNanoseconds: UInt64
  private(set) var senderEnd: SenderEnd?
  private(set) var now = Instant.zero
  private(set) var eventCount: UInt64 = 0
  private(set) var overdueSenderCount: UInt64 = 0
  private(set) var overdueReceiverCount: UInt64 = 0
  private let sessionID: UInt64
  private let observer: SenderObserver?
  private(set) var arrivedByteCounts: [UInt64] = []

  init(_ scenario: Scenario, observer: SenderObserver? = nil) {
    self.scenario = scenario
    self.observer = observer
    sessionID = scenario.sessionID
    let candidates = scenario.shapes.map {
      PathCandidate(announce: scenario.announce(of: $0))
    }
    sender = SenderMachine(
      SenderMachine.Configuration(
        sessionID: sessionID, announce: candidates[0].announce,
        smaller: Array(candidates.dropFirst()), isGroup: scenario.isGroup,
        receiverCount: scenario.receiverCount, controller: scenario.controller,
        rateLimitBitsPerSecond: scenario.rateLimitBitsPerSecond, roundCount: scenario.oneWay?.roundCount,
        stragglerNanoseconds: scenario.stragglerNanoseconds, fixedParityShare: scenario.parity?.fixedShare,
        seed: scenario.seed),
      now: .zero)
    let backward = scenario.path(scenario.backward)
    shortestWayBackNanoseconds = backward.map(\.delayNanoseconds).min() ?? 0
    network = VirtualNetwork(
      receiverCount: scenario.receiverCount, shared: scenario.shared,
      forward: scenario.path(scenario.forward), backward: backward, seed: scenario.seed)
    let usual = scenario.receiverCount < Self.parallelReceiverCount ? 1 : Self.usualPartCount
    let parts = max(1, scenario.partCount ?? usual)
    let size = (scenario.receiverCount + parts - 1) / parts
    window = ReceiverWindow(receiverCount: scenario.receiverCount, receiversPerShard: size)
    shards = stride(from: 0, to: scenario.receiverCount, by: size).enumerated().map { index, first in
      ReceiverShard(
        index: index, receivers: first..<min(first + size, scenario.receiverCount), scenario: scenario)
    }
  }

  /// What is too large for the path is sent, and goes no further.
  private mutating func sendToReceivers(_ datagram: SimulatedDatagram, _ facts: DatagramFacts) {
    let reaches = scenario.pathByteCount.map { facts.byteCount <= $0 } ?? true
    var facts = facts
    facts.mayBeMarked = sender.allowsMarks
    network.sendToReceivers(datagram, facts, isCarried: reaches, now: now.nanoseconds)
  }

  mutating func run(limitNanoseconds: UInt64, eventLimit: UInt64) -> SimulationResult {
    while true {
      let first = nextNanoseconds
      guard first < .max else { break }
      guard first <= limitNanoseconds else { return result(.timeLimit) }
      guard eventCount < eventLimit else { return result(.eventLimit) }
      let length = max(1, shortestWayBackNanoseconds)
      advance(through: min(limitNanoseconds, first > .max - length ? .max : first + length - 1))
    }
    let receiversEnded = shards.allSatisfy { $0.read { $0.receivers.allSatisfy { $0.end != nil } } }
    return result(senderEnd != nil && receiversEnded ? .ended : .stalled)
  }

  /// When something happens next; `UInt64.max`: never.
  private var nextNanoseconds: UInt64 {
    min(
      nextSenderNanoseconds, network.nextTimeAtReceivers ?? .max,
      shards.reduce(.max) { min($0, $1.read { $0.nextNanoseconds }) })
  }

  /// All machines live through the window up to this time.
  private mutating func advance(through last: UInt64) {
    while nextSenderNanoseconds <= last { advanceSender(to: nextSenderNanoseconds) }
    window.begin(through: last)
    while let (time, destination, isMarked, datagram) = network.arrivalAtReceivers(through: last) {
      now = max(now, Instant(nanoseconds: time))
      switch destination {
      case .set(let set):
        let receivers = network.receivers(of: set)
        if receivers[0] & 1 != 0 { noteArrival(datagram, at: time) }
        window.add(datagram, isMarked: isMarked, at: time, receivers: receivers)
        network.recycle(set: set)
      case .receiver(let receiver):
        if receiver == 0 { noteArrival(datagram, at: time) }
        window.add(datagram, isMarked: isMarked, at: time, receiver: receiver)
      }
    }
    advanceReceivers()
    network.close(through: last)
  }

  // MARK: Sender

  private var nextSenderNanoseconds: UInt64 { min(senderWakeAt, network.nextTimeAtSender ?? .max) }

  /// What arrives at this time is handed over together.
  private mutating func advanceSender(to time: UInt64) {
    now = Instant(nanoseconds: time)
    if senderWakeAt == time {
      senderWakeAt = .max
      eventCount += 1
    }
    while let (_, datagram) = network.arrivalAtSender(through: time) {
      eventCount += 1
      guard case .control(let message, let header, let byteCount) = datagram else { continue }
      receivedBySender.add(byteCount: byteCount)
      sender.handle(message, header: header, now: now)
      observer?.received(message, header, sender, now)
    }
    drainSender()
  }

  private mutating func drainSender() {
    if sender.nextDeadline <= now { sender.handleWake(now: now) }
    while let transmission = sender.pollTransmit(now: now) {
      switch transmission {
      case .control(let message, let flags, let packetNumber):
        send(message, flags: flags, packetNumber: packetNumber)
      case .train(let train): send(train)
      case .repair(let notice, let packetNumber, let train):
        send(.repairNotice(notice), flags: [], packetNumber: packetNumber)
        send(train)
      case .parity(let notice, let packetNumber, let train):
        send(.repairNotice(notice), flags: [], packetNumber: packetNumber)
        send(train)
      case .symbols(let train): send(train)
      }
    }
    while let event = sender.pollEvent() {
      if case .ended(let end) = event { senderEnd = end }
    }
    senderWakeAt = min(
      senderWakeAt,
      Self.wakeTime(sender.nextDeadline.nanoseconds, overdue: &overdueSenderCount, now: now))
  }

  private mutating func send(_ message: ControlMessage, flags: DatagramFlags, packetNumber: UInt32) {
    let header = DatagramHeader(
      type: message.type, flags: flags, sessionID: sessionID, packetNumber: packetNumber, checksum: 0)
    let byteCount = message.byteCount
    observer?.sent(.control(message, flags: flags, packetNumber: packetNumber), now)
    sent.add(byteCount: byteCount)
    bytesByKind.control += UInt64(byteCount)
    sendToReceivers(
      .control(message, header, byteCount: byteCount),
      DatagramFacts(
        packetNumber: UInt64(packetNumber), kind: message.type.rawValue, byteCount: byteCount))
  }

  private mutating func send(_ train: Train) {
    var packetNumber = train.firstPacketNumber
    let before = sent.byteCount
    for run in train.runs {
      for chunk in UInt64(run.first)..<run.end {
        let byteCount = scenario.payloadByteCount(of: chunk, in: sender.shape) + DataHeader.byteCount
        observer?.sent(
          .data(
            packetNumber: UInt32(truncatingIfNeeded: packetNumber),
            chunkIndex: UInt32(truncatingIfNeeded: chunk), isRepair: train.isRepair, byteCount: byteCount),
          now)
        sent.add(byteCount: byteCount)
        sendToReceivers(
          .data(
            SimulatedDatagram.Chunk(
              sessionID: sessionID, packetNumber: UInt32(truncatingIfNeeded: packetNumber),
              chunkIndex: UInt32(truncatingIfNeeded: chunk), timestamp: now.timestamp,
              grttCode: train.grttCode,
              isRepair: train.isRepair, byteCount: byteCount)),
          DatagramFacts(
            packetNumber: packetNumber, kind: MessageType.data.rawValue, byteCount: byteCount))
        packetNumber += 1
      }
    }
    if train.isRepair {
      bytesByKind.repair += sent.byteCount - before
    } else {
      bytesByKind.first += sent.byteCount - before
    }
  }

  private mutating func send(_ train: SymbolTrain) {
    let byteCount = sender.shape.chunkByteCount + ParityHeader.byteCount
    for (packet, parity) in train.headers(timestamp: now.timestamp) {
      let packetNumber = UInt32(truncatingIfNeeded: packet)
      let header = DatagramHeader(
        type: .parity, flags: .repair, sessionID: sessionID, packetNumber: packetNumber, checksum: 0)
      observer?.sent(.parity(parity, packetNumber: packetNumber, byteCount: byteCount), now)
      sent.add(byteCount: byteCount)
      bytesByKind.parity += UInt64(byteCount)
      sendToReceivers(
        .parity(parity, header, byteCount: byteCount),
        DatagramFacts(packetNumber: packet, kind: MessageType.parity.rawValue, byteCount: byteCount))
    }
  }

  // MARK: Receivers

  private mutating func advanceReceivers() {
    if shards.count == 1 {
      shards[0].advance(window)
    } else {
      let (shards, window) = (shards, window)
      DispatchQueue.concurrentPerform(iterations: shards.count) { shards[$0].advance(window) }
    }
    var sent: [ReceiverOutput.Sent] = []
    for shard in shards {
      let output = shard.read { $0.output }
      sent += output.sent
      eventCount += output.eventCount
      overdueReceiverCount += output.overdueCount
      now = max(now, Instant(nanoseconds: output.lastNanoseconds))
    }
    // At equal times the receivers follow each other by number.
    let order = sent.indices.sorted {
      (sent[$0].timeNanoseconds, $0) < (sent[$1].timeNanoseconds, $1)
    }
    for index in order { transmit(sent[index]) }
  }

  private mutating func transmit(_ sent: ReceiverOutput.Sent) {
    let transmission = sent.transmission
    let message = transmission.message
    let header = DatagramHeader(
      type: message.type, flags: transmission.flags, sessionID: sessionID,
      packetNumber: transmission.packetNumber, checksum: 0)
    let byteCount = message.byteCount
    network.sendToSender(
      .control(message, header, byteCount: byteCount),
      DatagramFacts(
        packetNumber: UInt64(transmission.packetNumber), kind: message.type.rawValue, byteCount: byteCount),
      from: sent.receiver, now: sent.timeNanoseconds)
  }

  private mutating func noteArrival(_ datagram: SimulatedDatagram, at time: UInt64) {
    guard scenario.seriesNanoseconds > 0, case .data(let chunk) = datagram else { return }
    let interval = Int(time / scenario.seriesNanoseconds)
    while arrivedByteCounts.count <= interval { arrivedByteCounts.append(0) }
    arrivedByteCounts[interval] += UInt64(chunk.byteCount + PacketSize.ethernetDatagram)
  }

  // MARK: Time

  /// When a machine must be called next. A deadline that is due right after the machine was drained breaks
  /// its contract: it is counted, and put off by a microsecond so that time goes on.
  static func wakeTime(_ deadline: UInt64, overdue: inout UInt64, now: Instant) -> UInt64 {
    guard deadline <= now.nanoseconds else { return deadline }
    overdue += 1
    return now.nanoseconds + 1_000
  }
}
