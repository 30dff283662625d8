import Foundation
import Testing
import Trace

struct QlogWriterTests {
  let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path("run.qlog")
  }

  private func write(
    role: TraceRole = .sender, name: String = "host", _ body: (SessionTracer) -> Void
  ) throws -> [(name: String, data: [String: Any])] {
    let tracer = try SessionTracer(TraceOptions(qlogPath: path), role: role, name: name, now: 0)
    tracer.started(Datagrams.facts, at: 0)
    body(tracer)
    #expect(tracer.close().isEmpty)
    return Array(try events(path).dropFirst())
  }

  @Test func headerNamesSchemaAndClock() throws {
    _ = try write(role: .receiver, name: "a \"b\" \\ ü\u{7}") { _ in }
    let header = try #require(records(path).first)
    #expect(header["file_schema"] as? String == "urn:ietf:params:qlog:file:sequential")
    #expect(header["serialization_format"] as? String == "application/qlog+json-seq")
    let trace = try #require(header["trace"] as? [String: Any])
    #expect(trace["event_schemas"] as? [String] == ["urn:gallery:qlog:events:gallery-1"])
    #expect(trace["vantage_point"] as? [String: String] == ["name": "a \"b\" \\ ü\u{7}", "type": "server"])
    let common = try #require(trace["common_fields"] as? [String: Any])
    let reference = try #require(common["reference_time"] as? [String: String])
    #expect(reference["clock_type"] == "monotonic")
    let now = ISO8601DateFormatter()
    now.formatOptions.insert(.withFractionalSeconds)
    let start = try #require(now.date(from: reference["wall_clock_time"] ?? ""))
    #expect(abs(start.timeIntervalSinceNow) < 60)
  }

  /// The datagrams of a read have its time, and the manifest that one of them completes is noted later.
  @Test func timeNeverRunsBackwards() throws {
    _ = try write {
      $0.received(Datagrams.data(5, chunk: 1), at: 1_000_000)
      $0.named([TracedFile(name: "a", chunks: 1..<2)], at: 1_500_000)
      $0.received(Datagrams.data(6, chunk: 2), at: 1_000_000)
      $0.received(Datagrams.data(7, chunk: 3), at: 2_000_000)
    }
    let times = try records(path).compactMap { $0["time"] as? Double }
    #expect(times == [0, 1, 1.5, 1.5, 2])
  }

  @Test func sessionStartedComesFirst() throws {
    _ = try write { _ in }
    let first = try #require(try events(path).first)
    #expect(first.name == "gallery:session_started")
    #expect(first.data["session_id"] as? String == "0123456789abcdef")
    #expect(first.data["role"] as? String == "sender")
    #expect(first.data["chunk_count"] as? Int == 3)
  }

  @Test func dataSaysChunkAndRepair() throws {
    let found = try write {
      $0.sent(Datagrams.data(5, chunk: 4_294_967_295), at: 1)
      $0.sent(Datagrams.data(6, chunk: 17, isRepair: true), at: 2)
    }
    try #require(found.map(\.name) == ["gallery:datagram_sent", "gallery:datagram_sent"])
    #expect(found[0].data["type"] as? String == "data")
    #expect(found[0].data["packet_number"] as? Int == 5)
    #expect(found[0].data["chunk"] as? Int == 4_294_967_295)
    #expect(found[0].data["raw"] as? [String: Int] == ["length": 132])
    #expect(found[0].data["repair"] == nil)
    #expect(found[1].data["repair"] as? Bool == true)
  }

  @Test(
    arguments: [(0, "0.000000"), (1, "0.000001"), (1_234_567, "1.234567"), (60_000_000_000, "60000.000000")]
      as [(UInt64, String)])
  func timeIsMilliseconds(nanoseconds: UInt64, text: String) throws {
    _ = try write { $0.phase("sending", at: nanoseconds) }
    #expect(
      try String(contentsOfFile: path, encoding: .utf8).contains(
        "{\"time\":\(text),\"name\":\"gallery:phase_changed\""))
  }

  @Test func aNackHasItsRanges() throws {
    let found = try write { $0.received(Datagrams.nack(3, [(17, 1), (20, 3)]), at: 1) }
    try #require(found.map(\.name) == ["gallery:datagram_received", "gallery:nack_received"])
    #expect(found[1].data["ranges"] as? [[Int]] == [[17, 1], [20, 3]])
    #expect(found[1].data["chunks"] as? Int == 4)
    #expect(found[1].data["receiver"] as? String == "fedcba9876543210")
  }

  /// Nothing else says what a NACK asked for that never reached the session.
  @Test func aDroppedNackHasItsRangesToo() throws {
    let found = try write {
      $0.dropped(Datagrams.nack(3, [(17, 1), (20, 3)]), .incoming, cause: "listed", at: 1)
      $0.dropped(Datagrams.data(1, chunk: 2), .incoming, cause: "listed", at: 1)
    }
    #expect(found[0].data["ranges"] as? [[Int]] == [[17, 1], [20, 3]])
    #expect(found[0].data["chunks"] as? Int == 4)
    #expect(found[0].data["receiver"] as? String == "fedcba9876543210")
    #expect(found[1].data["ranges"] == nil)
  }

  @Test func manyRangesAreCutButCounted() throws {
    let found = try write { $0.sent(Datagrams.nack(3, (0..<1_200).map { (UInt32($0) * 2, 1) }), at: 1) }
    #expect((found[1].data["ranges"] as? [[Int]])?.count == 1_000)
    #expect(found[1].data["chunks"] as? Int == 1_200)
  }

  @Test func aReceiversReportIsAMetric() throws {
    let sent = try write(role: .receiver) { $0.sent(Datagrams.report(3, held: 44), at: 1) }
    #expect(sent.map(\.name) == ["gallery:datagram_sent", "gallery:metrics_updated"])
    #expect(sent.last?.data["chunks_held"] as? Int == 44)
    let received = try write { $0.received(Datagrams.report(3, held: 44), at: 1) }
    #expect(received.map(\.name) == ["gallery:datagram_received"], "the sender tells its own metrics")
  }

  @Test func metricsHaveUnitsOfQlog() throws {
    let found = try write { $0.metrics(Datagrams.metrics, at: 1) }
    #expect(found[0].data["smoothed_rtt"] as? Double == 1.5)
    #expect(found[0].data["latest_rtt"] as? Double == 2.000001)
    #expect(found[0].data["min_rtt"] == nil)
    #expect(found[0].data["rate"] as? Int == 80_000_000)
  }

  @Test func phasesAreWrittenWhenTheyChange() throws {
    let found = try write { tracer in
      ["sending", "sending", "ending", "ending"].forEach { tracer.phase($0, at: 1) }
    }
    #expect(found.map { $0.data["new"] as? String } == ["sending", "ending"])
    #expect(found.map { $0.data["old"] as? String } == [nil, "sending"])
  }

  @Test func theEndHasItsRoundAndTheTraceItsOutcome() throws {
    let found = try write {
      $0.sent(Datagrams.end(9, round: 2), at: 1)
      $0.ended(outcome: .finished, reason: "r1: whole", at: 2)
    }
    #expect(found[0].data["round"] as? Int == 2)
    #expect(found[1].data["outcome"] as? String == "finished")
    #expect(found[1].data["reason"] as? String == "r1: whole")
  }

  @Test func whatIsNotSoundIsDroppedWithItsCause() throws {
    var damaged = Datagrams.data(5, chunk: 1)
    damaged[60] ^= 1
    let found = try write {
      $0.received(damaged, at: 1)
      $0.received([1, 2, 3], at: 2)
      $0.received([], at: 3)
      $0.received(Datagrams.report(1, held: 1, session: 99), at: 4)
      $0.received(Datagrams.data(6, chunk: 2), isOver: true, at: 5)
      $0.dropped(Datagrams.data(6, chunk: 2), .outgoing, cause: "random_loss", at: 5)
    }
    #expect(found.allSatisfy { $0.name == "gallery:datagram_dropped" })
    #expect(
      found.map { $0.data["cause"] as? String }
        == ["checksum_mismatch", "truncated", "truncated", "other_session", "session_over", "random_loss"])
    #expect(
      found.map { $0.data["direction"] as? String } == [
        "incoming", "incoming", "incoming", "incoming", "incoming", "outgoing",
      ])
    #expect(
      found.map { $0.data["type"] as? String } == ["data", "unknown", "unknown", "report", "data", "data"])
  }

  @Test func thousandsOfEventsKeepTheirOrder() throws {
    let found = try write { tracer in
      for i in 0..<5_000 { tracer.sent(Datagrams.data(UInt32(i), chunk: UInt32(i)), at: UInt64(i)) }
    }
    #expect(found.map { $0.data["packet_number"] as? Int } == (0..<5_000).map { $0 })
  }

  @Test func aFileThatCannotBeOpenedIsOneLine() throws {
    let error = #expect(throws: TraceError.self) {
      _ = try SessionTracer(TraceOptions(qlogPath: "/nonexistent/run.qlog"), role: .sender, name: "", now: 0)
    }
    #expect(
      error?.description
        == "cannot write to /nonexistent/run.qlog: No such file or directory; name another file")
  }

  @Test func aFullDiskEndsTheTraceAndNotTheSession() throws {
    let tracer = try SessionTracer(TraceOptions(qlogPath: "/dev/full"), role: .sender, name: "", now: 0)
    for i in 0..<5_000 { tracer.sent(Datagrams.data(UInt32(i), chunk: 0), at: 1) }
    #expect(
      tracer.close().map(\.description)
        == ["writing /dev/full stopped: No space left on device; it ends before the session does"])
  }
}
