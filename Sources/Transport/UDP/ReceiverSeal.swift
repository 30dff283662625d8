package import Ground
package import Keys
import Wire

/// Opens what senders with this receiver's secret send, and seals what it answers, Specs/chunked-udp.md §3.5.
///
/// The keys of a new salt are made only while no session runs, or while its sender is silent.
package final class ReceiverSeal {
  package enum Opened {
    /// The ordinary datagram, which is valid until the next call.
    case datagram(UnsafeRawBufferPointer)
    /// Not sealed at all.
    case unsealed
    /// The sender's secret is another one; `isNew`: its salt is seen for the first time.
    case otherSecret(isNew: Bool)
    /// Of a session that is not known here (yet), or a control message that came before.
    case foreign
    /// Its tag is wrong.
    case damaged
  }

  /// Both ciphers of a session, and which control messages came.
  private final class Session {
    let sessionID: UInt64
    let incoming: DatagramCipher
    let outgoing: DatagramCipher
    var window = ReplayWindow(wordCount: 64)
    /// All packet numbers that may be used with the key are used.
    var isExhausted = false

    init(_ keys: SaltedKeys, sessionID: UInt64) throws(KeyError) {
      self.sessionID = sessionID
      incoming = try keys.senderCipher(sessionID: sessionID)
      outgoing = try keys.receiverCipher(sessionID: sessionID)
    }
  }

  /// Sessions that are remembered.
  private static let limit = 64

  private let ring: KeyRing
  private var sessions: [UInt64: Session] = [:]
  /// The session of the last datagram: to look it up for each would cost more than all the rest here.
  private var latest: Session?
  private let ordinary = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
  /// "code" or "key".
  package var noun: String { ring.noun }
  /// A sender with another secret was heard.
  package var hasHeardOtherSecret: Bool { ring.hasHeardOtherSecret }
  /// Datagrams that were not sealed, and were ignored.
  package private(set) var unsealedCount: UInt64 = 0

  package init(_ secret: SessionSecret) { ring = KeyRing(secret) }

  deinit { ordinary.deallocate() }

  /// Opens a datagram, whose bytes are overwritten. `isListening`: no session runs, so that new ones are
  /// wanted; asked for each announce of a session that is not known.
  package func open(
    _ datagram: UnsafeRawBufferPointer, isListening: @autoclosure () -> Bool, now: Instant
  ) -> Opened {
    let bytes = UnsafeMutableRawBufferPointer(mutating: datagram)
    guard let parts = SealedDatagram.Parts(bytes), parts.isFromSender else {
      if datagram.count > 1, datagram[0] == DatagramHeader.magic, datagram[1] & 0x80 != 0 { return .damaged }
      unsealedCount += 1
      return .unsealed
    }
    if let latest, latest.sessionID == parts.sessionID { return open(parts, bytes, latest) }
    if let session = sessions[parts.sessionID] { return open(parts, bytes, session) }
    guard parts.type == MessageType.announce.rawValue, isListening() else { return .foreign }
    return learn(parts, bytes, now: now)
  }

  private func open(
    _ parts: SealedDatagram.Parts, _ datagram: UnsafeMutableRawBufferPointer, _ session: Session
  ) -> Opened {
    guard
      session.incoming.open(
        parts.text, header: parts.header, nonce: parts.nonce, tag: UnsafeRawBufferPointer(parts.tag))
    else { return .damaged }
    latest = session
    // Chunks and symbols that come twice are told by the machine, and counted there.
    let isPayload = MessageType(rawValue: parts.type)?.carriesPayload ?? false
    guard isPayload || session.window.admit(parts.packetNumber) else { return .foreign }
    guard parts.isInPlace else {
      let count = parts.writeOrdinary(into: ordinary)
      return .datagram(UnsafeRawBufferPointer(rebasing: ordinary[..<count]))
    }
    datagram[1] = DatagramHeader.version
    return .datagram(
      UnsafeRawBufferPointer(rebasing: datagram[..<(datagram.count - SealedDatagram.tagByteCount)]))
  }

  /// The announce of a new session.
  private func learn(
    _ parts: SealedDatagram.Parts, _ datagram: UnsafeMutableRawBufferPointer, now: Instant
  ) -> Opened {
    let salt = Array(parts.clearBytes[..<SaltedKeys.saltByteCount])
    let isNew = !ring.knows(salt)
    guard let keys = ring.keys(of: salt, now: now) else { return .foreign }
    guard keys.check.elementsEqual(parts.clearBytes[SaltedKeys.saltByteCount...]) else {
      ring.hasHeardOtherSecret = true
      return .otherSecret(isNew: isNew)
    }
    guard let session = try? Session(keys, sessionID: parts.sessionID) else { return .foreign }
    let opened = open(parts, datagram, session)
    guard case .datagram = opened else { return opened }
    if sessions.count >= Self.limit { sessions = [:] }
    sessions[parts.sessionID] = session
    return opened
  }

  /// The sealed form of a message of this receiver. Nil: the session is not known here, or its key is used
  /// up.
  package func sealed(_ message: [UInt8], sessionID: UInt64) -> [UInt8]? {
    guard let session = sessions[sessionID] else { return nil }
    var sealed = SealedDatagram.arranged(message, version: SealedDatagram.receiverVersion, keys: [])
    let isSealed = sealed.withUnsafeMutableBytes { bytes in
      guard let parts = SealedDatagram.Parts(bytes) else { return false }
      if parts.packetNumber > SenderSeal.lastPacketNumber { session.isExhausted = true }
      return !session.isExhausted
        && session.outgoing.seal(parts.text, header: parts.header, nonce: parts.nonce, tag: parts.tag)
    }
    return isSealed ? sealed : nil
  }
}
