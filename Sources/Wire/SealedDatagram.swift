import Ground

/// Where the parts of a sealed datagram stand, Specs/chunked-udp.md §3.5. A sealed datagram is 16 bytes
/// longer than the ordinary one inside:
///
///     bytes 0..<16 of the ordinary header | clear bytes | ciphertext of the rest | tag, 16 bytes
///
/// The clear bytes are those that a reader needs to find the key: of an announce salt and key check, of a
/// receiver's message its id, of all others none. Their places inside the ordinary datagram (76..<100,
/// 20..<28) are left out of the ciphertext.
package enum SealedDatagram {
  /// Byte 1, in the place of the version.
  package static let senderVersion = DatagramHeader.version | 0x80
  package static let receiverVersion = DatagramHeader.version | 0xC0
  /// By which a datagram grows.
  package static let tagByteCount = 16
  package static let headerByteCount = 16

  /// Places in the ordinary datagram.
  private static let announceKeys = 76..<100
  private static let receiverID = 20..<28

  /// The bytes of an ordinary datagram that are not encrypted with the rest; they follow the header.
  package static func clearPlaces(_ version: UInt8, _ type: UInt8) -> Range<Int> {
    if version == receiverVersion { return receiverID }
    return type == MessageType.announce.rawValue ? announceKeys : headerByteCount..<headerByteCount
  }

  /// The 12 bytes of the nonce, in the sealed datagram: session id and packet number of a sender, packet
  /// number and receiver id of a receiver.
  package static func noncePlaces(_ version: UInt8) -> Range<Int> {
    version == receiverVersion ? 12..<24 : 4..<16
  }

  /// The parts of a datagram that may be sealed. Nil when it is too short, or not sealed.
  package struct Parts {
    /// Authenticated, not encrypted: the header and the clear bytes.
    package let header: UnsafeRawBufferPointer
    package let nonce: UnsafeRawBufferPointer
    package let text: UnsafeMutableRawBufferPointer
    package let tag: UnsafeMutableRawBufferPointer
    package let isFromSender: Bool
    /// Byte 2, which may be no message's type.
    package let type: UInt8
    package let sessionID: UInt64
    package let packetNumber: UInt32
    /// Places in the ordinary datagram.
    let clear: Range<Int>

    /// `datagram`: whole, with room for the tag at its end.
    package init?(_ datagram: UnsafeMutableRawBufferPointer) {
      let bytes = UnsafeRawBufferPointer(datagram)
      guard bytes.count > headerByteCount + tagByteCount, bytes[0] == DatagramHeader.magic,
        bytes[1] == senderVersion || bytes[1] == receiverVersion
      else { return nil }
      let version = bytes[1]
      clear = clearPlaces(version, bytes[2])
      let textStart = headerByteCount + clear.count
      let textEnd = bytes.count - tagByteCount
      // The ordinary datagram reaches beyond the places of its clear bytes.
      guard textEnd >= max(clear.upperBound, DatagramHeader.byteCount) else { return nil }
      isFromSender = version == senderVersion
      type = bytes[2]
      header = UnsafeRawBufferPointer(rebasing: bytes[..<textStart])
      nonce = UnsafeRawBufferPointer(rebasing: bytes[noncePlaces(version)])
      text = UnsafeMutableRawBufferPointer(rebasing: datagram[textStart..<textEnd])
      tag = UnsafeMutableRawBufferPointer(rebasing: datagram[textEnd...])
      sessionID = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt64.self))
      packetNumber = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
    }

    /// The clear bytes.
    package var clearBytes: UnsafeRawBufferPointer {
      UnsafeRawBufferPointer(rebasing: header[headerByteCount...])
    }

    /// Whether the ordinary datagram stands in place once the text is decrypted and byte 1 is the version.
    package var isInPlace: Bool { clear.isEmpty }

    /// Writes the ordinary datagram of a decrypted text, and returns its length. The places of an announce's
    /// salt and key check are zero. `room`: as long as the sealed datagram at least.
    package func writeOrdinary(into room: UnsafeMutableRawBufferPointer) -> Int {
      let before = clear.lowerBound - headerByteCount
      let texts = UnsafeRawBufferPointer(text)
      room.copyMemory(from: UnsafeRawBufferPointer(rebasing: header[..<headerByteCount]))
      room[1] = DatagramHeader.version
      copy(texts[..<before], to: room, at: headerByteCount)
      if isFromSender {
        for place in clear { room[place] = 0 }
      } else {
        copy(header[headerByteCount...], to: room, at: clear.lowerBound)
      }
      copy(texts[before...], to: room, at: clear.upperBound)
      return header.count + text.count
    }

    private func copy(
      _ bytes: Slice<UnsafeRawBufferPointer>, to room: UnsafeMutableRawBufferPointer, at place: Int
    ) {
      UnsafeMutableRawBufferPointer(rebasing: room[place...]).copyMemory(
        from: UnsafeRawBufferPointer(rebasing: bytes))
    }
  }

  /// The sealed form of a control message before its text is encrypted: room for the tag is zero. `keys`:
  /// salt and key check, 24 bytes, for an announce.
  package static func arranged(_ ordinary: [UInt8], version: UInt8, keys: [UInt8]) -> [UInt8] {
    let clear = clearPlaces(version, ordinary[2])
    var sealed = Array(ordinary[..<headerByteCount])
    sealed[1] = version
    sealed += version == senderVersion && !clear.isEmpty ? keys[...] : ordinary[clear]
    sealed += ordinary[headerByteCount..<clear.lowerBound] + ordinary[clear.upperBound...]
    sealed += Array(repeating: 0, count: tagByteCount)
    return sealed
  }
}
