import Ground
package import Keys
import Wire

/// Seals what a sender sends in one session, and opens what its receivers send, Specs/chunked-udp.md §3.5.
package final class SenderSeal {
  /// Packet numbers that are not used with a key, so that none is used twice: the last 2^20 of 2^32.
  static let lastPacketNumber = UInt32.max - (1 << 20)
  /// Receivers whose packet numbers are remembered; as many as a sender keeps.
  private static let receiverLimit = 100_000

  private let keys: SaltedKeys
  private let outgoing: DatagramCipher
  private let incoming: DatagramCipher
  private let sessionID: UInt64
  private var windows: [UInt64: ReplayWindow] = [:]
  private let ordinary = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
  /// All packet numbers that may be used with the key are used: nothing is sealed any more.
  package private(set) var isExhausted = false
  /// Sees each ordinary datagram before it is sealed; nil when nobody looks.
  var watch: ((UnsafeRawBufferPointer) -> Void)?

  package init(_ keys: SaltedKeys, sessionID: UInt64) throws(KeyError) {
    self.keys = keys
    self.sessionID = sessionID
    outgoing = try keys.senderCipher(sessionID: sessionID)
    incoming = try keys.receiverCipher(sessionID: sessionID)
  }

  deinit { ordinary.deallocate() }

  /// Seals a row of ordinary datagrams of chunks and symbols in place, each with 16 bytes of room behind it.
  /// `lengths`: with that room.
  package func seal(_ row: UnsafeMutableRawBufferPointer, _ lengths: [Int]) {
    var start = 0
    for length in lengths {
      seal(UnsafeMutableRawBufferPointer(rebasing: row[start..<start + length]))
      start += length
    }
  }

  private func seal(_ datagram: UnsafeMutableRawBufferPointer) {
    watch?(UnsafeRawBufferPointer(rebasing: datagram[..<(datagram.count - SealedDatagram.tagByteCount)]))
    datagram[1] = SealedDatagram.senderVersion
    close(datagram)
  }

  /// The sealed form of a control message.
  package func sealed(_ message: [UInt8]) -> [UInt8] {
    message.withUnsafeBytes { watch?($0) }
    var sealed = SealedDatagram.arranged(
      message, version: SealedDatagram.senderVersion, keys: keys.salt + keys.check)
    sealed.withUnsafeMutableBytes { close($0) }
    return sealed
  }

  /// A datagram that cannot be sealed is sent as zeros: nobody takes it for anything.
  private func close(_ datagram: UnsafeMutableRawBufferPointer) {
    guard let parts = SealedDatagram.Parts(datagram) else { return datagram.fillWithZeros() }
    if parts.packetNumber > Self.lastPacketNumber { isExhausted = true }
    guard !isExhausted, outgoing.seal(parts.text, header: parts.header, nonce: parts.nonce, tag: parts.tag)
    else { return datagram.fillWithZeros() }
  }

  /// A receiver's message, as an ordinary datagram that is valid until the next call. Nil: it is not sealed
  /// with this key, or it came before.
  package func open(_ datagram: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    guard let parts = SealedDatagram.Parts(UnsafeMutableRawBufferPointer(mutating: datagram)),
      !parts.isFromSender, parts.sessionID == sessionID,
      incoming.open(
        parts.text, header: parts.header, nonce: parts.nonce, tag: UnsafeRawBufferPointer(parts.tag))
    else { return nil }
    let id = UInt64(bigEndian: parts.clearBytes.loadUnaligned(as: UInt64.self))
    guard windows[id] != nil || windows.count < Self.receiverLimit,
      windows[id, default: ReplayWindow(wordCount: 1)].admit(parts.packetNumber)
    else { return nil }
    let count = parts.writeOrdinary(into: ordinary)
    return UnsafeRawBufferPointer(rebasing: ordinary[..<count])
  }
}

extension UnsafeMutableRawBufferPointer {
  fileprivate func fillWithZeros() { for place in indices { self[place] = 0 } }
}
