package import Checksum
import Ground
import Wire

/// A datagram that a peer never sent, made of one that it sent. Its CRC32 is right.
package enum CheckForgery: Equatable, Sendable {
  case ofAnotherSession
  case ofAnotherVersion
  case withAnotherMagic
  case ofUnknownType
  /// Data of a chunk that the set does not have.
  case beyondTheSet
  /// Data, with one byte less than its chunk has.
  case tooShort
  /// Fewer bytes than a header.
  case ofNineteenBytes
  /// Data: the last byte is another one. In a file's last chunk this is a byte of its digest.
  case withAnotherLastByte
  /// The sender's: the session is over.
  case abort
  /// A NACK: the same chunks as a bitmap.
  case asBitmap
  /// A join: a complete of the same receiver, which has no chunk yet.
  case earlyComplete(fileCount: Int)
  /// The first chunk, and each announce: this name in place of one that is as long.
  case named(String, insteadOf: String)
}

extension CheckForgery: CustomStringConvertible {
  package var description: String {
    switch self {
    case .ofAnotherSession: "one of another session"
    case .ofAnotherVersion: "one of another version"
    case .withAnotherMagic: "one with another magic"
    case .ofUnknownType: "one of an unknown type"
    case .beyondTheSet: "data of a chunk beyond the set"
    case .tooShort: "data that are a byte too short"
    case .ofNineteenBytes: "a datagram of 19 bytes"
    case .withAnotherLastByte: "data with another last byte"
    case .abort: "an abort"
    case .asBitmap: "its bitmap form"
    case .earlyComplete: "a complete that is too early"
    case .named(let name, _): "a manifest with the name \(name)"
    }
  }
}

extension CheckForgery {
  /// The forged datagram; nil when this one does not lend itself to it. `identity`: that of the manifest with
  /// another name.
  package func datagram(of original: [UInt8], identity: SetIdentity?) -> [UInt8]? {
    var bytes = original
    switch self {
    case .ofAnotherSession: bytes[4] ^= 0x55
    case .ofAnotherVersion: bytes[1] = 3
    case .withAnotherMagic: bytes[0] = 0x48
    case .ofUnknownType: bytes[2] = 200
    case .beyondTheSet: CheckedDatagram.put([0x7F, 0xFF, 0xFF, 0xFF], into: &bytes, at: 20)
    case .tooShort:
      guard bytes.count > DataHeader.byteCount + 1 else { return nil }
      bytes.removeLast()
    case .ofNineteenBytes: return Array(bytes.prefix(19))
    case .withAnotherLastByte: bytes[bytes.count - 1] ^= 1
    case .abort: return Self.abort(of: original)
    case .asBitmap: return Self.bitmap(of: original)
    case .earlyComplete(let fileCount): return Self.complete(of: original, fileCount: fileCount)
    case .named(let name, let old): Self.rename(&bytes, old, name, identity: identity)
    }
    if isOfStranger { Self.falsify(&bytes, CheckedDatagram.kind(original)) }
    CheckedDatagram.sign(&bytes)
    return bytes
  }

  /// Whether a program must drop it whatever it says.
  private var isOfStranger: Bool {
    switch self {
    case .ofAnotherSession, .ofAnotherVersion, .withAnotherMagic, .ofUnknownType: true
    default: false
    }
  }

  /// Changes what it says, so that a program that believes it is seen to.
  private static func falsify(_ bytes: inout [UInt8], _ kind: MessageType?) {
    switch kind {
    case .data: bytes[bytes.count - 1] ^= 1
    case .join where bytes.count > 27: bytes[27] ^= 1  // the receiver's id
    case .complete where bytes.count > 44: CheckedDatagram.put([2], into: &bytes, at: 44)  // could not store
    default: break
    }
  }

  private static func abort(of original: [UInt8]) -> [UInt8] {
    Abort(receiverID: 0, reason: .endedByUser, text: "ended by its user").encode(
      sessionID: CheckedDatagram.sessionID(original), packetNumber: CheckedDatagram.packetNumber(original))
  }

  private static func complete(of original: [UInt8], fileCount: Int) -> [UInt8]? {
    guard case (let header, .join(let join))? = try? ControlMessage.decode(original.span) else { return nil }
    return Complete(
      receiverID: join.receiverID, echoedTimestamp: join.echoedTimestamp,
      holdMicroseconds: join.holdMicroseconds, verifiedFileCount: UInt32(clamping: fileCount),
      failedFileCount: 0, status: .whole
    ).encode(sessionID: header.sessionID, packetNumber: header.packetNumber &+ 1_000_000)
  }

  /// Nil when the chunks are too far apart for a datagram.
  private static func bitmap(of original: [UInt8]) -> [UInt8]? {
    guard case (let header, .nack(var nack))? = try? ControlMessage.decode(original.span),
      case .ranges(let ranges) = nack.body, let first = ranges.first, let last = ranges.last,
      last.end - UInt64(first.first) <= 8_192
    else { return nil }
    var bits = [UInt8](repeating: 0, count: Int(last.end - UInt64(first.first) + 7) / 8)
    for range in ranges {
      for chunk in UInt64(range.first)..<range.end {
        let place = Int(chunk - UInt64(first.first))
        bits[place / 8] |= 0x80 >> UInt8(place % 8)
      }
    }
    nack.body = .bitmap(base: first.first, bits: bits)
    return nack.encode(sessionID: header.sessionID, packetNumber: header.packetNumber)
  }

  private static func rename(
    _ bytes: inout [UInt8], _ old: String, _ name: String, identity: SetIdentity?
  ) {
    switch CheckedDatagram.kind(bytes) {
    case .announce:
      guard let identity else { return }
      var text: [UInt8] = []
      text.appendBigEndian(identity.high)
      text.appendBigEndian(identity.low)
      CheckedDatagram.put(text, into: &bytes, at: DatagramHeader.byteCount)
    case .data where CheckedDatagram.chunk(bytes) == 0: replace(&bytes, old, name)
    default: break
    }
  }

  /// Puts one text in the place of another one that is as long, where it stands first.
  static func replace(_ bytes: inout [UInt8], _ old: String, _ new: String) {
    let old = Array(old.utf8)
    guard let place = bytes.indices.first(where: { bytes[$0...].starts(with: old) }) else { return }
    CheckedDatagram.put(new.utf8, into: &bytes, at: place)
  }
}
