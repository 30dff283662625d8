import Accounting
import Ground
import Session
import Wire

/// A receiver in each of its phases, and each event that it can meet.
struct ReceiverTable {
  static let phases = [
    "listening, nothing heard", "listening, announced", "receiving", "verifying", "completing", "ended",
  ]

  private static let watched: Nanoseconds = .milliseconds(8)
  private static let receiverID: UInt64 = 7
  /// Two of the manifest, and the file's.
  private static let chunkCount: UInt32 = 12
  private static let grtt = GrttCode(nanoseconds: 10_000_000)

  enum Event: String, CaseIterable {
    case announce = "announce"
    case impossibleAnnounce = "announce of an impossible set"
    case newChunk = "data: a chunk that is missing"
    case lastChunk = "data: the last chunk"
    case heldChunk = "data: chunk 0"
    case noRoom = "data: no room for the chunk"
    case impossibleChunk = "data: a chunk beyond the set"
    case samePacket = "a packet number that was here"
    case dataOfOther = "data of another session"
    case notice = "repair notice"
    case symbol = "parity: a symbol of a block with missing chunks"
    case needlessSymbol = "parity: a symbol of a whole block"
    case impossibleSymbol = "parity: a symbol of no block"
    case symbolNotice = "repair notice of symbols"
    case end = "end, total as announced"
    case otherEnd = "end, another total"
    case close = "close with this id"
    case otherClose = "close without this id"
    case abort = "abort to this id or to all"
    case otherAbort = "abort to another id"
    case ofReceiver = "a receiver's message"
    case ofOtherSession = "end of another session"
    case verified = "the owner has verified the files"
    case rebuilt = "the owner has rebuilt the block"
    case forgotten = "the owner cannot use chunk 0"
    case refused = "the owner refuses the set"
    case cancelled = "cancelled by its owner"
    case full = "the owner's disk is full"
    case room = "the owner's disk has room again"
    case silence = "nothing arrives"
    case noChunks = "only *end* arrives"
    case noChunksAndFull = "only *end* arrives, the owner's disk is full"

    /// It is tried in a session that has parity.
    var isOfParity: Bool {
      switch self {
      case .symbol, .needlessSymbol, .impossibleSymbol, .symbolNotice, .rebuilt: true
      default: false
      }
    }
  }

  var table: TransitionTable {
    TransitionTable(
      name: "receiver", phases: Self.phases,
      rows: Event.allCases.map { event in
        (event.rawValue, Self.phases.indices.map { Self.cell(of: event, in: $0) })
      })
  }

  // MARK: Phases

  private struct Bench {
    var receiver: ReceiverMachine
    var now: Instant
    var packet: UInt32 = 0
    /// Chunks that were here before the event.
    var heldCount: UInt32 = 0

    mutating func hand(_ message: ControlMessage, session: UInt64 = SessionNetwork.sessionID) {
      receiver.handle(
        message, header: SessionNetwork.header(message.type, packet: packet, session: session),
        byteCount: 1_000, now: now)
      packet += 1
    }

    mutating func data(_ chunk: UInt32, canKeep: Bool = true, session: UInt64 = SessionNetwork.sessionID) {
      _ = receiver.handleData(
        sessionID: session, packetNumber: packet, chunkIndex: chunk, timestamp: now.timestamp, grttCode: grtt,
        isRepair: false, byteCount: 1_472, canKeep: canKeep, now: now)
      packet += 1
    }

    /// A symbol of the block that has the last four chunks, or of another.
    mutating func symbol(_ index: UInt8, first: UInt32 = chunkCount - 4) {
      let parity = ParityHeader(
        firstChunk: first, timestamp: now.timestamp, grttCode: grtt, symbolIndex: index, blockChunkCount: 4,
        blockStride: 1)
      _ = receiver.handleParity(
        parity, header: SessionNetwork.header(.parity, packet: packet), byteCount: 1_472, canKeep: true,
        now: now)
      packet += 1
    }

    mutating func verify() {
      receiver.handleVerified(verified: 1, failed: 0, status: .whole, text: "", now: now)
    }

    /// Lets time pass until then, or until the phase changes.
    mutating func run(
      for nanoseconds: Nanoseconds, endsWithPhase: Bool = false, each second: (inout Bench) -> Void = { _ in }
    ) -> Departures {
      var departures = Departures()
      let end = now + nanoseconds
      let phase = receiver.word
      var nextSecond = now
      while now < end {
        if now >= nextSecond {
          second(&self)
          nextSecond = nextSecond + .seconds(1)
        }
        receiver.handleWake(now: now)
        receiver.detectLosses(now: now)
        while let one = receiver.pollTransmit(now: now) { departures.note(one.message.type) }
        if endsWithPhase, receiver.word != phase { break }
        now = min(end, min(nextSecond, max(now + .microseconds(100), receiver.nextDeadline)))
      }
      return departures
    }
  }

  private static func announce(hasParity: Bool) -> Announce {
    SessionNetwork.announce(
      fileChunks: UInt64(chunkCount) - 2, options: hasParity ? .parity : [], parity: (4, 9, 1))
  }

  private static func bench(in phase: Int, lacking: UInt32, hasParity: Bool) -> Bench {
    var bench = Bench(
      receiver: ReceiverMachine(
        ReceiverMachine.Configuration(receiverID: receiverID, hostName: "here", usesParity: true)),
      now: .zero)
    guard phase > 0 else { return bench }
    bench.hand(.announce(announce(hasParity: hasParity)))
    _ = bench.run(for: .milliseconds(10))
    guard phase > 1 else { return bench }
    bench.heldCount = phase == 2 ? chunkCount - lacking : chunkCount
    for chunk in 0..<bench.heldCount { bench.data(chunk) }
    if phase > 3 { bench.verify() }
    _ = bench.run(for: .milliseconds(10))
    if phase > 4 { bench.hand(.close(Close(receiverIDs: [receiverID]))) }
    return bench
  }

  // MARK: Cells

  private static func cell(of event: Event, in phase: Int) -> String {
    var bench = bench(
      in: phase, lacking: event == .lastChunk ? 1 : 4, hasParity: event.isOfParity)
    switch event {
    case .newChunk, .lastChunk, .noRoom, .symbol: if bench.heldCount == chunkCount { return "" }
    case .rebuilt: for symbol in 0..<4 as Range<UInt8> where phase == 2 { bench.symbol(symbol) }
    case .silence: return timeCell(bench) { _ in }
    case .noChunks: return timeCell(bench) { $0.hand(.end(end(UInt64(chunkCount)))) }
    case .noChunksAndFull:
      bench.receiver.handleStorage(missingKibibytes: 700, now: bench.now)
      return timeCell(bench) { $0.hand(.end(end(UInt64(chunkCount)))) }
    case .room:
      bench.receiver.handleStorage(missingKibibytes: 700, now: bench.now)
      _ = bench.run(for: .milliseconds(10))
    default: break
    }
    var without = bench
    let before = bench.receiver
    hand(event, to: &bench)
    let after = bench.receiver
    let departures = bench.run(for: watched)
    var parts = [counted(before.counters, after.counters)]
    if after.isAnnounced(SessionNetwork.sessionID), !before.isAnnounced(SessionNetwork.sessionID) {
      parts.append("makes a candidate")
    }
    if !after.isAnnounced(SessionNetwork.sessionID), before.isAnnounced(SessionNetwork.sessionID) {
      parts.append(after.hasEnded || after.sessionID != 0 ? "" : "forgets the candidate")
    }
    if after.phase != before.phase { parts.append("→ **\(after.word)**" + ending(after.phase)) }
    parts.append(departures.text(beyond: after.hasEnded ? Departures() : without.run(for: watched)))
    return parts.filter { !$0.isEmpty }.joined(separator: "; ")
  }

  private static func timeCell(_ bench: Bench, each second: (inout Bench) -> Void) -> String {
    var bench = bench
    let start = bench.now
    let phase = bench.receiver.word
    _ = bench.run(for: .seconds(700), endsWithPhase: true, each: second)
    guard bench.receiver.word != phase else { return "" }
    guard bench.receiver.phase != .listening else {
      return "forgets the candidate after \(bench.now.seconds(since: start))"
    }
    return
      "→ **\(bench.receiver.word)**\(ending(bench.receiver.phase)) after \(bench.now.seconds(since: start))"
  }

  private static func hand(_ event: Event, to bench: inout Bench) {
    switch event {
    case .announce: bench.hand(.announce(SessionNetwork.announce(fileChunks: UInt64(chunkCount) - 2)))
    case .impossibleAnnounce: bench.hand(.announce(SessionNetwork.announce(fileChunks: 1 << 33)))
    case .newChunk, .lastChunk: bench.data(min(bench.heldCount, chunkCount - 1))
    case .heldChunk: bench.data(0)
    case .noRoom: bench.data(min(bench.heldCount, chunkCount - 1), canKeep: false)
    case .impossibleChunk: bench.data(chunkCount)
    case .samePacket:
      if bench.packet > 0 { bench.packet -= 1 }
      bench.hand(.end(end(UInt64(chunkCount))))
    case .dataOfOther: bench.data(0, session: 99)
    case .notice:
      let entry = RepairEntry(firstChunk: 0, count: 1, firstPacketNumber: bench.packet + 1)
      bench.hand(.repairNotice(RepairNotice(timestamp: 0, grttCode: grtt, entries: [entry])))
    case .symbol: bench.symbol(0)
    case .needlessSymbol: bench.symbol(0, first: 0)
    case .impossibleSymbol: bench.symbol(0, first: 1)
    case .symbolNotice:
      let entry = RepairEntry(firstChunk: 8, count: 1, firstPacketNumber: bench.packet + 1)
      bench.hand(.repairNotice(RepairNotice(timestamp: 0, grttCode: grtt, form: .parity, entries: [entry])))
    case .rebuilt: bench.receiver.handleRebuilt(block: 2, now: bench.now)
    case .end: bench.hand(.end(end(UInt64(chunkCount))))
    case .otherEnd: bench.hand(.end(end(UInt64(chunkCount) + 1)))
    case .close: bench.hand(.close(Close(receiverIDs: [receiverID])))
    case .otherClose: bench.hand(.close(Close(receiverIDs: [8])))
    case .abort: bench.hand(.abort(Abort(receiverID: 0, reason: .internal)))
    case .otherAbort: bench.hand(.abort(Abort(receiverID: 8, reason: .internal)))
    case .ofReceiver:
      bench.hand(
        .join(
          Join(
            receiverID: 8, echoedTimestamp: 0, holdMicroseconds: 0, receiveBufferByteCount: 0,
            largestAnnounceByteCount: 0, hostName: "")))
    case .ofOtherSession: bench.hand(.end(end(UInt64(chunkCount))), session: 99)
    case .verified: bench.verify()
    case .forgotten: bench.receiver.forget(0..<1)
    case .refused:
      bench.receiver.refuse(
        sessionID: SessionNetwork.sessionID, reason: .cannotStore, text: "", now: bench.now)
    case .cancelled: bench.receiver.cancel(reason: .internal, text: "", now: bench.now)
    case .full: bench.receiver.handleStorage(missingKibibytes: 700, now: bench.now)
    case .room: bench.receiver.handleStorage(missingKibibytes: 0, now: bench.now)
    case .silence, .noChunks, .noChunksAndFull: break
    }
  }

  private static func end(_ total: UInt64) -> End {
    End(round: 0, timestamp: 0, totalChunkCount: total, grttCode: grtt)
  }

  // MARK: Words

  private static func counted(_ before: ReceiverCounters, _ after: ReceiverCounters) -> String {
    let kinds: [(KeyPath<ReceiverCounters, UInt64>, String)] = [
      (\.malformedDatagrams, "malformed"), (\.strayDatagrams, "stray"), (\.new.count, "kept"),
      (\.parity.count, "kept"), (\.rebuiltChunks, "rebuilt"),
      (\.duplicate.count, "duplicate"), (\.late.count, "late"), (\.refused.count, "refused"),
      (\.control.count, "noted"), (\.foreign.count, "foreign"), (\.forgottenChunks, "missing again"),
    ]
    return kinds.first { after[keyPath: $0.0] > before[keyPath: $0.0] }?.1 ?? ""
  }

  private static func ending(_ phase: ReceiverMachine.Phase) -> String {
    guard case .ended(let end) = phase else { return "" }
    switch end {
    case .completed(_, confirmed: true): return " (completed, confirmed)"
    case .completed(_, confirmed: false): return " (completed, unconfirmed)"
    case .aborted: return " (aborted)"
    case .senderSilent: return " (sender silent)"
    case .senderDone: return " (sender done)"
    case .senderStalled: return " (sender stalled)"
    case .cancelled: return " (cancelled)"
    }
  }
}

extension ReceiverMachine {
  /// The phase, without how it ended; while listening, whether a session was announced.
  fileprivate var word: String {
    switch phase {
    case .listening: isAnnounced(SessionNetwork.sessionID) ? "announced" : "listening"
    case .receiving: "receiving"
    case .verifying: "verifying"
    case .completing: "completing"
    case .ended: "ended"
    }
  }
}
