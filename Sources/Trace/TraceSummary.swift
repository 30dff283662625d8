/// What a trace adds up to.
package struct TraceSummary: Encodable, Sendable {
  package struct Session: Encodable, Sendable {
    package var role = "unknown"
    package var sessionID = ""
    package var mode = ""
    package var local = ""
    package var remote = ""
    package var fileCount: UInt64 = 0
    package var fileByteCount: UInt64 = 0
    package var chunkCount: UInt64 = 0
    package var chunkByteCount: UInt64 = 0
    package var seed: UInt64 = 0
  }

  /// Counts of datagrams by kind. Each datagram that was sent or received is in exactly one.
  package struct Kinds: Encodable, Sendable {
    /// Sent: chunks for the first time. Received: chunks that were new.
    package var first: UInt64 = 0
    /// Sent: repeated chunks, with the repair flag. Received: none, because a repair is new or a duplicate.
    package var repair: UInt64 = 0
    /// Received: chunks that were here already.
    package var duplicate: UInt64 = 0
    package var parity: UInt64 = 0
    package var control: UInt64 = 0
    package var total: UInt64 { first + repair + duplicate + parity + control }
  }

  package var session = Session()
  /// The word of the file. It may be one that `TraceOutcome` does not have.
  package var outcome = "cut off"
  package var isFinished: Bool { TraceOutcome(rawValue: outcome) == .finished }
  package var reason: String?
  /// From the session's start, or the first event, to the last.
  package var seconds = 0.0
  package var sentByType: [String: UInt64] = [:]
  package var receivedByType: [String: UInt64] = [:]
  package var sent = Kinds()
  package var received = Kinds()
  package var sentByteCount: UInt64 = 0
  package var receivedByteCount: UInt64 = 0
  /// Of the datagrams received, those with the repair flag.
  package var repairsReceived: UInt64 = 0
  /// By direction and cause, as in "outgoing random_loss".
  package var dropped: [String: UInt64] = [:]
  package var chunksAskedFor: UInt64 = 0
  package var metricsCount: UInt64 = 0

  private var startMilliseconds: Double?
  private var chunksSeen = ChunkSet()

  package init() {}

  private enum CodingKeys: String, CodingKey {
    case session, outcome, reason, seconds, sentByType, receivedByType, sent, received, sentByteCount,
      receivedByteCount
    case repairsReceived, dropped, chunksAskedFor, metricsCount
  }

  /// Takes the next event. Returns whether it brought a chunk that was not here before (at a receiver).
  @discardableResult
  package mutating func add(_ record: TraceRecord) -> Bool {
    let data = record.data
    let start = startMilliseconds ?? record.time
    startMilliseconds = start
    seconds = max(seconds, (record.time - start) / 1_000)
    switch record.event {
    case .sessionStarted:
      startMilliseconds = session.role == "unknown" ? record.time : start
      session = Session(data)
    case .datagramSent:
      sentByType[data.type ?? "unknown", default: 0] += 1
      sentByteCount.addSaturating(data.raw?.length ?? 0)
      Self.count(data, isNew: true, into: &sent)
    case .datagramReceived:
      receivedByType[data.type ?? "unknown", default: 0] += 1
      receivedByteCount.addSaturating(data.raw?.length ?? 0)
      if data.isRepair == true { repairsReceived += 1 }
      let isNew = data.type == "data" && chunksSeen.insert(UInt32(clamping: data.chunk ?? 0))
      var plain = data
      plain.isRepair = nil
      Self.count(plain, isNew: isNew, into: &received)
      return isNew
    case .datagramDropped:
      dropped["\(data.direction ?? "?") \(data.cause ?? "?")", default: 0] += 1
    case .nackSent, .nackReceived: chunksAskedFor.addSaturating(data.chunks ?? 0)
    case .metricsUpdated: metricsCount += 1
    case .sessionEnded:
      outcome = data.outcome ?? "unknown"
      reason = data.reason
    case .phaseChanged, .chunksUpdated, .filesNamed, nil: break  // nil: an event of a later version
    }
    return false
  }

  private static func count(_ data: TraceRecord.Fields, isNew: Bool, into kinds: inout Kinds) {
    switch data.type {
    case "data" where data.isRepair == true: kinds.repair += 1
    case "data" where isNew: kinds.first += 1
    case "data": kinds.duplicate += 1
    case "parity": kinds.parity += 1
    default: kinds.control += 1
    }
  }
}

extension TraceSummary.Session {
  init(_ data: TraceRecord.Fields) {
    role = data.role ?? "unknown"
    sessionID = data.sessionID ?? ""
    mode = data.mode ?? ""
    local = data.local ?? ""
    remote = data.remote ?? ""
    fileCount = data.fileCount ?? 0
    fileByteCount = data.fileByteCount ?? 0
    chunkCount = data.chunkCount ?? 0
    chunkByteCount = data.chunkByteCount ?? 0
    seed = data.seed ?? 0
  }
}

/// Chunk indices seen, one bit each, in words that exist only where a bit is set. A damaged file may contain
/// very large indices.
struct ChunkSet: Sendable {
  private var words: [UInt32: UInt64] = [:]

  /// True when it was not in the set.
  mutating func insert(_ chunk: UInt32) -> Bool {
    let bit = UInt64(1) << UInt64(chunk % 64)
    let word = words[chunk / 64] ?? 0
    words[chunk / 64] = word | bit
    return word & bit == 0
  }

  func contains(_ chunk: UInt32) -> Bool {
    (words[chunk / 64] ?? 0) & (UInt64(1) << UInt64(chunk % 64)) != 0
  }
}

extension UInt64 {
  /// Stays at the largest number: a file may hold any numbers.
  fileprivate mutating func addSaturating(_ other: UInt64) {
    let (sum, overflow) = addingReportingOverflow(other)
    self = overflow ? .max : sum
  }
}
