import Accounting
import Ground
import Wire

/// What a receiver needs in every phase: counters, events, randomness, and its last words.
struct ReceiverLine: Sendable {
  /// Equal aborts: at least one of three arrives nearly always.
  private static let abortCount = 3

  let configuration: ReceiverMachine.Configuration
  var counters = ReceiverCounters()
  /// NACKs sent, and what became of them.
  var nacks = NackLedger()
  private(set) var generator: SplitMix64
  private var events = Queue<ReceiverEvent>()
  /// For a session that has ended here, or that was refused. The next one to leave is the last.
  private var lastWords: [ReceiverTransmission] = []

  init(_ configuration: ReceiverMachine.Configuration) {
    self.configuration = configuration
    generator = SplitMix64(seed: configuration.seed ^ configuration.receiverID)
  }

  // MARK: Events

  var hasEvents: Bool { !events.isEmpty }

  mutating func note(_ event: ReceiverEvent) { events.append(event) }

  mutating func note(_ change: BlockLedger.Change) {
    switch change {
    case .canRebuild(let block): note(ReceiverEvent.canRebuild(block: block))
    case .isWhole(let block): note(ReceiverEvent.symbolsUnneeded(block: block))
    }
  }

  mutating func pollEvent() -> ReceiverEvent? {
    let event = events.first
    events.removeFirst()
    return event
  }

  // MARK: Last words

  var hasLastWords: Bool { !lastWords.isEmpty }

  func aborts(_ reason: AbortReason, _ text: String) -> [ControlMessage] {
    let abort = Abort(receiverID: configuration.receiverID, reason: reason, text: text)
    return Array(repeating: .abort(abort), count: Self.abortCount)
  }

  /// What the owner's verification found; it is sent with the newest echo.
  func complete(_ verified: UInt32, _ failed: UInt32, _ status: CompleteStatus, _ text: String) -> Complete {
    Complete(
      receiverID: configuration.receiverID, echoedTimestamp: 0, holdMicroseconds: 0,
      verifiedFileCount: verified, failedFileCount: failed, status: status, text: text)
  }

  /// Leaves behind all other last words.
  mutating func say(_ word: ReceiverTransmission) { lastWords.insert(word, at: 0) }

  /// Leaves in place of all other last words.
  mutating func sayOnly(_ word: ReceiverTransmission) { lastWords = [word] }

  mutating func takeLastWord() -> ReceiverTransmission? {
    guard let word = lastWords.popLast() else { return nil }
    switch word.message {
    case .abort: counters.abortsSent += 1
    case .complete: counters.completesSent += 1
    // The join among them was counted when it was made.
    case .join, .announce, .nack, .repairNotice, .report, .end, .close: break
    }
    return word
  }

  // MARK: Time and counting

  /// Within which time this receiver answers, drawn anew each time: at once in unicast.
  mutating func answerSpread(_ groupSize: UInt64) -> Nanoseconds {
    let within = Double(GroupTiming.answerSpread(groupSize: groupSize))
    return within == 0 ? 0 : Nanoseconds(generator.nextUnit() * within)
  }

  /// A time in half to one and a half of the interval, so that receivers of a group which heard the same
  /// datagram do not speak together (RFC 3550 §6.3.1 spreads its reports so).
  mutating func spread(_ interval: Nanoseconds) -> Nanoseconds {
    Nanoseconds(Double(interval) * (0.5 + generator.nextUnit()))
  }

  /// A number below `count`.
  mutating func draw(_ count: UInt64) -> UInt64 {
    UInt64(saturating: generator.nextUnit() * Double(count))
  }

  mutating func nackDelay(grtt: Nanoseconds, groupSize: UInt64, isTail: Bool) -> Nanoseconds {
    let size = UInt32(min(groupSize, GroupTiming.largestGroupSize))
    return NackBackoff.delay(grtt: grtt, groupSize: size, isTail: isTail, using: &generator)
  }

  mutating func count(_ nack: Nack) {
    let ranges = Array(nack.missingRanges)
    counters.nacksSent += 1
    nacks.noteSent(ranges)
    counters.chunksAskedFor += ranges.reduce(0) { $0 + UInt64($1.count) }
  }

  /// A datagram that comes when the session has ended here.
  mutating func countLate(byteCount: Int) { counters.late.add(byteCount: byteCount) }
  /// A datagram that is not for this receiver.
  mutating func countForeign(byteCount: Int) { counters.foreign.add(byteCount: byteCount) }

  /// A datagram with a payload of which nothing is used, because no session of it runs here.
  mutating func refuse(byteCount: Int, isLate: Bool) -> ReceiverMachine.ChunkFate {
    if isLate { countLate(byteCount: byteCount) } else { countForeign(byteCount: byteCount) }
    return .refused
  }

  /// Whether an abort is for this receiver.
  func concerns(_ abort: Abort) -> Bool {
    abort.receiverID == 0 || abort.receiverID == configuration.receiverID
  }
}
