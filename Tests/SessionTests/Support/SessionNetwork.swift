import Accounting
import Checksum
import Ground
import Session
import Wire

/// A sender and its receivers in virtual time; every way takes 5 ms. Tests say by a closure what is lost.
struct SessionNetwork {
  static let sessionID: UInt64 = 0x5E55_1014
  static let latency: Nanoseconds = .milliseconds(5)
  private enum Payload {
    case control(ControlMessage, DatagramHeader)
    case data(
      packet: UInt32, chunk: UInt32, timestamp: UInt32, grtt: GrttCode, isRepair: Bool, byteCount: Int)
    case parity(ParityHeader, DatagramHeader, byteCount: Int)
  }
  private struct Envelope { var at: Instant, receiver: Int, isFromSender: Bool, payload: Payload }

  var sender: SenderMachine
  var receivers: [ReceiverMachine]
  var now = Instant.zero
  var lose: (Traffic) -> Bool
  /// Each datagram arrives this many times.
  var copies = 1
  /// Receivers that take part from this moment on; all from the start if empty.
  var startAt: [Instant] = []
  var full: Set<Int> = []  // receivers that have no room for a chunk
  /// How long the owner verifies files.
  var verification: Nanoseconds = 0

  private(set) var senderEvents: [SenderEvent] = []
  private(set) var receiverEvents: [[ReceiverEvent]]
  private(set) var sentCounts: [MessageType: Int] = [:]
  private(set) var keptTwice = 0
  /// What the owners of the receivers do with symbols.
  private(set) var parityOwners: [ParityOwner]
  var kept: [Set<UInt32>]
  /// What the receivers have from an earlier session.
  private var earlier: [[Range<UInt64>]]
  /// Datagrams that reached each receiver and the sender, and those that each receiver sent; counted here.
  private(set) var received: [Tally]
  private(set) var sentByReceivers: [Tally]
  private(set) var receivedBySender = Tally()
  private(set) var sent = Tally()
  private(set) var sentBytes = SenderMachine.SentBytes()
  private var wire: [Envelope] = []
  private var wireHead = 0
  private var ordinals: [Key: Int] = [:]
  private var verifiedAt: [Instant]
  private struct Key: Hashable { var isFromSender: Bool, receiver: Int, type: MessageType }

  init(
    receiverCount: Int = 1, fileChunks: UInt64 = 300, isGroup: Bool? = nil, expected: Int? = nil,
    controller: RateControllerKind = .model, rateLimitBitsPerSecond: Double? = nil, seed: UInt64 = 1,
    smallerChunkByteCounts: [Int] = [], hasParity: Bool = false, ignoringParity: Set<Int> = [],
    oneWayRounds: UInt64? = nil, fixedParityShare: Double? = nil,
    lose: @escaping (Traffic) -> Bool = { _ in false }
  ) {
    let isGroup = isGroup ?? (receiverCount > 1)
    var options: AnnounceOptions = hasParity ? [.parity] : []
    if isGroup { options.insert(.group) }
    if oneWayRounds != nil { options.insert(.oneWay) }
    let announce = Self.announce(fileChunks: fileChunks, options: options)
    sender = SenderMachine(
      SenderMachine.Configuration(
        sessionID: Self.sessionID, announce: announce,
        smaller: smallerChunkByteCounts.map {
          Self.candidate(fileChunks: fileChunks, chunkByteCount: $0)
        },
        isGroup: isGroup, receiverCount: expected ?? receiverCount,
        controller: controller, rateLimitBitsPerSecond: rateLimitBitsPerSecond, roundCount: oneWayRounds,
        fixedParityShare: fixedParityShare, seed: seed), now: .zero)
    receivers = (0..<receiverCount).map {
      ReceiverMachine(
        ReceiverMachine.Configuration(
          receiverID: UInt64($0) + 1, hostName: "host\($0)", usesParity: !ignoringParity.contains($0),
          seed: seed))
    }
    self.lose = lose
    receiverEvents = Array(repeating: [], count: receiverCount)
    kept = Array(repeating: [], count: receiverCount)
    earlier = Array(repeating: [], count: receiverCount)
    parityOwners = Array(repeating: ParityOwner(BlockGeometry(announce)), count: receiverCount)
    received = Array(repeating: Tally(), count: receiverCount)
    sentByReceivers = Array(repeating: Tally(), count: receiverCount)
    verifiedAt = Array(repeating: .never, count: receiverCount)
  }

  /// A receiver's process ends without a word. Another is started in its place. If `resumes`, it has the
  /// chunks of the former.
  mutating func restart(_ index: Int, receiverID: UInt64, resumes: Bool = false) {
    receivers[index] = ReceiverMachine(
      ReceiverMachine.Configuration(receiverID: receiverID, hostName: "host\(index)"))
    received[index] = Tally()
    sentByReceivers[index] = Tally()
    receiverEvents[index] = []
    hold(resumes ? kept[index] : [], at: index)
  }

  /// A receiver has these chunks from an earlier session.
  mutating func hold(_ chunks: Set<UInt32>, at index: Int) {
    kept[index] = chunks
    earlier[index] = chunks.sorted().map { UInt64($0)..<UInt64($0) + 1 }
  }

  /// Runs until nothing is left to do, or to `limit`.
  mutating func run(until limit: Instant = Instant(nanoseconds: 120_000_000_000)) {
    var steps = 0
    drain()
    while let next = nextTime, next <= limit, steps < 2_000_000 {
      steps += 1
      now = max(now, next)
      deliver()
      wake()
      drain()
    }
    if nextTime != nil { now = max(now, limit) }
  }

  private func isPresent(_ receiver: Int) -> Bool { startAt.isEmpty || startAt[receiver] <= now }

  private var nextTime: Instant? {
    var next = wireHead < wire.count ? wire[wireHead].at : .never
    next = min(next, sender.nextDeadline)
    for receiver in receivers { next = min(next, receiver.nextDeadline) }
    for at in verifiedAt { next = min(next, at) }
    return next == .never ? nil : (next <= now ? now + 1_000 : next)
  }

  private mutating func deliver() {
    while wireHead < wire.count, wire[wireHead].at <= now {
      let envelope = wire[wireHead]
      wireHead += 1
      if envelope.isFromSender {
        if isPresent(envelope.receiver) { arrive(envelope.payload, at: envelope.receiver) }
      } else if case .control(let message, let header) = envelope.payload {
        receivedBySender.add(byteCount: message.byteCount)
        sender.handle(message, header: header, now: now)
      }
    }
  }

  private mutating func arrive(_ payload: Payload, at index: Int) {
    switch payload {
    case .control(let message, let header):
      received[index].add(byteCount: message.byteCount)
      receivers[index].handle(message, header: header, byteCount: message.byteCount, now: now)
    case .data(let packet, let chunk, let timestamp, let grtt, let isRepair, let byteCount):
      received[index].add(byteCount: byteCount)
      if receivers[index].announceBegun(bySessionID: Self.sessionID, chunkIndex: chunk) != nil {
        receivers[index].begin(Self.sessionID, holding: earlier[index], now: now)
      }
      let fate = receivers[index].handleData(
        sessionID: Self.sessionID, packetNumber: packet, chunkIndex: chunk, timestamp: timestamp,
        grttCode: grtt, isRepair: isRepair, byteCount: byteCount, canKeep: !full.contains(index), now: now)
      if fate == .keep, !kept[index].insert(chunk).inserted { keptTwice += 1 }
    case .parity(let parity, let header, let byteCount):
      received[index].add(byteCount: byteCount)
      if receivers[index].announceBegun(bySessionID: Self.sessionID, parity: parity) != nil {
        receivers[index].begin(Self.sessionID, holding: earlier[index], now: now)
      }
      let fate = receivers[index].handleParity(
        parity, header: header, byteCount: byteCount, canKeep: !full.contains(index), now: now)
      if fate == .keep { parityOwners[index].keep(parity) }
    }
  }

  private mutating func wake() {
    if sender.nextDeadline <= now { sender.handleWake(now: now) }
    for index in receivers.indices {
      if receivers[index].nextDeadline <= now { receivers[index].handleWake(now: now) }
      if verifiedAt[index] <= now {
        verifiedAt[index] = .never
        receivers[index].handleVerified(verified: 1, failed: 0, status: .whole, text: "", now: now)
      }
      receivers[index].detectLosses(now: now)
    }
  }

  // MARK: Output

  mutating func drain() {
    for index in receivers.indices { drainReceiver(index) }
    while let transmission = sender.pollTransmit(now: now) {
      switch transmission {
      case .control(let message, let flags, let packet): send(message, flags: flags, packet: packet)
      case .train(let train): send(train)
      case .repair(let notice, let packet, let train):
        send(.repairNotice(notice), flags: [], packet: packet)
        send(train)
      case .parity(let notice, let packet, let train):
        send(.repairNotice(notice), flags: [], packet: packet)
        send(train)
      case .symbols(let train): send(train)
      }
    }
    while let event = sender.pollEvent() { senderEvents.append(event) }
  }

  private mutating func send(_ message: ControlMessage, flags: DatagramFlags, packet: UInt32) {
    let header = DatagramHeader(
      type: message.type, flags: flags, sessionID: Self.sessionID, packetNumber: packet, checksum: 0)
    sent.add(byteCount: message.byteCount)
    sentBytes.control += UInt64(message.byteCount)
    for index in receivers.indices {
      send(.control(message, header), message.type, index, isFromSender: true, byteCount: message.byteCount)
    }
    sentCounts[message.type, default: 0] += 1
  }

  private mutating func send(_ train: Train) {
    var packet = train.firstPacketNumber
    let byteCount = sender.datagramByteCount
    for run in train.runs {
      for chunk in UInt64(run.first)..<run.end {
        let payload = Payload.data(
          packet: UInt32(truncatingIfNeeded: packet), chunk: UInt32(chunk), timestamp: now.timestamp,
          grtt: train.grttCode, isRepair: train.isRepair, byteCount: byteCount)
        for index in receivers.indices {
          send(
            payload, .data, index, isFromSender: true, byteCount: byteCount, chunk: UInt32(chunk),
            isRepair: train.isRepair)
        }
        sentCounts[.data, default: 0] += 1
        sent.add(byteCount: byteCount)
        if train.isRepair {
          sentBytes.repair += UInt64(byteCount)
        } else {
          sentBytes.first += UInt64(byteCount)
        }
        packet += 1
      }
    }
  }

  private mutating func send(_ train: SymbolTrain) {
    let byteCount = sender.datagramByteCount
    for (packet, parity) in train.headers(timestamp: now.timestamp) {
      let header = Self.header(.parity, packet: UInt32(truncatingIfNeeded: packet))
      for index in receivers.indices {
        send(
          .parity(parity, header, byteCount: byteCount), .parity, index, isFromSender: true,
          byteCount: byteCount, chunk: parity.firstChunk, isRepair: true)
      }
      sentCounts[.parity, default: 0] += 1
      sent.add(byteCount: byteCount)
      sentBytes.parity += UInt64(byteCount)
    }
  }

  private mutating func drainReceiver(_ index: Int) {
    takeEvents(index)
    while let transmission = receivers[index].pollTransmit(now: now) {
      let type = transmission.message.type
      let header = DatagramHeader(
        type: type, flags: transmission.flags, sessionID: Self.sessionID,
        packetNumber: transmission.packetNumber, checksum: 0)
      sentCounts[type, default: 0] += 1
      sentByReceivers[index].add(byteCount: transmission.message.byteCount)
      send(
        .control(transmission.message, header), type, index, isFromSender: false,
        byteCount: transmission.message.byteCount)
    }
    takeEvents(index)
  }

  private mutating func takeEvents(_ index: Int) {
    while let event = receivers[index].pollEvent() {
      receiverEvents[index].append(event)
      if case .canRebuild(let block) = event {
        kept[index].formUnion(parityOwners[index].rebuild(block, held: kept[index]))
        receivers[index].handleRebuilt(block: block, now: now)
      }
      if event == .allChunksHeld {
        if verification == 0 {
          receivers[index].handleVerified(verified: 1, failed: 0, status: .whole, text: "", now: now)
        } else {
          verifiedAt[index] = now + verification
        }
      }
    }
  }

  private mutating func send(
    _ payload: Payload, _ type: MessageType, _ receiver: Int, isFromSender: Bool, byteCount: Int,
    chunk: UInt32? = nil, isRepair: Bool = false
  ) {
    let key = Key(isFromSender: isFromSender, receiver: receiver, type: type)
    let ordinal = ordinals[key, default: 0]
    ordinals[key] = ordinal + 1
    let traffic = Traffic(
      isFromSender: isFromSender, receiver: receiver, type: type, ordinal: ordinal, chunk: chunk,
      isRepair: isRepair, byteCount: byteCount, now: now)
    guard !lose(traffic) else { return }
    for _ in 0..<copies {
      wire.append(
        Envelope(at: now + Self.latency, receiver: receiver, isFromSender: isFromSender, payload: payload))
    }
  }
}
