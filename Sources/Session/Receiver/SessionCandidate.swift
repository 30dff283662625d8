import Ground
import Wire

/// A session that was announced to a receiver and has not sent it a chunk yet, Specs/chunked-udp.md §6.2.
/// Anyone can announce: a receiver keeps several candidates, answers each by joins only, and takes the first
/// that sends a chunk.
struct SessionCandidate: Sendable {
  /// A candidate that is not heard for this time is forgotten.
  static let silenceNanoseconds: Nanoseconds = .seconds(2)
  /// Candidates kept; a further one takes the place of the one that was silent for the longest time.
  static let maximumCount = 64

  let sessionID: UInt64
  /// The newest announce; its values hold when `shape` is known.
  private(set) var announce: Announce
  /// Nil while the announces are provisional.
  private(set) var shape: SetShape?
  private(set) var grttNanoseconds: Nanoseconds = .milliseconds(100)
  /// What the session takes over, of what its sender was told so far.
  var joining = Joining()
  private(set) var credit = AnswerCredit()
  private(set) var nextPacketNumber: UInt64 = 0
  private(set) var forgottenAt = Instant.zero
  private var hearing = GroupHearing()
  /// The highest packet number, and messages, since the values hold.
  private var heard = GroupHearing.Heard(packet: 0, datagrams: 0, messages: 0)
  /// The newest *end* that nothing was asked after.
  private var end: (packet: UInt32, echo: Echo)?
  /// When something may be asked for again, and the time until the next request. A receiver that asks in vain
  /// asks ever more rarely.
  private var askAt = Instant.zero
  private var askInterval: Nanoseconds = .milliseconds(50)

  /// Nil when a final announce states more chunks than can be numbered.
  init?(_ announce: Announce, sessionID: UInt64, isProvisional: Bool) {
    self.sessionID = sessionID
    self.announce = announce
    guard !isProvisional else { return }
    guard announce.shape.chunkCount <= ChunkRange.sequenceSpace else { return nil }
    shape = announce.shape
  }

  var isGroup: Bool { announce.options.contains(.group) }
  var isOneWay: Bool { announce.options.contains(.oneWay) }
  var groupSize: UInt64 { isGroup ? UInt64(max(1, announce.groupSize)) : 1 }

  /// An announce of the session. False when it states more chunks than can be numbered.
  mutating func note(
    _ announce: Announce, isProvisional: Bool, spread: Nanoseconds, byteCount: Int, now: Instant
  ) -> Bool {
    // The final announce was sent because of our join, and the first report will show that it arrived.
    let isAwaited = shape == nil && !isProvisional && joining.joinCount > 0
    if shape == nil {
      if !isProvisional {
        guard announce.shape.chunkCount <= ChunkRange.sequenceSpace else { return false }
        shape = announce.shape
      }
      self.announce = announce
    }
    self.announce.groupSize = announce.groupSize
    self.announce.representatives = announce.representatives
    hear(byteCount: byteCount, grtt: announce.grttCode, now: now)
    joining.note(announce, byteCount: byteCount, now: now)
    if !isAwaited, !isOneWay {
      joining.answer(after: spread, isGroup: isGroup, groupSize: groupSize, now: now)
    }
    return true
  }

  /// Every chunk was sent before this receiver started. It asks for the first chunk. When this chunk arrives,
  /// the session begins here, and loss detection finds the others.
  mutating func note(_ end: End, header: DatagramHeader, byteCount: Int, now: Instant) {
    hear(byteCount: byteCount, grtt: end.grttCode, now: now)
    guard end.totalChunkCount == shape?.chunkCount, !isOneWay, now >= askAt else { return }
    askAt = now + askInterval
    askInterval = min(2 * askInterval, .seconds(1))
    self.end = (header.packetNumber, Echo(timestamp: end.timestamp, arrival: now))
  }

  private mutating func hear(byteCount: Int, grtt: GrttCode, now: Instant) {
    credit.noteReceived(byteCount: byteCount)
    forgottenAt = now + Self.silenceNanoseconds
    grttNanoseconds = grtt.nanoseconds
  }

  /// A time in which this process could not listen.
  mutating func postpone(by nanoseconds: Nanoseconds) {
    forgottenAt = forgottenAt + nanoseconds
    hearing.restart()
  }

  /// An announce or an *end* with this packet number. The request for unicast, when the group's chunks do not
  /// get through.
  mutating func noteHearing(
    packetNumber: UInt32, isEnd: Bool, receiverID: UInt64, now: Instant
  ) -> UnicastRequest? {
    guard isGroup, !isOneWay, let shape else { return nil }
    heard.packet = max(
      heard.packet, PacketNumber.reconstruct(truncated: packetNumber, expected: heard.packet + 1))
    heard.datagrams += 1
    heard.messages += 1
    guard let finding = hearing.note(heard, isEnd: isEnd, chunkCount: shape.chunkCount, now: now),
      joining.joinCount > 0
    else { return nil }
    return UnicastRequest(
      sessionID: sessionID, receiverID: receiverID, packetNumber: nextPacketNumber, credit: credit,
      finding: finding)
  }

  /// A message to this candidate's sender. Its bytes are taken from the credit.
  mutating func transmission(_ message: ControlMessage) -> ReceiverTransmission {
    defer { nextPacketNumber += 1 }
    credit.noteSent(byteCount: message.byteCount)
    return ReceiverTransmission(
      sessionID: sessionID, message: message, flags: [],
      packetNumber: UInt32(truncatingIfNeeded: nextPacketNumber))
  }

  var nextDeadline: Instant { min(forgottenAt, end == nil ? joining.dueAt : .zero) }

  /// The next message to this sender, until nil. Never more bytes than the credit has.
  mutating func pollTransmit(
    _ configuration: ReceiverMachine.Configuration, now: Instant
  ) -> ControlMessage? {
    if joining.dueAt <= now {
      guard credit.allows(Join.maximumByteCount) else {
        joining.disarm()
        return nil
      }
      return .join(joining.take(configuration, now: now))
    }
    guard let end else { return nil }
    self.end = nil
    let nack = Nack(
      receiverID: configuration.receiverID, highestPacketNumber: end.packet,
      echoedTimestamp: end.echo.timestamp, holdMicroseconds: end.echo.hold(now: now),
      body: .ranges([ChunkRange(first: 0, count: 1)]))
    return credit.allows(nack.byteCount) ? .nack(nack) : nil
  }
}
