import Checksum
import Ground
import Session
import Wire

/// Sends files from memory to one receiver, by the chunked protocol over datagrams (Specs/chunked-udp.md).
///
/// It does no input or output, and reads no clock: the program carries the datagrams and tells the time. So
/// the same code runs over a socket, over a radio, or in a simulation. After each `receive`, and when
/// `nextDeadline` has come, call `nextDatagram` until it returns nil, and send each datagram.
///
/// There is no encryption, and everyone can read the datagrams (Specs/security.md).
public struct SendingSession: Sendable {
  private var machine: SenderMachine
  private let set: MemorySet
  private let sessionID: UInt64
  private var hint = 0
  /// Encoded already: a machine gives several datagrams at once.
  private var waiting: [[UInt8]] = []
  private var problem: String?

  /// A session that begins now.
  ///
  /// - Parameters:
  ///   - files: what is sent. No two of them have the same name.
  ///   - sessionID: a random number, not 0. Each session needs another one.
  ///   - datagramByteCount: the length of a full datagram, 33 to 65,507 bytes. 1,472 bytes fill a packet of
  ///     Ethernet.
  ///   - rateLimit: the most bits of datagrams a second; nil: what the path carries.
  ///   - now: the time since a start of the program's choice.
  /// - Throws: `SessionError` when a name is not possible or occurs twice, or there are too many chunks.
  public init(
    _ files: [SessionFile], sessionID: UInt64, datagramByteCount: Int = 1_472, rateLimit: Double? = nil,
    now: Duration
  ) throws(SessionError) {
    guard (DataHeader.byteCount + 1...PacketSize.largestDatagram).contains(datagramByteCount) else {
      throw SessionError(description: "datagrams have 33 to 65,507 bytes, not \(datagramByteCount)")
    }
    guard sessionID != 0 else { throw SessionError(description: "a session's id is not 0") }
    if let rateLimit, !(rateLimit > 0) {
      throw SessionError(description: "a rate is more than 0 bits a second, not \(rateLimit)")
    }
    set = try MemorySet(files, chunkByteCount: datagramByteCount - DataHeader.byteCount)
    self.sessionID = sessionID
    machine = SenderMachine(
      SenderMachine.Configuration(
        sessionID: sessionID, announce: set.announce, rateLimitBitsPerSecond: rateLimit, seed: sessionID),
      now: Instant(now))
  }

  /// Takes a datagram that has arrived. One that is damaged, or of another session, changes nothing.
  public mutating func receive(_ datagram: [UInt8], at now: Duration) {
    guard let (header, message) = try? ControlMessage.decode(datagram.span) else { return }
    machine.handle(message, header: header, now: Instant(now))
    takeEvents()
  }

  /// The next datagram to send, or nil when there is none now.
  public mutating func nextDatagram(at now: Duration) -> [UInt8]? {
    let now = Instant(now)
    if machine.nextDeadline <= now { machine.handleWake(now: now) }
    if waiting.isEmpty, let transmission = machine.pollTransmit(now: now) {
      waiting = encode(transmission, now: now).reversed()
    }
    takeEvents()
    return waiting.popLast()
  }

  /// When `nextDatagram` is to be called again; nil: when a datagram has arrived.
  public var nextDeadline: Duration? { waiting.isEmpty ? machine.nextDeadline.duration : .zero }

  /// Ends the session, and tells the receiver. `text` is for people; at most 200 bytes of it are sent.
  public mutating func cancel(_ text: String) { machine.cancel(reason: .endedByUser, text: text) }

  /// Nothing is left to do.
  public var hasEnded: Bool { machine.hasEnded && waiting.isEmpty && machine.nextDeadline == .never }

  /// The receiver has verified every file, and said so.
  public var isWhole: Bool { machine.peers.contains { $0.outcome.isWhole } }

  /// Why the session has ended although the receiver has not every file, in one line; nil otherwise.
  public var failure: String? { hasEnded && !isWhole ? problem ?? "the receiver has not every file" : nil }

  /// The part of the chunks that the receiver has, as far as it has told, in [0, 1].
  public var fraction: Double {
    isWhole
      ? 1
      : Double(machine.peers.map(\.chunksHeld).max() ?? 0) / Double(max(1, machine.shape.chunkCount))
  }

  /// What was sent so far.
  public var counts: SessionCounts {
    SessionCounts(
      first: Int(machine.counters.firstDatagrams), repair: Int(machine.counters.repairDatagrams),
      control: Int(machine.counters.controlDatagrams))
  }

  private mutating func takeEvents() {
    while let event = machine.pollEvent() {
      switch event {
      case .joined, .started, .storage: break
      case .peerEnded(_, let outcome): if !outcome.isWhole { problem = Self.text(outcome) }
      case .ended(let end): problem = problem ?? Self.text(end)
      }
    }
  }

  private static func text(_ outcome: PeerOutcome) -> String? {
    switch outcome {
    case .underWay, .whole: nil
    case .partial(let complete):
      "\(complete.failedFileCount) \(complete.failedFileCount == 1 ? "file" : "files") failed at the receiver"
    case .left(_, let text): "the receiver has ended the session: \(text)"
    case .silent: "the receiver no longer answers"
    case .stalled: "no chunk arrives at the receiver any more"
    case .leftBehind: "the receiver was too slow"
    }
  }

  private static func text(_ end: SenderEnd) -> String? {
    switch end {
    case .finished: nil
    case .nobodyListening: "no receiver has answered"
    case .pathTooNarrow(let byteCount): "the path does not carry datagrams of \(byteCount) bytes"
    case .cancelled(_, let text): "this side has ended the session: \(text)"
    }
  }

  private mutating func encode(_ transmission: SenderTransmission, now: Instant) -> [[UInt8]] {
    switch transmission {
    case .control(let message, let flags, let packetNumber):
      [message.encode(sessionID: sessionID, packetNumber: packetNumber, flags: flags)]
    case .train(let train): encode(train, now: now)
    case .repair(let notice, let packetNumber, let train):
      [notice.encode(sessionID: sessionID, packetNumber: packetNumber)] + encode(train, now: now)
    // The announce offers no parity.
    case .parity, .symbols: []
    }
  }

  private mutating func encode(_ train: Train, now: Instant) -> [[UInt8]] {
    var datagrams: [[UInt8]] = []
    var packetNumber = train.firstPacketNumber
    for chunk in train.runs.flatMap(\.chunks) {
      let payload = set.payload(of: UInt32(chunk), hint: &hint)
      var datagram = [UInt8](repeating: 0, count: DataHeader.byteCount)
      datagram.withUnsafeMutableBytes {
        DataHeader.write(
          into: $0, sessionID: sessionID, packetNumber: UInt32(truncatingIfNeeded: packetNumber),
          flags: train.isRepair ? .repair : [], chunkIndex: UInt32(chunk), timestamp: now.timestamp,
          grttCode: train.grttCode, payloadChecksum: CRC32.checksum(payload.span))
      }
      datagrams.append(datagram + payload)
      packetNumber += 1
    }
    return datagrams
  }
}
