/// The datagrams of one trace, and what a ladder needs to know of the trace.
package struct LadderSide: Sendable {
  enum Event: Equatable, Sendable {
    case sent, received
    /// By the impairment of this side.
    case dropped
    /// It arrived, but was not sound.
    case damaged
  }

  struct Entry: Sendable {
    var event: Event
    /// `sentAt` and the other times are not set; `time` is of the trace's own clock.
    var datagram: LadderDatagram
    var time: Double
  }

  private(set) var role = TraceRole.receiver
  private(set) var session: TraceSummary.Session?
  private(set) var entries: [Entry] = []
  /// Identifiers of the receivers that the trace names.
  private(set) var receivers: Set<String> = []
  /// Milliseconds of its clock: the start of the session, and the last event.
  private(set) var start = 0.0
  private(set) var end = 0.0
  /// Milliseconds since 1970 at the trace's time 0, by the host's time of day.
  private(set) var wallClock: Double?

  /// Reads a trace. Throws `cannotRead`, `notATrace`, and `noSession` when its session never began.
  package init(path: String) throws(TraceError) {
    var side = Self()
    try TraceReader(path: path).forEach(header: { side.wallClock = $0.wallClockMilliseconds }) {
      side.add($0)
    }
    guard side.session != nil else { throw .noSession(path: path) }
    self = side
  }

  private init() {}

  private mutating func add(_ record: TraceRecord) {
    end = max(end, record.time)
    let data = record.data
    switch record.event {
    case .sessionStarted:
      if session == nil { start = record.time }
      session = TraceSummary.Session(data)
      role = data.role == TraceRole.sender.rawValue ? .sender : .receiver
    case .datagramSent: append(.sent, data, record.time, isOutgoing: true)
    case .datagramReceived: append(.received, data, record.time, isOutgoing: false)
    case .datagramDropped:
      let isOutgoing = data.direction == TraceDirection.outgoing.rawValue
      switch data.cause {
      case "other_session", "session_over": break
      case "random_loss", "listed", "queue_overflow":
        append(.dropped, data, record.time, isOutgoing: isOutgoing)
      default: append(.damaged, data, record.time, isOutgoing: isOutgoing)
      }
    case .nackSent, .nackReceived:
      name(data.receiver)
      if let last = entries.indices.last { entries[last].datagram.ranges = Self.ranges(data.ranges) }
    case .metricsUpdated: name(data.receiver)
    default: break
    }
  }

  private mutating func append(_ event: Event, _ data: TraceRecord.Fields, _ time: Double, isOutgoing: Bool) {
    guard let type = data.type, let number = data.packetNumber else { return }
    entries.append(
      Entry(
        event: event,
        datagram: LadderDatagram(
          isFromSender: isOutgoing == (role == .sender), type: type, packetNumber: number, chunk: data.chunk,
          isRepair: data.isRepair == true, ranges: Self.ranges(data.ranges), receiver: data.receiver),
        time: time))
    if let receiver = data.receiver { receivers.insert(receiver) }
  }

  /// A NACK's own event and a report's values follow the event of its datagram.
  private mutating func name(_ receiver: String?) {
    guard let receiver else { return }
    receivers.insert(receiver)
    guard let last = entries.indices.last, !entries[last].datagram.isData else { return }
    entries[last].datagram.receiver = receiver
  }

  /// A file may have any numbers: a range ends at the largest number.
  private static func ranges(_ pairs: [[UInt64]]?) -> [ClosedRange<UInt64>] {
    (pairs ?? []).compactMap { pair in
      guard pair.count == 2, pair[1] > 0 else { return nil }
      let (last, overflow) = pair[0].addingReportingOverflow(pair[1] - 1)
      return pair[0]...(overflow ? .max : last)
    }
  }
}
