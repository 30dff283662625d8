import Ground
import Session
import Wire

/// Receives files into memory, by the chunked protocol over datagrams (Specs/chunked-udp.md).
///
/// As ``SendingSession``, it does no input or output, and reads no clock. It takes the first session of which
/// a chunk arrives. Parity is ignored: chunks are asked for instead.
public struct ReceivingSession: Sendable {
  private var machine: ReceiverMachine
  private var received: MemoryInbox?
  private let byteCountLimit: Int
  private var problem: String?
  private var sentCount = 0

  /// A receiver that listens from now on.
  ///
  /// - Parameters:
  ///   - name: what the sender calls this receiver; 64 bytes of it are sent.
  ///   - receiverID: a random number, not 0. Each receiver of a session needs another one.
  ///   - byteCountLimit: the most bytes that a set may have. A larger one is refused, and its sender is told.
  public init(name: String, receiverID: UInt64, byteCountLimit: Int = 1 << 30) {
    self.byteCountLimit = byteCountLimit
    machine = ReceiverMachine(
      ReceiverMachine.Configuration(receiverID: receiverID, hostName: name, seed: receiverID))
  }

  /// Takes a datagram that has arrived. One that is damaged, or of another session, changes nothing.
  public mutating func receive(_ datagram: [UInt8], at now: Duration) {
    let now = Instant(now)
    guard let type = try? Datagram.type(of: datagram.span) else { return }
    switch type {
    case .data: receiveData(datagram, now)
    case .parity, .invitation, .invitationAnswer: break
    default:
      guard let (header, message) = try? ControlMessage.decode(datagram.span) else { return }
      machine.handle(message, header: header, byteCount: datagram.count, now: now)
      if case .announce(let announce) = message { refuseIfTooLarge(announce, header, now) }
    }
    takeEvents(now)
  }

  /// The next datagram to send, or nil when there is none now.
  public mutating func nextDatagram(at now: Duration) -> [UInt8]? {
    let now = Instant(now)
    _ = machine.settle(now: now)
    takeEvents(now)
    guard let next = machine.pollTransmit(now: now) else { return nil }
    sentCount += 1
    return next.message.encode(
      sessionID: next.sessionID, packetNumber: next.packetNumber, flags: next.flags)
  }

  /// When `nextDatagram` is to be called again; nil: when a datagram has arrived.
  public var nextDeadline: Duration? { machine.nextDeadline.duration }

  /// Ends the session, and tells the sender. `text` is for people; at most 200 bytes of it are sent.
  public mutating func cancel(_ text: String, at now: Duration) {
    machine.cancel(reason: .endedByUser, text: text, now: Instant(now))
    takeEvents(Instant(now))
  }

  /// Nothing is left to do.
  public var hasEnded: Bool {
    if case .ended = machine.phase { machine.nextDeadline == .never } else { false }
  }

  /// The files, once every one of them is here and verified; nil before.
  public var files: [SessionFile]? { received?.files }

  /// Why the session has ended although not every file is here, in one line; nil otherwise.
  public var failure: String? { hasEnded && files == nil ? problem ?? "not every file is here" : nil }

  /// The part of the chunks that are here, in [0, 1].
  public var fraction: Double { received?.fraction ?? 0 }

  /// What was sent so far.
  public var counts: SessionCounts { SessionCounts(control: sentCount) }

  private mutating func receiveData(_ datagram: [UInt8], _ now: Instant) {
    guard let data = try? DataDatagram.decode(datagram.span) else { return }
    let fate = machine.handleData(
      sessionID: data.sessionID, packetNumber: data.packetNumber, chunkIndex: data.chunkIndex,
      timestamp: data.timestamp, grttCode: data.grttCode, isRepair: data.flags.contains(.repair),
      byteCount: datagram.count, canKeep: true, now: now)
    takeBeginning()
    if fate == .keep { received?.keep(Array(datagram[data.payload]), as: data.chunkIndex) }
  }

  /// The session's first chunk says which announce holds.
  private mutating func takeBeginning() {
    guard received == nil, let announce = machine.announce else { return }
    received = MemoryInbox(announce)
  }

  private mutating func refuseIfTooLarge(_ announce: Announce, _ header: DatagramHeader, _ now: Instant) {
    let shape = announce.shape
    let limit = UInt64(max(0, byteCountLimit))
    guard shape.fileByteCount > limit || UInt64(shape.manifestByteCount) > limit - shape.fileByteCount
    else { return }
    machine.refuse(
      sessionID: header.sessionID, reason: .limitExceeded,
      text: "the set has \(shape.fileByteCount) bytes, and this receiver takes \(byteCountLimit)", now: now)
  }

  private mutating func takeEvents(_ now: Instant) {
    while let event = machine.pollEvent() {
      switch event {
      case .began, .canRebuild, .symbolsUnneeded, .chunksBlocked: break
      case .allChunksHeld: verify(now)
      case .ended(let end): problem = Self.text(end)
      }
    }
  }

  private mutating func verify(_ now: Instant) {
    guard let verdict = received?.verify() else { return }
    machine.handleVerified(
      verified: UInt32(clamping: verdict.verifiedCount), failed: UInt32(clamping: verdict.failedCount),
      status: verdict.failedCount == 0 ? .whole : .someFilesFailed, text: verdict.text, now: now)
    if verdict.failedCount > 0 { problem = verdict.text }
  }

  private static func text(_ end: ReceiverEnd) -> String? {
    switch end {
    case .completed(let complete, _): complete.status == .whole ? nil : complete.text
    case .aborted(_, let text): "the sender has ended the session: \(text)"
    case .senderSilent: "nothing arrives from the sender any more"
    case .senderDone: "the sender has sent all its rounds"
    case .senderStalled: "the sender sends no chunks any more"
    case .cancelled(_, let text): "this side has ended the session: \(text)"
    }
  }
}
