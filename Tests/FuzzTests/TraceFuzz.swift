import Session
import Trace

/// A trace of a session, read by all that reads traces: sums, plots, a replay and ladders. An input whose
/// first byte is even is the text behind a sound header, or all of the text; others are a script of events
/// with any numbers.
func fuzzTrace(_ bytes: UnsafeBufferPointer<UInt8>) {
  guard let kind = bytes.first else { return }
  var script = TraceScript(bytes)
  let text = kind & 1 == 0 ? Array(bytes.dropFirst()) : Array(script.records(isSender: kind & 2 != 0).utf8)
  TraceFuzzing.shared.read(kind & 4 == 0 ? Array(TraceScript.header.utf8) + text : text)
  if kind & 1 == 0 { TraceFuzzing.shared.readDrops(text) }
}

private final class TraceFuzzing {
  nonisolated(unsafe) static let shared = TraceFuzzing()
  private let file = FuzzFile()

  func read(_ bytes: [UInt8]) {
    file.write(bytes)
    var (summary, series) = (TraceSummary(), TraceSeries())
    do throws(TraceError) {
      try TraceReader(path: file.path).forEach { series.add($0, isNew: summary.add($0)) }
    } catch { return }
    precondition(summary.seconds >= 0 && summary.seconds.isFinite, "a time that is none")
    precondition(
      summary.sent.total == summary.sentByType.values.reduce(0, +), "a datagram in no kind, or two")
    precondition(series.goodput(count: 50).allSatisfy { $0.value.isFinite }, "a rate that is none")
    _ = try? TracePlot(summary, series).script(output: "x.svg")
    if let replay = try? Replay(path: file.path) { look(at: replay) }
    guard let ladder = try? Ladder(path: file.path) else { return }
    for view in [LadderView.firstLoss, .chunk(3), .times(from: nil, to: nil), .times(from: 2, to: 40)] {
      if var pair = try? LadderPair(ladder, ladder, names: ("a", "b"), view) { _ = pair.document() }
    }
  }

  private func look(at replay: Replay) {
    for count in [0, replay.stepCount / 2, replay.stepCount] {
      let state = replay.state(after: count)
      precondition(state.held.count <= state.held.capacity, "more chunks than there are")
      _ = replay.line(after: count)
      _ = replay.story(of: 0..<1, after: count)
      _ = replay.story(of: 2..<9, after: count)
    }
    precondition(ReplayDifference.first(replay, replay) == nil, "a run differs from itself")
    precondition(zip(replay.samples, replay.samples.dropFirst()).allSatisfy { $0.seconds <= $1.seconds })
  }

  func readDrops(_ text: [UInt8]) {
    file.write(text)
    guard let lines = try? DropTraceLine.read(path: file.path) else { return }
    _ = DropReconciliation(drops: lines)
  }
}

/// Bytes read as events of a trace.
private struct TraceScript {
  static let header =
    #"{"file_schema":"urn:ietf:params:qlog:file:sequential","trace":{"event_schemas":["urn:gallery:qlog:events:gallery-1"],"#
    + #""common_fields":{"reference_time":{"wall_clock_time":"2026-01-01T00:00:00.000Z"}}}}"# + "\n"
  private static let types = [
    "data", "data", "data", "parity", "nack", "announce", "join", "report", "repair_notice", "end",
    "complete",
    "close", "abort", "none",
  ]
  private static let causes = [
    "random_loss", "listed", "queue_overflow", "corrupted", "other_session", "session_over", "resumed",
    "rebuilt",
    "forgotten",
  ]

  private var script: FuzzScript
  private var time = 0.0

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    script = FuzzScript(bytes)
    _ = script.byte()
  }

  /// Most are small; a byte of 250 or more is a number near a limit.
  private mutating func number() -> UInt64 {
    let byte = script.byte()
    guard byte >= 250 else { return UInt64(byte) }
    return [1 << 31, 1 << 32, UInt64.max, (1 << 32) - 1, 1 << 53, 10_000_000][Int(byte - 250)]
  }

  private mutating func ranges() -> String {
    let list = (0..<script.byte() & 3).map { _ in "[\(number()),\(number())]" }
    return "[\(list.joined(separator: ","))]"
  }

  mutating func records(isSender: Bool) -> String {
    var text = ""
    while !script.isOver {
      let kind = script.byte()
      let names = TraceEventName.allCases
      let step = script.byte()
      time += step == 255 ? 1e9 : step == 254 ? -1_000 : Double(step) / 8
      let data = members(of: names[Int(kind) % names.count], isSender: isSender)
      text +=
        #"{"time":\#(time),"name":"\#(names[Int(kind) % names.count].rawValue)","data":{\#(data)}}"#
        + "\n"
    }
    return text
  }

  private mutating func members(of event: TraceEventName, isSender: Bool) -> String {
    switch event {
    case .sessionStarted:
      #""role":"\#(isSender ? "sender" : "receiver")","session_id":"0123456789abcdef","mode":"unicast","#
        + #""chunk_count":\#(number()),"chunk_bytes":\#(number()),"file_count":\#(number())"#
    case .datagramSent, .datagramReceived, .datagramDropped: datagram()
    case .nackSent, .nackReceived:
      #""packet_number":\#(number()),"receiver":"r\#(script.byte() & 1)","ranges":\#(ranges()),"#
        + #""chunks":\#(number())"#
    case .chunksUpdated:
      #""cause":"\#(Self.causes[Int(script.byte()) % Self.causes.count])","ranges":\#(ranges()),"chunks":\#(number())"#
    case .filesNamed: #""files":[["a.jpg",\#(number()),\#(number())],["b.jpg",\#(number()),\#(number())]]"#
    case .metricsUpdated:
      #""receiver":"r\#(script.byte() & 7)","chunks_held":\#(number()),"rate":\#(number()),"#
        + #""smoothed_rtt":\#(number()),"lost":\#(number())"#
    case .phaseChanged: #""old":"a","new":"b""#
    case .sessionEnded: #""outcome":"finished","reason":"r""#
    }
  }

  private mutating func datagram() -> String {
    let flags = script.byte()
    return #""type":"\#(Self.types[Int(script.byte()) % Self.types.count])","packet_number":\#(number()),"#
      + #""chunk":\#(number()),"symbol":\#(number()),"raw":{"length":\#(number())},"#
      + #""direction":"\#(flags & 1 == 0 ? "incoming" : "outgoing")","#
      + #""cause":"\#(Self.causes[Int(flags >> 4) % Self.causes.count])""#
      + (flags & 2 == 0 ? "" : #","repair":true"#) + (flags & 4 == 0 ? "" : #","ranges":\#(ranges())"#)
      + (flags & 8 == 0 ? "" : #","receiver":"r\#(flags & 1)""#)
  }
}
