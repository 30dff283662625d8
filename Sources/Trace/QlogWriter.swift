import Ground
import Wire

/// Writes a session's events as qlog: main schema, JSON text sequences (draft-ietf-quic-qlog-main-schema, RFC
/// 7464), events of our own schema, Specs/trace.md.
final class QlogWriter {
  /// The schema of the events, and its name before the colon of each.
  static let eventSchema = "urn:gallery:qlog:events:gallery-1"
  /// The most ranges of a NACK that are written out. `chunks` has the sum of all.
  static let rangeLimit = 1_000
  /// The most bytes of names in one event.
  static let nameByteLimit = 50_000

  private let file: QlogFile
  private var line = JSONLine()
  /// The time of the last event.
  private var latest: UInt64 = 0
  private var phase = ""

  /// `wallClock`: the time of day at the trace's time 0, RFC 3339.
  init(path: String, role: TraceRole, name: String, wallClock: String) throws(TraceError) {
    file = try QlogFile(path: path)
    record { line in
      line.member("file_schema", "urn:ietf:params:qlog:file:sequential")
      line.member("serialization_format", "application/qlog+json-seq")
      line.member("title", "gallery \(role.rawValue)")
      line.open("trace")
      line.open("common_fields")
      line.member("time_format", "relative_to_epoch")
      line.open("reference_time")
      line.member("clock_type", "monotonic")
      line.member("epoch", "unknown")
      line.member("wall_clock_time", wallClock)
      line.close()
      line.close()
      line.open("vantage_point")
      line.member("name", name)
      // The sender opens the session: the client in qlog's words.
      line.member("type", role == .sender ? "client" : "server")
      line.close()
      line.openList("event_schemas")
      line.element(Self.eventSchema)
      line.closeList()
      line.close()
    }
  }

  /// Closes the file; says what went wrong since it was opened.
  func close() -> TraceError? { file.close() }

  private func record(_ fill: (inout JSONLine) -> Void) {
    line.removeAll()
    line.raw(0x1E)  // RFC 7464: a record separator before, a line feed behind
    line.open()
    fill(&line)
    line.close()
    line.raw(UInt8(ascii: "\n"))
    file.append(line.bytes)
  }

  /// The datagrams of one read share the time of the read. What is noted between two of them is later by the
  /// microseconds that the work took, and then so are the others: time never runs backwards in a trace.
  private func event(_ name: TraceEventName, at nanoseconds: UInt64, _ fill: (inout JSONLine) -> Void) {
    latest = max(latest, nanoseconds)
    record { line in
      line.member("time", milliseconds: latest)
      line.member("name", name.rawValue)
      line.open("data")
      fill(&line)
      line.close()
    }
  }

  // MARK: Events

  func started(_ session: TracedSession, role: TraceRole, at nanoseconds: UInt64) {
    event(.sessionStarted, at: nanoseconds) { line in
      line.member("session_id", session.sessionID.hexadecimal)
      line.member("role", role.rawValue)
      line.member("mode", session.mode)
      line.member("local", session.local)
      line.member("remote", session.remote)
      line.member("file_count", session.fileCount)
      line.member("file_bytes", session.fileByteCount)
      line.member("chunk_count", session.chunkCount)
      line.member("chunk_bytes", session.chunkByteCount)
      line.member("seed", session.seed)
    }
    named(session.files, at: nanoseconds)
  }

  /// Which chunks belong to which file, in as many events as keep a record short.
  func named(_ files: [TracedFile], at nanoseconds: UInt64) {
    var rest = files.prefix(TracedFile.limit)
    while !rest.isEmpty {
      var byteCount = 0
      let part = rest.prefix { file in
        defer { byteCount += file.name.utf8.count + 32 }
        return byteCount < Self.nameByteLimit
      }
      rest = rest.dropFirst(part.count)
      event(.filesNamed, at: nanoseconds) { line in
        line.openList("files")
        for file in part {
          line.openList()
          line.element(file.name)
          line.element(file.chunks.lowerBound)
          line.element(UInt64(file.chunks.count))
          line.closeList()
        }
        line.closeList()
      }
    }
  }

  /// Chunks that came or went, in as many events as it takes to write all ranges.
  func chunks(_ change: TracedChunkChange, _ ranges: [Range<UInt64>], at nanoseconds: UInt64) {
    var rest = ranges[...]
    while !rest.isEmpty {
      let part = rest.prefix(Self.rangeLimit)
      rest = rest.dropFirst(part.count)
      event(.chunksUpdated, at: nanoseconds) { line in
        line.member("cause", change.rawValue)
        line.openList("ranges")
        for range in part {
          line.openList()
          line.element(range.lowerBound)
          line.element(UInt64(range.count))
          line.closeList()
        }
        line.closeList()
        line.member("chunks", part.reduce(0) { $0 + UInt64($1.count) })
      }
    }
  }

  /// An undamaged datagram that was sent or received. A NACK has a second event with its ranges, and a report
  /// one with its values.
  func datagram(_ facts: DatagramSummary, _ direction: TraceDirection, at nanoseconds: UInt64) {
    event(direction == .outgoing ? .datagramSent : .datagramReceived, at: nanoseconds) {
      Self.describe(facts, &$0)
    }
    switch facts.message {
    case .nack(let nack): self.nack(nack, facts, direction, at: nanoseconds)
    case .report(let report) where direction == .outgoing: self.report(report, at: nanoseconds)
    default: break
    }
  }

  func dropped(_ facts: DatagramSummary, _ direction: TraceDirection, cause: String, at nanoseconds: UInt64) {
    event(.datagramDropped, at: nanoseconds) { line in
      line.member("direction", direction.rawValue)
      line.member("cause", cause)
      Self.describe(facts, &line)
      // No event follows that says what it asked for.
      if case .nack(let nack)? = facts.message { Self.describe(nack, &line) }
    }
  }

  private static func describe(_ facts: DatagramSummary, _ line: inout JSONLine) {
    line.member("type", facts.typeName)
    if let packetNumber = facts.packetNumber { line.member("packet_number", UInt64(packetNumber)) }
    line.open("raw")
    line.member("length", UInt64(facts.byteCount))
    line.close()
    if let chunk = facts.chunkIndex { line.member("chunk", UInt64(chunk)) }
    if let symbol = facts.symbolIndex { line.member("symbol", UInt64(symbol)) }
    if facts.isRepair { line.member("repair", true) }
    if case .end(let end)? = facts.message { line.member("round", UInt64(end.round)) }
  }

  private func nack(
    _ nack: Nack, _ facts: DatagramSummary, _ direction: TraceDirection, at nanoseconds: UInt64
  ) {
    event(direction == .outgoing ? .nackSent : .nackReceived, at: nanoseconds) { line in
      line.member("packet_number", UInt64(facts.packetNumber ?? 0))
      Self.describe(nack, &line)
    }
  }

  private static func describe(_ nack: Nack, _ line: inout JSONLine) {
    line.member("receiver", nack.receiverID.hexadecimal)
    var chunkCount: UInt64 = 0
    var rangeCount = 0
    line.openList("ranges")
    for range in nack.missingRanges {
      chunkCount += UInt64(range.count)
      rangeCount += 1
      guard rangeCount <= rangeLimit else { continue }
      line.openList()
      line.element(UInt64(range.first))
      line.element(UInt64(range.count))
      line.closeList()
    }
    line.closeList()
    line.member("chunks", chunkCount)
  }

  /// A receiver's own values, each time it reports them to the sender.
  private func report(_ report: Report, at nanoseconds: UInt64) {
    event(.metricsUpdated, at: nanoseconds) { line in
      line.member("receiver", report.receiverID.hexadecimal)
      line.member("chunks_held", report.heldChunkCount)
      line.member("datagrams_received", report.receivedDatagramCount)
      line.member("duplicates", report.duplicateCount)
      line.member("socket_drops", UInt64(report.socketDropCount))
      if report.countsMarks { line.member("marked", UInt64(report.congestionMarkCount)) }
    }
  }

  func metrics(_ metrics: TracedMetrics, at nanoseconds: UInt64) {
    event(.metricsUpdated, at: nanoseconds) { line in
      line.member("receiver", metrics.receiverID.hexadecimal)
      if let rtt = metrics.smoothedRttNanoseconds { line.member("smoothed_rtt", milliseconds: rtt) }
      if let rtt = metrics.latestRttNanoseconds { line.member("latest_rtt", milliseconds: rtt) }
      if let rtt = metrics.minimumRttNanoseconds { line.member("min_rtt", milliseconds: rtt) }
      line.member("rate", metrics.rateBitsPerSecond)
      line.member("window", metrics.windowDatagramCount)
      line.member("in_flight", metrics.inFlightDatagramCount)
      line.member("lost", metrics.lostDatagramCount)
      line.member("socket_drops", metrics.socketDropCount)
      line.member("marked", metrics.markedDatagramCount)
      line.member("chunks_held", metrics.heldChunkCount)
    }
  }

  /// Told each time the driver looks; written when it changed.
  func phase(_ name: String, at nanoseconds: UInt64) {
    guard name != phase else { return }
    event(.phaseChanged, at: nanoseconds) { line in
      if !phase.isEmpty { line.member("old", phase) }
      line.member("new", name)
    }
    phase = name
  }

  func ended(outcome: TraceOutcome, reason: String?, at nanoseconds: UInt64) {
    event(.sessionEnded, at: nanoseconds) { line in
      line.member("outcome", outcome.rawValue)
      if let reason { line.member("reason", reason) }
    }
  }
}
