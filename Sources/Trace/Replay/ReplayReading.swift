/// Collects the datagrams of a trace, record by record.
struct ReplayReading {
  private(set) var role = TraceRole.receiver
  private(set) var session: TraceSummary.Session?
  private(set) var steps: [ReplayStep] = []
  private(set) var effects: [ReplayEffect] = []
  private(set) var files: [TracedFile] = []
  private(set) var outcome: String?
  private(set) var start = 0.0
  private(set) var end = 0.0
  private var nackCount: UInt32 = 0
  /// The packet number after the highest of the other side's chunks and messages.
  private var expected: UInt32?
  /// The last step is the one with which the session began.
  private var isBeginning = false
  private var heldByReceiver: [String: UInt64] = [:]
  /// A trace of this number of datagrams takes 320 MB.
  static let stepLimit = 10_000_000
  /// Numbers may run ahead by this; a larger step is no gap.
  private static let gapLimit: UInt32 = 1_000_000
  private static let receiverLimit = 100_000

  /// Chunks that all effects may name together: a file may name all there can be, again and again.
  private static let affectedLimit: UInt64 = 1 << 28
  private var affectedCount: UInt64 = 0

  /// The rest is left out.
  var isFull: Bool {
    steps.count >= Self.stepLimit || effects.count >= 4 * Self.stepLimit
      || affectedCount >= Self.affectedLimit
  }

  mutating func add(_ record: TraceRecord) {
    end = max(end, record.time)
    let data = record.data
    switch record.event {
    case .sessionStarted: begin(data, record.time)
    case .datagramSent: append(.sent, data, record.time)
    case .datagramReceived: append(.received, data, record.time)
    case .datagramDropped:
      let isOutgoing = data.direction == TraceDirection.outgoing.rawValue
      switch data.cause {
      case "other_session", "session_over": break
      case "random_loss", "listed", "queue_overflow":
        append(isOutgoing ? .droppedOutgoing : .droppedIncoming, data, record.time)
      default: append(.damaged, data, record.time)
      }
    case .nackSent where role == .receiver, .nackReceived where role == .sender: affect(.asked, data.ranges)
    case .chunksUpdated:
      guard let change = data.cause.flatMap(TracedChunkChange.init) else { break }
      switch change {
      case .resumed: affect(.resumed, data.ranges)
      case .rebuilt: affect(.rebuilt, data.ranges)
      case .forgotten: affect(.forgotten, data.ranges)
      }
    case .filesNamed:
      guard files.count < TracedFile.limit else { break }
      files += (data.files ?? []).map(\.file)
    case .metricsUpdated: if role == .sender { note(data) }
    case .sessionEnded: outcome = data.outcome
    case .nackSent, .nackReceived, .phaseChanged, nil: break
    }
  }

  /// A receiver's session begins with the chunk that arrived last.
  private mutating func begin(_ data: TraceRecord.Fields, _ time: Double) {
    if session == nil { start = time }
    session = TraceSummary.Session(data)
    role = data.role == TraceRole.sender.rawValue ? .sender : .receiver
    files = []
    let beginning = steps.last.flatMap { role == .receiver && $0.event == .received ? $0 : nil }
    if beginning != nil {
      steps.removeLast()
      effects.removeSubrange(Int(beginning?.firstEffect ?? 0)...)
    }
    effects.append(ReplayEffect(kind: .began))
    if var beginning {
      beginning.firstEffect = UInt32(effects.count)
      steps.append(beginning)
    }
    isBeginning = beginning != nil
  }

  private mutating func append(_ event: ReplayStep.Event, _ data: TraceRecord.Fields, _ time: Double) {
    guard !isFull else { return }
    var step = ReplayStep(
      milliseconds: time, packetNumber: UInt32(truncatingIfNeeded: data.packetNumber ?? 0),
      chunk: UInt32(clamping: data.chunk ?? 0), firstEffect: UInt32(effects.count),
      byteCount: UInt16(clamping: data.raw?.length ?? 0), event: event, kind: ReplayStep.Kind(data.type),
      symbol: UInt8(clamping: data.symbol ?? 0), isRepair: data.isRepair == true)
    if step.kind == .nack {
      if event == .sent || event == .received { nackCount += 1 }
      // One that was dropped before it was received has no number.
      step.chunk = event == .droppedIncoming ? 0 : nackCount
    }
    if role == .receiver, event == .received || event == .droppedIncoming { follow(&step) }
    steps.append(step)
    isBeginning = false
  }

  /// Compares the packet number of a sender's datagram with those before it.
  private mutating func follow(_ step: inout ReplayStep) {
    let ahead = step.packetNumber &- (expected ?? step.packetNumber)
    if ahead < Self.gapLimit {
      step.gap = ahead
      expected = step.packetNumber &+ 1
    } else {
      step.isLate = true
    }
  }

  /// A file may have any numbers. What lies outside the set is left out when a state is made.
  private mutating func affect(_ kind: ReplayEffect.Kind, _ ranges: [[UInt64]]?) {
    guard !isFull else { return }
    for pair in ranges ?? [] where pair.count == 2 && pair[0] <= UInt64(UInt32.max) {
      let effect = ReplayEffect(kind: kind, first: UInt32(pair[0]), count: UInt32(clamping: pair[1]))
      affectedCount += UInt64(effect.count)
      guard affectedCount < Self.affectedLimit else { break }
      effects.append(effect)
    }
    // What was here already was here before the first chunk.
    if kind == .resumed, isBeginning { steps[steps.count - 1].firstEffect = UInt32(effects.count) }
  }

  /// What a receiver reports to this sender.
  private mutating func note(_ data: TraceRecord.Fields) {
    guard let receiver = data.receiver, let held = data.chunksHeld else { return }
    guard heldByReceiver[receiver] != nil || heldByReceiver.count < Self.receiverLimit else { return }
    heldByReceiver[receiver] = held
    let all = session?.chunkCount ?? 0
    guard all > 0, held >= all, heldByReceiver.values.allSatisfy({ $0 >= all }), !isFull
    else { return }
    effects.append(ReplayEffect(kind: .settled))
  }
}
