package import Ground
import Wire

extension SenderMachine {
  /// Repairs that are worth a notice of their own at once; fewer wait for others to join them.
  private static let repairsAtOnce: UInt64 = 8
  /// While the first pass goes on: how long repairs wait for others to join them, at least.
  private static let firstPassGatherNanoseconds: Nanoseconds = .milliseconds(3)
  /// Pacing may catch up this much after a late wake-up; also how much leaves in one train.
  private static let burstNanoseconds: Nanoseconds = .milliseconds(2)
  private static let trainNanoseconds: Nanoseconds = .microseconds(250)
  /// *end* datagrams behind what was sent last: as many as make a loss of it certain, the packet threshold of RFC 9002 §6.1.1.
  private static let endsInRow = 3

  var isFirstPassDone: Bool { nextChunk >= shape.chunkCount }
  var mayRepair: Bool { isFirstPassDone || repairAllowance > 0 }
  var hasChunksToSend: Bool { !isFirstPassDone || !repairs.isEmpty || pendingRepair != nil }

  /// When the queued repairs may go: several share a notice, and in a group one repair serves all who ask for it.
  var repairsReadyAt: Instant { isFirstPassDone ? repairsGatheredAt : .zero }

  /// The same, when nothing but repairs may go.
  var repairsGatheredAt: Instant {
    if pendingRepair != nil { return .zero }
    // In unicast, while the first pass goes on, repairs wait for a whole train: nobody waits for them, and each train has a
    // notice of its own. A group's receivers would ask again.
    let waits = !isFirstPassDone && !configuration.isGroup
    let enough = waits ? max(Self.repairsAtOnce, UInt64(trainDatagramLimit)) : Self.repairsAtOnce
    if repairs.count >= enough { return .zero }
    if repairs.isEmpty { return .never }
    let gathering = gatherNanoseconds
    return repairs.oldestAt + (waits ? max(gathering, Self.firstPassGatherNanoseconds) : gathering)
  }

  private var gatherNanoseconds: Nanoseconds {
    configuration.isGroup
      ? min(max(grttNanoseconds / 2, .milliseconds(1)), .milliseconds(100))
      : min(grttNanoseconds / 4, .milliseconds(5))
  }

  /// The next thing to send, until nil.
  package mutating func pollTransmit(now: Instant) -> SenderTransmission? {
    if let abort = aborts.popLast() { return control(.abort(abort), now: now) }
    if hasEnded { return nil }
    if !closeDue.isEmpty {
      let count = min(closeDue.count, Close.maxReceivers(datagramByteCount: 1_200))
      let close = Close(receiverIDs: Array(closeDue.prefix(count)))
      closeDue.removeFirst(count)
      return control(.close(close), now: now)
    }
    // Between a notice and its repairs nothing else may take a packet number.
    if pendingRepair == nil, timers.isDue(.announce, now: now), phase != .lingering {
      return takeAnnounce(now: now)
    }
    guard phase == .sending || phase == .ending else { return nil }
    if let train = takeTrain(now: now) { return train }
    if pendingRepair == nil { return takeEnd(now: now) }
    return nil
  }

  private mutating func control(
    _ message: ControlMessage, flags: DatagramFlags = [], now: Instant
  ) -> SenderTransmission {
    let packet = ledger.append(datagramCount: 1, carriesChunks: false, now: now)
    counters.controlDatagrams += 1
    return .control(message, flags: flags, packetNumber: UInt32(truncatingIfNeeded: packet))
  }

  private mutating func takeAnnounce(now: Instant) -> SenderTransmission {
    var announce = candidate.announce
    var flags: DatagramFlags = []
    var isRoundOver = true
    if phase == .announcing, let next = probe?.next(timestamp: now.timestamp) {
      announce.datagramByteCount = next.byteCount
      isRoundOver = next.isLast
      if probe?.isProvisional ?? false { flags = .provisional }
    }
    if phase == .sending, awaitsBeginning {
      // Without the announce that holds a receiver has dropped what was sent so far: it is not in flight.
      if hasAnnouncedBeginning { writeOffFlight(now: now) }
      hasAnnouncedBeginning = true
    }
    announce.timestamp = now.timestamp
    announce.grttCode = GrttCode(nanoseconds: grttNanoseconds)
    announce.groupSize = groupSize
    timers[.announce] = isRoundOver ? now + announceNanoseconds : now
    return control(.announce(announce), flags: flags, now: now)
  }

  /// Every 50 ms while somebody is waited for, and until the announce that holds has come; while sizes are tried, when
  /// the answers must be here; then twice a second for who comes late or was started anew.
  private var announceNanoseconds: Nanoseconds {
    if phase == .announcing {
      return probe?.isSearching ?? false ? max(2 * grttNanoseconds, .milliseconds(20)) : .milliseconds(50)
    }
    return awaitsBeginning ? max(2 * grttNanoseconds, .milliseconds(50)) : .milliseconds(500)
  }

  /// A train of repairs or of first-pass chunks, or the notice that goes before repairs.
  private mutating func takeTrain(now: Instant) -> SenderTransmission? {
    guard hasChunksToSend else {
      idleUntilPacket = ledger.nextPacket
      return nil
    }
    if let repair = pendingRepair {
      pendingRepair = nil
      return send(repair, now: now)
    }
    guard now >= nextTrainAt else { return nil }
    let isGathered = !repairs.isEmpty && now >= repairsGatheredAt && mayRepair
    guard isWindowOpen(forRepairs: isGathered) else { return nil }
    let limit = trainDatagramLimit
    if isGathered {
      let allowed = isFirstPassDone ? limit : min(limit, Int(clamping: repairAllowance))
      return takeNotice(limit: allowed, now: now)
    }
    guard !isFirstPassDone else { return nil }
    let count = min(UInt64(limit), shape.chunkCount - nextChunk)
    let run = ChunkRange(first: UInt32(nextChunk), count: UInt32(count))
    nextChunk += count
    if isFirstPassDone { firstPassEndedAt = now }
    return send(Train(firstPacketNumber: 0, isRepair: false, runs: [run], grttCode: grttCode), now: now)
  }

  /// R of RFC 5401: the receivers that report, or that joined while nothing has been reported; or those expected.
  var groupSize: UInt32 {
    let expected = configuration.receiverCount == Self.anyNumberOfReceivers ? 1 : configuration.receiverCount
    return UInt32(clamping: max(expected, hasActiveBegun ? activeIndices.count : underWayCount))
  }

  private var grttCode: GrttCode { GrttCode(nanoseconds: grttNanoseconds) }

  /// Datagrams in a train: what the pace allows in 250 µs, so that a burst is bounded by time as well as by count; and no
  /// more than the first window has.
  private var trainDatagramLimit: Int {
    let byTime = datagramsPerSecond * Double(Self.trainNanoseconds) / 1e9
    let window = Int(clamping: controller.windowCount)
    return max(1, min(trainDatagramCount, window, byTime < 1e6 ? Int(byTime) : .max))
  }

  private mutating func takeNotice(limit: Int, now: Instant) -> SenderTransmission {
    let firstPacket = ledger.nextPacket + 1
    let runs = repairs.take(
      maximumCount: limit, maximumRuns: max(1, RepairNotice.maxEntries(datagramByteCount: datagramByteCount)),
      firstPacket: firstPacket, now: now)
    var entries: [RepairEntry] = []
    var packet = firstPacket
    for run in runs {
      entries.append(
        RepairEntry(
          firstChunk: run.first, count: run.count, firstPacketNumber: UInt32(truncatingIfNeeded: packet)))
      packet += UInt64(run.count)
    }
    pendingRepair = Train(firstPacketNumber: 0, isRepair: true, runs: runs, grttCode: grttCode)
    counters.noticesSent += 1
    return control(
      .repairNotice(RepairNotice(timestamp: now.timestamp, grttCode: grttCode, entries: entries)), now: now)
  }

  private mutating func send(_ train: Train, now: Instant) -> SenderTransmission {
    var train = train
    let count = UInt64(train.chunkCount)
    train.firstPacketNumber = ledger.append(datagramCount: count, carriesChunks: true, now: now)
    if train.isRepair { counters.repairDatagrams += count } else { counters.firstDatagrams += count }
    if train.isRepair {
      repairAllowance -= min(repairAllowance, count)
    } else {
      repairAllowance = min(repairAllowance + count, Self.firstRepairAllowance)
    }
    if phase == .ending { endsDue = Self.endsInRow }
    let earliest =
      now.nanoseconds > Self.burstNanoseconds
      ? Instant(nanoseconds: now.nanoseconds - Self.burstNanoseconds) : .zero
    nextTrainAt = max(nextTrainAt, earliest) + Nanoseconds(Double(count) / datagramsPerSecond * 1e9)
    checkCost(now: now)
    return .train(train)
  }

  /// A receiver that still reports but does not answer *end* does not hear us: its path mends sooner seen often.
  private var endsWhenHeardNanoseconds: Nanoseconds {
    max(.milliseconds(50), min(grttNanoseconds, .milliseconds(250)))
  }

  private func isAnyoneHeard(now: Instant) -> Bool {
    peers.contains { $0.isUnderWay && now - $0.lastHeardAt < .seconds(1) }
  }

  /// *end*, three behind the last chunk and behind the last of each batch of repairs, so that a receiver finds what is
  /// lost of them without a timer; then one each GRTT until each receiver's outcome is known, slower when nothing answers.
  private mutating func takeEnd(now: Instant) -> SenderTransmission? {
    guard isFirstPassDone, repairs.isEmpty else { return nil }
    if phase == .sending {
      phase = .ending
      endsDue = Self.endsInRow
    }
    guard endsDue > 0 || timers.isDue(.end, now: now) else { return nil }
    endsDue = max(0, endsDue - 1)
    if endsDue == 0 { endsSinceProgress += 1 }
    let interval = max(grttNanoseconds, .milliseconds(2)) << UInt64(min(max(endsSinceProgress - 6, 0), 8))
    timers[.end] =
      now + min(interval, isAnyoneHeard(now: now) ? endsWhenHeardNanoseconds : .milliseconds(250))
    counters.endsSent += 1
    defer { endRound &+= 1 }
    return control(
      .end(
        End(
          round: endRound, timestamp: now.timestamp, totalChunkCount: shape.chunkCount,
          grttCode: grttCode)), now: now)
  }
}
