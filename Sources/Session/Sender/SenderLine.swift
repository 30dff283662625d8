import Ground
import Wire

/// What a sender needs in every phase: packet numbers, counters, events, and the messages that wait to leave.
struct SenderLine: Sendable {
  /// Completes answered in one turn, at most. The receivers of the others repeat them.
  private static let maximumCloseCount = 1_024
  /// Equal aborts: at least one of three arrives nearly always.
  private static let abortCount = 3

  /// The numbers of what has left.
  private(set) var ledger = SentLedger()
  var counters = SenderCounters()
  private var events = Queue<SenderEvent>()
  private var aborts: [Abort] = []
  /// Receivers whose complete waits for a close.
  private var closeDue: [UInt64] = []

  var hasAborts: Bool { !aborts.isEmpty }
  var hasMessages: Bool { !aborts.isEmpty || !closeDue.isEmpty }

  // MARK: Events

  mutating func note(_ event: SenderEvent) { events.append(event) }

  mutating func pollEvent() -> SenderEvent? {
    let event = events.first
    events.removeFirst()
    return event
  }

  // MARK: Messages

  /// Aborts to one receiver; id 0: to all.
  mutating func tell(_ receiverID: UInt64, _ reason: AbortReason, _ text: String) {
    let abort = Abort(receiverID: receiverID, reason: reason, text: text)
    aborts += Array(repeating: abort, count: Self.abortCount)
  }

  mutating func close(_ receiverID: UInt64) {
    if closeDue.count < Self.maximumCloseCount { closeDue.append(receiverID) }
  }

  mutating func takeAbort(now: Instant) -> SenderTransmission? {
    guard let abort = aborts.popLast() else { return nil }
    return control(.abort(abort), now: now)
  }

  mutating func takeClose(now: Instant) -> SenderTransmission? {
    guard !closeDue.isEmpty else { return nil }
    let count = min(closeDue.count, Close.maxReceivers(datagramByteCount: 1_200))
    let close = Close(receiverIDs: Array(closeDue.prefix(count)))
    closeDue.removeFirst(count)
    return control(.close(close), now: now)
  }

  mutating func control(
    _ message: ControlMessage, flags: DatagramFlags = [], now: Instant
  ) -> SenderTransmission {
    .control(message, flags: flags, packetNumber: takeControlPacket(now: now))
  }

  // MARK: Packet numbers

  /// The number of one datagram without a chunk.
  mutating func takeControlPacket(now: Instant) -> UInt32 {
    counters.controlDatagrams += 1
    return UInt32(truncatingIfNeeded: ledger.append(datagramCount: 1, carriesChunks: false, now: now))
  }

  /// What the datagrams of a train carry.
  enum Cargo { case first, repair, parity }

  /// The first of the numbers of a train.
  mutating func takePackets(count: UInt64, _ cargo: Cargo, now: Instant) -> UInt64 {
    switch cargo {
    case .first: counters.firstDatagrams += count
    case .repair: counters.repairDatagrams += count
    case .parity: counters.parityDatagrams += count
    }
    return ledger.append(datagramCount: count, carriesChunks: true, now: now)
  }
}
