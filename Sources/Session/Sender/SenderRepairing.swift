import Ground
import Wire

/// How trains leave, and the notices of repairs, Specs/chunked-udp.md §6.6.
extension SenderSession {
  private var grttCode: GrttCode { GrttCode(nanoseconds: peers.grttNanoseconds) }

  /// How long a queued repair waits for others. A notice silences members that have not asked yet, and a
  /// symbol serves several of them: symbols wait until these have asked, chunks only for a common notice.
  /// A single receiver waits for its repairs only behind the first pass, where the path has room for them. In
  /// a group all wait there; symbols that left meanwhile count for whoever asks later.
  var gatheringNanoseconds: Nanoseconds {
    let grtt = peers.grttNanoseconds
    guard isGroup else {
      return chunks.isFirstPassDone ? 0 : min(max(grtt / 4, .milliseconds(3)), .milliseconds(5))
    }
    if chunks.isFirstPassDone, chunks.blocks != nil { return .milliseconds(1) }
    return min(max(grtt / (chunks.blocks == nil ? 8 : 2), .milliseconds(1)), .milliseconds(100))
  }

  /// A notice and what it promises: symbols or chunks, whichever were asked for earlier.
  mutating func takeRepairs(now: Instant) -> SenderTransmission {
    let limit = pace.repairTrainDatagramLimit(peers)
    let firstPacket = line.ledger.nextPacket + 1
    let maximumRuns = max(1, RepairNotice.maxEntries(datagramByteCount: datagramByteCount))
    let symbols = chunks.takeSymbols(
      maximumCount: limit, maximumRuns: maximumRuns, firstPacket: firstPacket, now: now)
    guard symbols.isEmpty else { return send(symbols, firstPacket: firstPacket, now: now) }
    let runs = chunks.takeRepairs(
      maximumCount: limit, maximumRuns: maximumRuns, firstPacket: firstPacket, now: now)
    var entries: [RepairEntry] = []
    var packet = firstPacket
    for run in runs {
      entries.append(
        RepairEntry(
          firstChunk: run.first, count: run.count, firstPacketNumber: UInt32(truncatingIfNeeded: packet)))
      packet += UInt64(run.count)
    }
    let notice = RepairNotice(timestamp: now.timestamp, grttCode: grttCode, entries: entries)
    let packetNumber = takeNoticePacket(now: now)
    return .repair(
      notice, packetNumber: packetNumber, send(runs, isRepair: true, now: now))
  }

  /// A notice and its symbols.
  private mutating func send(
    _ runs: [SymbolRun], firstPacket: UInt64, now: Instant
  ) -> SenderTransmission {
    var packet = firstPacket
    let entries = runs.map { run in
      defer { packet += UInt64(run.count) }
      return RepairEntry(
        firstChunk: UInt32(run.block.firstChunk), count: UInt32(run.count),
        firstPacketNumber: UInt32(truncatingIfNeeded: packet))
    }
    let notice = RepairNotice(
      timestamp: now.timestamp, grttCode: grttCode, form: .parity, entries: entries)
    let noticePacket = takeNoticePacket(now: now)
    return .parity(notice, packetNumber: noticePacket, sendSymbols(runs, now: now))
  }

  /// The next datagrams of a one-way session.
  mutating func send(_ cargo: Carousel.Cargo, now: Instant) -> SenderTransmission {
    switch cargo {
    case .chunks(let range) where UInt64(range.first) == chunks.next:
      return .train(send([chunks.takeFirst(maximumCount: Int(range.count))], isRepair: false, now: now))
    case .chunks(let range):
      chunks.noteUnasked(UInt64(range.count))
      return .train(send([range], isRepair: true, now: now))
    case .symbols(let runs):
      let train = sendSymbols(runs, now: now)
      chunks.noteUnasked(UInt64(train.symbolCount))
      return .symbols(train)
    }
  }

  private mutating func sendSymbols(_ runs: [SymbolRun], now: Instant) -> SymbolTrain {
    let count = runs.reduce(0) { $0 + UInt64($1.count) }
    let train = SymbolTrain(
      firstPacketNumber: line.takePackets(count: count, .parity, now: now), runs: runs, grttCode: grttCode)
    noteSent(count, now: now)
    return train
  }

  /// Every chunk was sent once. In a group with parity, symbols follow at once for what left within the last
  /// round trips: otherwise each receiver would wait for its turn to ask.
  mutating func beginTail(now: Instant) {
    pace.noteEnding(line.ledger, endsSearch: isGroup && chunks.blocks != nil, now: now)
    guard isGroup, chunks.blocks != nil else { return }
    // A receiver's longest backoff, and the way of its NACK.
    let roundTrips = NackBackoff.grttMultiple(groupSize: peers.groupSize) + 1
    let seconds = roundTrips * Double(peers.grttNanoseconds) / 1e9
    chunks.beginTail(
      count: UInt64(saturating: pace.datagramsPerSecond(peers) * seconds), nextPacket: line.ledger.nextPacket)
    coverTail(now: now)
  }

  /// As many symbols as the loss asks for that the newest reports tell of.
  mutating func coverTail(now: Instant) {
    guard isGroup, chunks.blocks != nil else { return }
    chunks.coverTail(
      loss: peers.largestRecentLoss, receiverCount: Double(peers.groupSize), now: now)
  }

  /// The reports about the last chunks arrive within this time.
  var tailNanoseconds: Nanoseconds { 3 * peers.grttNanoseconds }

  /// A train of chunks.
  mutating func send(_ runs: [ChunkRange], isRepair: Bool, now: Instant) -> Train {
    let count = runs.reduce(0) { $0 + UInt64($1.count) }
    let train = Train(
      firstPacketNumber: line.takePackets(count: count, isRepair ? .repair : .first, now: now),
      isRepair: isRepair, runs: runs, grttCode: grttCode)
    noteSent(count, now: now)
    return train
  }

  private mutating func noteSent(_ count: UInt64, now: Instant) {
    pace.noteSent(count, peers, line.ledger, now: now)
    checkCost(now: now)
  }

  /// The number of a notice that leaves now.
  private mutating func takeNoticePacket(now: Instant) -> UInt32 {
    line.counters.noticesSent += 1
    return line.takeControlPacket(now: now)
  }
}
