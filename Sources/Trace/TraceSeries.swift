/// A point of a plot: seconds since the session's start, and a value.
package struct TracePoint: Equatable, Sendable {
  package var seconds: Double
  package var value: Double
}

/// Points in order of time. Whenever there are too many, every second one is left out. So the picture of a
/// long session has no more points than that of a short one.
struct ThinnedPoints: Sendable {
  private(set) var points: [TracePoint] = []
  private let limit: Int
  private var stride = 1
  private var offered = 0

  init(limit: Int) { self.limit = limit }

  /// True when points were left out.
  var isThinned: Bool { stride > 1 }

  mutating func append(_ point: TracePoint) {
    offered += 1
    guard (offered - 1) % stride == 0 else { return }
    points.append(point)
    guard points.count > limit else { return }
    points = points.indices.filter { $0 % 2 == 0 }.map { points[$0] }
    stride *= 2
  }
}

/// What a plot of a trace shows.
package struct TraceSeries: Sendable {
  /// What a datagram is, for the time–sequence plot.
  enum Kind: CaseIterable, Sendable {
    case data, repair, parity, dropped, nack, droppedNack, report, end, complete
  }

  /// Receivers whose RTT is drawn one by one.
  static let receiverLimit = 6
  private static let pointLimit = 12_000

  private(set) var kinds: [Kind: ThinnedPoints] = [:]
  /// Chunks held, as the slowest receiver reports it.
  private(set) var held = ThinnedPoints(limit: pointLimit)
  private(set) var rate = ThinnedPoints(limit: pointLimit)
  private(set) var rtt: [(receiver: String, points: ThinnedPoints)] = []
  /// Cumulative bytes: UDP payload sent (at a receiver: received), and chunks that have reached the receiver.
  private(set) var carried = ThinnedPoints(limit: pointLimit)
  private(set) var delivered = ThinnedPoints(limit: pointLimit)

  private var start: Double?
  private var isSender = false
  private var chunkCount = 0.0
  private var chunkByteCount = 0.0
  private var carriedChunkCount: UInt64 = 0
  private var carriedByteCount = 0.0
  private var deliveredByteCount = 0.0
  private var heldByReceiver: [String: UInt64] = [:]
  /// When the first chunk was sent or came; 0 while none has.
  private(set) var firstChunkSeconds = 0.0
  private(set) var lastSeconds = 0.0

  package init() {}

  /// Takes the next event; `isNew` as `TraceSummary.add` said.
  package mutating func add(_ record: TraceRecord, isNew: Bool) {
    let data = record.data
    if record.event == .sessionStarted {
      start = start ?? record.time  // repeated when the path carries another size than was tried first
      isSender = data.role == "sender"
      chunkCount = Double(data.chunkCount ?? 0)
      chunkByteCount = Double(data.chunkByteCount ?? 0)
    }
    guard let start else { return }  // before the session
    let seconds = (record.time - start) / 1_000
    lastSeconds = max(lastSeconds, seconds)
    switch record.event {
    case .datagramSent: datagram(data, seconds, isOurs: isSender)
    case .datagramReceived:
      datagram(data, seconds, isOurs: !isSender)
      guard isNew else { break }
      deliveredByteCount += Double(data.raw?.length ?? 32) - 32  // the header of a chunk
      delivered.append(TracePoint(seconds: seconds, value: deliveredByteCount))
    case .datagramDropped:
      if let chunk = data.chunk { add(.dropped, seconds, Double(chunk)) }
      add(.droppedNack, seconds, firstOf: data.ranges)
    case .nackSent, .nackReceived: add(.nack, seconds, firstOf: data.ranges)
    case .metricsUpdated: metrics(data, seconds)
    default: break
    }
  }

  private mutating func add(_ kind: Kind, _ seconds: Double, _ value: Double) {
    kinds[kind, default: ThinnedPoints(limit: Self.pointLimit)].append(
      TracePoint(seconds: seconds, value: value))
  }

  private mutating func add(_ kind: Kind, _ seconds: Double, firstOf ranges: [[UInt64]]?) {
    for range in ranges ?? [] { if let first = range.first { add(kind, seconds, Double(first)) } }
  }

  /// `isOurs`: it goes the way that chunks go.
  private mutating func datagram(_ data: TraceRecord.Fields, _ seconds: Double, isOurs: Bool) {
    switch data.type {
    case "data":
      if carriedChunkCount == 0 { firstChunkSeconds = seconds }
      carriedChunkCount += 1
      add(data.isRepair == true ? .repair : .data, seconds, Double(data.chunk ?? 0))
    case "parity": add(.parity, seconds, Double(data.chunk ?? 0))
    case "end": add(.end, seconds, chunkCount)
    case "complete": add(.complete, seconds, chunkCount)
    default: break
    }
    guard isOurs else { return }
    carriedByteCount += Double(data.raw?.length ?? 0)
    carried.append(TracePoint(seconds: seconds, value: carriedByteCount))
  }

  private mutating func metrics(_ data: TraceRecord.Fields, _ seconds: Double) {
    let receiver = data.receiver ?? ""
    if let chunks = data.chunksHeld {
      heldByReceiver[receiver] = chunks
      add(.report, seconds, Double(chunks))
      let slowest = Double(heldByReceiver.values.min() ?? 0)
      held.append(TracePoint(seconds: seconds, value: slowest))
      if isSender { delivered.append(TracePoint(seconds: seconds, value: slowest * chunkByteCount)) }
    }
    if let rate = data.rate { self.rate.append(TracePoint(seconds: seconds, value: Double(rate))) }
    guard let rtt = data.smoothedRtt else { return }
    let index = self.rtt.firstIndex { $0.receiver == receiver }
    if let index { return self.rtt[index].points.append(TracePoint(seconds: seconds, value: rtt)) }
    guard self.rtt.count < Self.receiverLimit else { return }
    self.rtt.append((receiver, ThinnedPoints(limit: Self.pointLimit)))
    self.rtt[self.rtt.count - 1].points.append(TracePoint(seconds: seconds, value: rtt))
  }

  /// Bits per second in `count` equal steps from the first chunk to the end, from cumulative bytes.
  func rates(_ cumulative: [TracePoint], count: Int) -> [TracePoint] {
    let length = lastSeconds - firstChunkSeconds
    guard length >= 1e-9, count > 0, !cumulative.isEmpty else { return [] }
    var result: [TracePoint] = []
    var index = 0
    var before = 0.0
    for step in 1...count {
      let edge = firstChunkSeconds + length * Double(step) / Double(count)
      var value = before
      while index < cumulative.count, cumulative[index].seconds <= edge || step == count {
        value = max(value, cumulative[index].value)
        index += 1
      }
      let start = firstChunkSeconds + length * Double(step - 1) / Double(count)
      result.append(TracePoint(seconds: start, value: (value - before) * 8 * Double(count) / length))
      before = value
    }
    return result
  }

  /// Goodput, bits per second, in `count` equal steps: bytes of chunks that were new to the (slowest)
  /// receiver.
  package func goodput(count: Int) -> [TracePoint] {
    rates(delivered.points, count: count)
  }
}
