private import FoundationEssentials

/// One event of a trace, as it was read. Specs/trace.md lists the members of each event.
package struct TraceRecord: Decodable, Sendable {
  /// Milliseconds of the writer's clock.
  package var time: Double
  package var name: String
  package var data: Fields

  /// Nil for an event of a later version.
  package var event: TraceEventName? { TraceEventName(rawValue: name) }

  /// Whether the times can be those of a session. Then every number computed from them is finite.
  var isPlausible: Bool {
    let longest = 1e15  // ms: 30,000 years
    return time.magnitude <= longest && (data.smoothedRtt ?? 0).magnitude <= longest
  }

  /// The members of all events; those that an event does not have are nil.
  package struct Fields: Decodable, Sendable {
    package struct Raw: Decodable, Sendable { package var length: UInt64 }

    /// A list of a name, a first chunk and a count.
    package struct NamedFile: Decodable, Sendable {
      package var file: TracedFile

      package init(from decoder: any Decoder) throws {
        var values = try decoder.unkeyedContainer()
        let name = try values.decode(String.self)
        let first = try values.decode(UInt64.self)
        let (end, overflow) = first.addingReportingOverflow(try values.decode(UInt64.self))
        file = TracedFile(name: name, chunks: first..<(overflow ? .max : end))
      }
    }

    package var type: String?
    package var packetNumber: UInt64?
    package var raw: Raw?
    package var chunk: UInt64?
    package var isRepair: Bool?
    package var direction: String?
    package var cause: String?
    package var receiver: String?
    package var ranges: [[UInt64]]?
    package var chunks: UInt64?
    package var chunksHeld: UInt64?
    package var smoothedRtt: Double?
    package var rate: UInt64?
    package var role: String?
    package var sessionID: String?
    package var mode: String?
    package var local: String?
    package var remote: String?
    package var fileCount: UInt64?
    package var fileByteCount: UInt64?
    package var chunkCount: UInt64?
    package var chunkByteCount: UInt64?
    package var seed: UInt64?
    package var outcome: String?
    package var reason: String?
    package var symbol: UInt64?
    package var lost: UInt64?
    package var files: [NamedFile]?

    enum CodingKeys: String, CodingKey {
      case type, raw, chunk, direction, cause, receiver, ranges, chunks, rate, role, mode, local, remote,
        seed, outcome, reason, symbol, lost, files
      case packetNumber = "packet_number"
      case isRepair = "repair"
      case chunksHeld = "chunks_held"
      case smoothedRtt = "smoothed_rtt"
      case sessionID = "session_id"
      case fileCount = "file_count"
      case fileByteCount = "file_bytes"
      case chunkCount = "chunk_count"
      case chunkByteCount = "chunk_bytes"
    }
  }
}

/// The first record of a trace.
struct TraceHeader: Decodable {
  struct ReferenceTime: Decodable {
    var wallClock: String?
    enum CodingKeys: String, CodingKey { case wallClock = "wall_clock_time" }
  }
  struct CommonFields: Decodable {
    var reference: ReferenceTime?
    enum CodingKeys: String, CodingKey { case reference = "reference_time" }
  }
  struct Trace: Decodable {
    var schemas: [String]
    var common: CommonFields?
    enum CodingKeys: String, CodingKey {
      case schemas = "event_schemas"
      case common = "common_fields"
    }
  }
  var fileSchema: String
  var trace: Trace

  enum CodingKeys: String, CodingKey {
    case trace
    case fileSchema = "file_schema"
  }

  /// The time of day at the trace's time 0: milliseconds since 1970. Nil when the file does not say it.
  var wallClockMilliseconds: Double? {
    guard let text = trace.common?.reference?.wallClock else { return nil }
    let date = try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    return date.map { $0.timeIntervalSince1970 * 1_000 }
  }
}
