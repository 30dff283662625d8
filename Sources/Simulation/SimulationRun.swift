import Accounting
import Checksum
import Ground
import Impairment
import Session
import Wire

/// A scenario under way: the machines, the network between them, and the clock. Virtual time jumps from event
/// to event.
///
/// What arrives at one machine at one time is handed over together, as one read of a socket would; then the
/// machine's outputs are drained, and it is called again at its deadline: the contract of Session, kept as
/// Transport keeps it.
struct SimulationRun {
  let scenario: Scenario
  private(set) var network: VirtualNetwork<SimulatedDatagram>
  private(set) var sender: SenderMachine
  /// The datagrams that the sender sent and received, and the bytes that it made, by kind.
  private(set) var sent = Tally()
  private(set) var receivedBySender = Tally()
  private(set) var bytesByKind = SenderMachine.SentBytes()
  private var senderWakeAt = UInt64.max
  private var senderIsDirty = true
  private(set) var receivers: [SimulatedReceiver]
  /// Receivers whose machine was given something at this time, in the order in which it was.
  private var dirty: [Int] = []
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
    receivers = (0..<scenario.receiverCount).map { SimulatedReceiver(index: $0, scenario: scenario) }
    network = VirtualNetwork(
      receiverCount: scenario.receiverCount, shared: scenario.shared,
      forward: scenario.path(scenario.forward),
      backward: scenario.path(scenario.backward), seed: scenario.seed)
  }

  /// What is too large for the path is sent, and goes no further.
  private mutating func sendToReceivers(_ datagram: SimulatedDatagram, _ facts: DatagramFacts) {
    let reaches = scenario.pathByteCount.map { facts.byteCount <= $0 } ?? true
    network.sendToReceivers(datagram, facts, isCarried: reaches, now: now.nanoseconds)
  }

  mutating func run(limitNanoseconds: UInt64, eventLimit: UInt64) -> SimulationResult {
    while true {
      if senderIsDirty || !dirty.isEmpty,
        network.queue.nextTimeNanoseconds.map({ $0 > now.nanoseconds }) ?? true
      {
        drainAll()
        continue
      }
      guard let (time, event) = network.next() else { break }
      guard time <= limitNanoseconds else { return result(.timeLimit) }
      guard eventCount < eventLimit else { return result(.eventLimit) }
      eventCount += 1
      // An earlier one took its place; it must not make a session seem longer.
      if case .timer(let node) = event, time != wakeTime(of: node) { continue }
      now = Instant(nanoseconds: time)
      handle(event)
    }
    return result(senderEnd != nil && receivers.allSatisfy { $0.end != nil } ? .ended : .stalled)
  }

  private mutating func handle(_ event: VirtualNetwork<SimulatedDatagram>.Event) {
    switch event {
    case .arrivalAtReceivers(let set, let datagram):
      let words = network.receivers(of: set)
      if scenario.seriesNanoseconds > 0, words[0] & 1 != 0 { noteArrival(datagram) }
      // Each arrival counts as an event; the run loop has counted one.
      eventCount += words.reduce(0) { $0 + UInt64($1.nonzeroBitCount) } - 1
      for word in words.indices {
        var bits = words[word]
        while bits != 0 {
          let index = word * 64 + bits.trailingZeroBitCount
          bits &= bits - 1
          arrive(datagram, at: index)
        }
      }
      network.recycle(set: set)
    case .arrivalAtReceiver(let index, let datagram):
      if scenario.seriesNanoseconds > 0, index == 0 { noteArrival(datagram) }
      arrive(datagram, at: index)
    case .arrivalAtSender(.control(let message, let header, let byteCount)):
      receivedBySender.add(byteCount: byteCount)
      sender.handle(message, header: header, now: now)
      observer?.received(message, header, sender, now)
      senderIsDirty = true
    case .arrivalAtSender(.data), .arrivalAtSender(.parity): break  // no receiver sends them
    case .timer(node: 0):
      senderWakeAt = .max
      senderIsDirty = true
    case .timer(let node):
      receivers[node - 1].wakeAt = .max
      markDirty(node - 1)
    }
  }

  /// Nothing reaches a receiver that has not started.
  private mutating func arrive(_ datagram: SimulatedDatagram, at index: Int) {
    guard scenario.startsNanoseconds.isEmpty || scenario.startsNanoseconds[index] <= now.nanoseconds else {
      return
    }
    receivers[index].handle(datagram, now: now)
    markDirty(index)
  }

  /// When a machine wants to be called: the sender is node 0.
  private func wakeTime(of node: Int) -> UInt64 { node == 0 ? senderWakeAt : receivers[node - 1].wakeAt }

  private mutating func noteArrival(_ datagram: SimulatedDatagram) {
    guard case .data(let chunk) = datagram else { return }
    let interval = Int(now.nanoseconds / scenario.seriesNanoseconds)
    while arrivedByteCounts.count <= interval { arrivedByteCounts.append(0) }
    arrivedByteCounts[interval] += UInt64(
      chunk.byteCount + PacketSize.ethernetDatagram)
  }

  private mutating func markDirty(_ index: Int) {
    guard !receivers[index].isDirty else { return }
    receivers[index].isDirty = true
    dirty.append(index)
  }

  private mutating func drainAll() {
    if senderIsDirty {
      senderIsDirty = false
      drainSender()
    }
    for position in dirty.indices { drainReceiver(dirty[position]) }
    dirty.removeAll(keepingCapacity: true)
  }

  // MARK: Sender

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
    guard
      let wake = Self.wakeTime(
        sender.nextDeadline.nanoseconds, pending: senderWakeAt, overdue: &overdueSenderCount, now: now)
    else { return }
    senderWakeAt = wake
    network.setTimer(node: 0, at: wake)
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

  private mutating func drainReceiver(_ index: Int) {
    receivers[index].isDirty = false
    var deadline = receivers[index].settle(
      verificationNanoseconds: scenario.verificationNanoseconds, now: now)
    if deadline <= now.nanoseconds {
      transmit(from: index)
      deadline = receivers[index].takeDeadline()
    }
    let pending = receivers[index].wakeAt
    guard let wake = Self.wakeTime(deadline, pending: pending, overdue: &overdueReceiverCount, now: now)
    else { return }
    receivers[index].wakeAt = wake
    network.setTimer(node: index + 1, at: wake)
  }

  private mutating func transmit(from index: Int) {
    while let transmission = receivers[index].machine.pollTransmit(now: now) {
      let message = transmission.message
      let header = DatagramHeader(
        type: message.type, flags: transmission.flags, sessionID: sessionID,
        packetNumber: transmission.packetNumber, checksum: 0)
      let byteCount = message.byteCount
      receivers[index].sent.add(byteCount: byteCount)
      network.sendToSender(
        .control(message, header, byteCount: byteCount),
        DatagramFacts(
          packetNumber: UInt64(transmission.packetNumber), kind: message.type.rawValue, byteCount: byteCount),
        from: index, now: now.nanoseconds)
    }
    receivers[index].handleEvents(verificationNanoseconds: scenario.verificationNanoseconds, now: now)
  }

  // MARK: Time and outcome

  /// When a machine must be woken, if not already arranged. A deadline that is due right after the machine
  /// was drained breaks its contract: it is counted, and put off by a microsecond so that time goes on.
  private static func wakeTime(_ deadline: UInt64, pending: UInt64, overdue: inout UInt64, now: Instant)
    -> UInt64?
  {
    var wake = deadline
    if wake <= now.nanoseconds {
      overdue += 1
      wake = now.nanoseconds + 1_000
    }
    return wake < pending ? wake : nil
  }
}
