import Ground
import Session
import Wire

/// A sender in each of its phases, and each event that it can meet.
struct SenderTable {
  enum Kind: String, CaseIterable {
    case unicast = "sender in unicast"
    case group = "sender of a group"
    case oneWay = "one-way sender"

    var phases: [String] {
      self == .oneWay
        ? ["announcing", "sending", "ending", "ended"]
        : ["announcing, nobody came", "announcing", "sending", "ending", "lingering", "ended"]
    }
  }

  /// The receivers that have joined, and the one that has not.
  private static let known: [UInt64] = [1, 2]
  private static let new: UInt64 = 9
  private static let watched: Nanoseconds = .milliseconds(8)

  var kind: Kind
  private var isGroup: Bool { kind == .group }

  enum Event: String, CaseIterable {
    case joinOfNew = "join, new id"
    case joinOfKnown = "join, known id"
    case nackOfNew = "NACK of chunk 0, new id"
    case nackOfKnown = "NACK of chunk 0, known id"
    case nackForSymbols = "NACK with the flag *symbols*, known id"
    case reportOfNew = "report, new id"
    case reportOfKnown = "report, known id"
    case fullOfKnown = "report, known id: its disk is full"
    case roomOfKnown = "report, known id: its disk has room again"
    case completeOfNew = "complete, new id"
    case completeOfKnown = "complete, known id"
    case completeOfLast = "complete of the last peer under way"
    case abortOfNew = "abort, new id"
    case abortOfKnown = "abort, known id"
    case abortOfLast = "abort of the last peer under way"
    case ofSender = "a sender's message"
    case ofOtherSession = "join of another session"
    case fallsBehind = "a known id reports nothing new for 3 s, and is to be left when it is behind"
    case staysFull = "a known id reports each second that its disk is full"
    case time = "nothing arrives"
    case pathLimit = "the host knows of a smaller path"
    case started = "started by its owner"
    case cancelled = "cancelled by its owner"

    /// It is tried in a session that has parity.
    var isOfParity: Bool { self == .nackForSymbols }
  }

  var table: TransitionTable {
    TransitionTable(
      name: kind.rawValue, phases: kind.phases,
      rows: Event.allCases.map { event in
        (event.rawValue, kind.phases.indices.map { cell(of: event, in: $0) })
      })
  }

  // MARK: Phases

  /// A sender with its receivers, and the time.
  private struct Bench {
    var sender: SenderMachine
    var now: Instant
    /// The receivers under way.
    var known: [UInt64]

    mutating func hand(_ message: ControlMessage, session: UInt64 = SessionNetwork.sessionID) {
      sender.handle(
        message, header: SessionNetwork.header(message.type, packet: 0, session: session), now: now)
    }

    mutating func drain(_ departures: inout Departures) {
      sender.handleWake(now: now)
      for _ in 0..<500 {
        guard let one = sender.pollTransmit(now: now) else { return }
        switch one {
        case .control(let message, _, _): departures.note(message.type)
        case .train: departures.note(.data)
        case .repair: departures.note(.repairNotice)
        case .parity, .symbols: departures.note(.parity)
        }
      }
    }

    /// Lets time pass until then, or until the phase changes.
    mutating func run(for nanoseconds: Nanoseconds, endsWithPhase: Bool = false) -> Departures {
      var departures = Departures()
      let end = now + nanoseconds
      let phase = sender.word
      while now < end {
        drain(&departures)
        if endsWithPhase, sender.word != phase { break }
        now = min(end, max(now + .microseconds(100), sender.nextDeadline))
      }
      return departures
    }
  }

  private func bench(in phase: Int, hasParity: Bool, leavesStragglers: Bool = false) -> Bench {
    guard kind != .oneWay else { return Self.oneWayBench(in: phase) }
    // While sending there are more chunks than leave in the time watched.
    let chunkCount: UInt64 = phase == 2 ? 1_000_000 : 10
    var options: AnnounceOptions = isGroup ? .group : []
    if hasParity { options.insert(.parity) }
    let announce = SessionNetwork.announce(fileChunks: chunkCount, options: options)
    let smaller = SessionNetwork.candidate(fileChunks: chunkCount, chunkByteCount: 1_200)
    let known = isGroup ? Self.known : [Self.known[0]]
    let sender = SenderMachine(
      SenderMachine.Configuration(
        sessionID: SessionNetwork.sessionID, announce: announce,
        smaller: [smaller], isGroup: isGroup, receiverCount: phase == 1 ? 3 : known.count,
        controller: .fixed(bitsPerSecond: 20e6), stragglerNanoseconds: leavesStragglers ? .seconds(1) : nil),
      now: .zero)
    var bench = Bench(sender: sender, now: .zero, known: known)
    guard phase > 0 else { return bench }
    _ = bench.run(for: .milliseconds(1))
    // In unicast a join of the largest size begins the session; a join of no size lets it be looked for.
    for id in known { bench.hand(Self.join(id, carries: phase == 1 && !isGroup ? 0 : 1_472)) }
    _ = bench.run(for: .milliseconds(200))
    if phase >= 4 { for id in known { bench.hand(Self.complete(id)) } }
    _ = bench.run(for: phase == 5 ? .seconds(3) : .milliseconds(1))
    return bench
  }

  private static func oneWayBench(in phase: Int) -> Bench {
    let announce = SessionNetwork.announce(
      fileChunks: phase == 1 ? 1_000_000 : 10, options: [.oneWay, .parity])
    let sender = SenderMachine(
      SenderMachine.Configuration(
        sessionID: SessionNetwork.sessionID, announce: announce, controller: .fixed(bitsPerSecond: 20e6),
        rateLimitBitsPerSecond: 20e6, roundCount: 1), now: .zero)
    var bench = Bench(sender: sender, now: .zero, known: [])
    let lengths: [Nanoseconds] = [.milliseconds(1), .milliseconds(200), .milliseconds(200), .seconds(3)]
    _ = bench.run(for: lengths[phase])
    return bench
  }

  // MARK: Cells

  private func cell(of event: Event, in phase: Int) -> String {
    guard event != .fallsBehind else { return stragglerCell(in: phase) }
    guard event != .staysFull else { return fullCell(in: phase) }
    var bench = bench(in: phase, hasParity: event.isOfParity)
    if event == .completeOfLast || event == .abortOfLast, bench.known.count > 1 {
      bench.hand(.abort(Abort(receiverID: bench.known.removeFirst(), reason: .cannotStore)))
      _ = bench.run(for: .milliseconds(1))
    }
    if event == .roomOfKnown {
      hand(.fullOfKnown, to: &bench)
      _ = bench.run(for: .milliseconds(25))
    }
    while bench.sender.pollEvent() != nil {}
    guard event != .time else { return timeCell(bench) }
    var without = bench
    let before = bench.sender
    hand(event, to: &bench)
    let after = bench.sender
    let departures = bench.run(for: Self.watched)
    let text = departures.text(beyond: after.hasEnded ? Departures() : without.run(for: Self.watched))
    var parts = [Self.dropped(before.counters, after.counters)]
    if after.peers.count > before.peers.count { parts.append("makes a peer") }
    while let event = bench.sender.pollEvent() {
      switch event {
      case .peerEnded(_, let outcome): parts.append(Self.word(outcome))
      case .storage(_, let kibibytes):
        parts.append(kibibytes > 0 ? "tells its owner" : "tells its owner; serves it again")
      default: break
      }
    }
    if after.repairsQueued > before.repairsQueued { parts.append("queues the repair") }
    if after.datagramByteCount < before.datagramByteCount { parts.append("smaller datagrams") }
    if after.word != before.word { parts.append("→ **\(after.word)**") }
    parts.append(text)
    return parts.filter { !$0.isEmpty }.joined(separator: "; ")
  }

  /// The others report all that was sent.
  private func stragglerCell(in phase: Int) -> String {
    var bench = bench(in: phase, hasParity: false, leavesStragglers: true)
    while bench.sender.pollEvent() != nil {}
    for _ in 0..<120 {
      let highest = UInt32(truncatingIfNeeded: bench.sender.counters.datagrams &- 1)
      for id in bench.known {
        let held = id == bench.known.last ? 1 : min(bench.sender.nextChunk, bench.sender.shape.chunkCount)
        bench.hand(Self.report(id, highest, held: held))
      }
      let departures = bench.run(for: .milliseconds(25))
      while let event = bench.sender.pollEvent() {
        guard case .peerEnded(_, let outcome) = event else { continue }
        return "\(Self.word(outcome)); sends \(departures.counts[.abort, default: 0]) aborts"
      }
    }
    return ""
  }

  private func fullCell(in phase: Int) -> String {
    var bench = bench(in: phase, hasParity: false)
    guard !bench.known.isEmpty, !bench.sender.hasEnded else { return "" }
    while bench.sender.pollEvent() != nil {}
    let start = bench.now
    for _ in 0..<3_700 {
      hand(.fullOfKnown, to: &bench)
      let departures = bench.run(for: .seconds(1))
      while let event = bench.sender.pollEvent() {
        guard case .peerEnded(let id, let outcome) = event, id == bench.known.last else { continue }
        return "\(Self.word(outcome)) after \(bench.now.seconds(since: start)); "
          + "sends \(departures.counts[.abort, default: 0]) aborts"
      }
    }
    return ""
  }

  private func timeCell(_ bench: Bench) -> String {
    var bench = bench
    let start = bench.now
    let phase = bench.sender.word
    _ = bench.run(for: .seconds(100), endsWithPhase: true)
    guard bench.sender.word != phase else { return "" }
    var text = "→ **\(bench.sender.word)** after \(bench.now.seconds(since: start))"
    if case .ended(let end) = bench.sender.phase, end != .finished { text += " (\(Self.word(end)))" }
    return text
  }

  private func hand(_ event: Event, to bench: inout Bench) {
    let known = bench.known.last ?? 0
    let highest = UInt32(truncatingIfNeeded: bench.sender.counters.datagrams &- 1)
    switch event {
    case .joinOfNew: bench.hand(Self.join(Self.new, carries: 1_472))
    case .joinOfKnown: bench.hand(Self.join(known, carries: 1_472))
    case .nackOfNew: bench.hand(Self.nack(Self.new, highest))
    case .nackOfKnown: bench.hand(Self.nack(known, highest))
    case .nackForSymbols: bench.hand(Self.nack(known, highest, acceptsSymbols: true))
    case .reportOfNew: bench.hand(Self.report(Self.new, highest))
    case .reportOfKnown: bench.hand(Self.report(known, highest))
    case .completeOfNew: bench.hand(Self.complete(Self.new))
    case .completeOfKnown, .completeOfLast: bench.hand(Self.complete(known))
    case .abortOfNew: bench.hand(.abort(Abort(receiverID: Self.new, reason: .cannotStore)))
    case .abortOfKnown, .abortOfLast: bench.hand(.abort(Abort(receiverID: known, reason: .cannotStore)))
    case .ofSender: bench.hand(.close(Close(receiverIDs: [known])))
    case .ofOtherSession: bench.hand(Self.join(Self.new, carries: 1_472), session: 99)
    case .fullOfKnown: bench.hand(Self.report(known, highest, missingKibibytes: 700))
    case .roomOfKnown: bench.hand(Self.report(known, highest))
    case .time, .fallsBehind, .staysFull: break
    case .pathLimit:
      bench.sender.handlePathLimit(SessionNetwork.candidate(fileChunks: 10, chunkByteCount: 1_200))
    case .started: bench.sender.start(now: bench.now)
    case .cancelled: bench.sender.cancel(reason: .internal, text: "")
    }
  }
}

extension SenderMachine {
  /// The phase, without how it ended.
  fileprivate var word: String {
    switch phase {
    case .announcing: "announcing"
    case .sending: "sending"
    case .ending: "ending"
    case .lingering: "lingering"
    case .ended: "ended"
    }
  }
}
