private import Glibc

/// Records one session for its driver: qlog events, a capture, or both. A driver without a trace has nil, at
/// no cost.
///
/// Not thread-safe: it belongs to the driver's thread. All times are nanoseconds of the driver's own clock. A
/// trace that can no longer be written does not disturb the transfer; `close` reports it.
package final class SessionTracer {
  private let role: TraceRole
  private let qlog: QlogWriter?
  private let pcap: PcapWriter?
  private let drops: DropTraceWriter?
  /// Time of day at the driver's time 0, nanoseconds since 1970.
  private let epochNanoseconds: UInt64
  /// Known once the session has started.
  private var sessionID: UInt64?

  /// Opens the files and replaces existing ones. `name`: the writing host's name. `now`: the driver's clock.
  package init(_ options: TraceOptions, role: TraceRole, name: String, now nanoseconds: UInt64)
    throws(TraceError)
  {
    self.role = role
    let today = Self.timeOfDayNanoseconds()
    epochNanoseconds = today - min(today, nanoseconds)
    let wallClock = Self.rfc3339(epochNanoseconds)
    qlog = try options.qlogPath.map { (path) throws(TraceError) in
      try QlogWriter(path: path, role: role, name: name, wallClock: wallClock)
    }
    pcap = try options.pcapPath.map { (path) throws(TraceError) in try PcapWriter(path: path) }
    drops = try options.dropTracePath.map { (path) throws(TraceError) in try DropTraceWriter(path: path) }
  }

  package func started(_ session: TracedSession, at nanoseconds: UInt64) {
    sessionID = session.sessionID
    qlog?.started(session, role: role, at: nanoseconds)
  }

  /// A datagram that the session sends, whether or not an induced impairment drops it before the socket.
  package func sent(_ datagram: UnsafeRawBufferPointer, at nanoseconds: UInt64) {
    qlog?.datagram(DatagramSummary(datagram), .outgoing, at: nanoseconds)
  }

  /// A datagram that has passed the socket and the impairment. When it is damaged, of another session, or
  /// comes after the end at this side (`isOver`), it is a `datagram_dropped`: the account does not count it.
  package func received(_ datagram: UnsafeRawBufferPointer, isOver: Bool = false, at nanoseconds: UInt64) {
    guard let qlog else { return }
    if let cause = DatagramSummary.refusal(datagram, sessionID: sessionID) ?? (isOver ? "session_over" : nil)
    {
      qlog.dropped(DatagramSummary(datagram), .incoming, cause: cause, at: nanoseconds)
    } else {
      qlog.datagram(DatagramSummary(datagram), .incoming, at: nanoseconds)
    }
  }

  /// A datagram that an induced impairment changed; `fate` in the words of Specs/trace.md §6.
  package func touched(_ datagram: UnsafeRawBufferPointer, _ direction: TraceDirection, fate: String) {
    drops?.append(DatagramSummary(datagram), direction, fate: fate)
  }

  /// A datagram that an induced impairment dropped.
  package func dropped(
    _ datagram: UnsafeRawBufferPointer, _ direction: TraceDirection, cause: String, at nanoseconds: UInt64
  ) {
    qlog?.dropped(DatagramSummary(datagram), direction, cause: cause, at: nanoseconds)
  }

  /// A datagram at the socket. Datagrams are recorded one by one, also when the kernel takes or gives trains.
  package func captured(
    _ datagram: UnsafeRawBufferPointer, from source: PacketEndpoint, to destination: PacketEndpoint,
    congestionField: UInt8 = 0, at nanoseconds: UInt64
  ) {
    pcap?.write(
      datagram, from: source, to: destination, congestionField: congestionField,
      nanoseconds: epochNanoseconds + nanoseconds)
  }

  /// What the chunks belong to, where that was not known when the session started.
  package func named(_ files: [TracedFile], at nanoseconds: UInt64) { qlog?.named(files, at: nanoseconds) }

  /// Chunks that came or went without a datagram that names them. Empty ranges are left out.
  package func chunks(_ change: TracedChunkChange, _ ranges: [Range<UInt64>], at nanoseconds: UInt64) {
    qlog?.chunks(change, ranges.filter { !$0.isEmpty }, at: nanoseconds)
  }

  package func metrics(_ metrics: TracedMetrics, at nanoseconds: UInt64) {
    qlog?.metrics(metrics, at: nanoseconds)
  }

  /// Told each time the driver looks; written when it changed.
  package func phase(_ name: String, at nanoseconds: UInt64) { qlog?.phase(name, at: nanoseconds) }

  package func ended(outcome: TraceOutcome, reason: String?, at nanoseconds: UInt64) {
    qlog?.ended(outcome: outcome, reason: reason, at: nanoseconds)
  }

  /// Closes the files. Returns the errors since they were opened, one line each.
  package func close() -> [TraceError] {
    [qlog?.close(), pcap?.close(), drops?.close()].compactMap(\.self)
  }

  private static func timeOfDayNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return UInt64(max(0, time.tv_sec)) * 1_000_000_000 + UInt64(max(0, time.tv_nsec))
  }

  /// UTC with milliseconds.
  static func rfc3339(_ nanoseconds: UInt64) -> String {
    var seconds = time_t(nanoseconds / 1_000_000_000)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    let millisecond = Int(nanoseconds / 1_000_000 % 1_000)
    let numbers = [parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec].map {
      $0 < 10 ? "0\($0)" : "\($0)"
    }
    let fraction = String("00\(millisecond)".suffix(3))
    return
      "\(parts.tm_year + 1_900)-\(numbers[0])-\(numbers[1])T\(numbers[2]):\(numbers[3]):\(numbers[4]).\(fraction)Z"
  }
}
