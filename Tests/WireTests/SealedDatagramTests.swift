import Ground
import TestSupport
import Testing
import Wire

/// The layout of §3.5, by hand; what is encrypted is checked with keys by SenderSealTests and
/// ReceiverSealTests.
@Suite struct SealedDatagramTests {
  private static let keys = seededBytes(24, seed: 7)

  /// An ordinary datagram of a length, each byte of its body another one.
  private static func ordinary(_ type: MessageType, byteCount: Int) -> [UInt8] {
    [DatagramHeader.magic, DatagramHeader.version, type.rawValue, 0]
      + [0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF] + [0, 0, 0, 9]
      + (16..<byteCount).map { UInt8($0) }
  }

  private struct Place: CustomTestStringConvertible {
    let type: MessageType
    let version: UInt8
    /// In the sealed datagram.
    let clear: [UInt8]
    let text: [UInt8]
    let nonce: [UInt8]
    var testDescription: String { "\(type) \(version)" }
  }

  private static let session: [UInt8] = [0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF]
  private static let places = [
    Place(
      type: .announce, version: SealedDatagram.senderVersion, clear: keys,
      text: Array(16..<76) + Array(100..<120), nonce: session + [0, 0, 0, 9]),
    Place(
      type: .end, version: SealedDatagram.senderVersion, clear: [], text: Array(16..<120),
      nonce: session + [0, 0, 0, 9]),
    Place(
      type: .join, version: SealedDatagram.receiverVersion, clear: Array(20..<28),
      text: Array(16..<20) + Array(28..<120), nonce: [0, 0, 0, 9] + Array(20..<28)),
    // Of a receiver's messages none is laid out as an announce.
    Place(
      type: .announce, version: SealedDatagram.receiverVersion, clear: Array(20..<28),
      text: Array(16..<20) + Array(28..<120), nonce: [0, 0, 0, 9] + Array(20..<28)),
  ]

  @Test(arguments: places)
  private func theBytesThatAReaderNeedsStandInTheClear(place: Place) throws {
    let ordinary = Self.ordinary(place.type, byteCount: 120)
    var sealed = SealedDatagram.arranged(ordinary, version: place.version, keys: Self.keys)
    #expect(sealed.count == 136)
    let head = [ordinary[0], place.version] + ordinary[2..<16]
    #expect(sealed == head + place.clear + place.text + Array(repeating: 0, count: 16))
    let count = sealed.count
    try sealed.withUnsafeMutableBytes { bytes in
      let parts = try #require(SealedDatagram.Parts(bytes))
      #expect(parts.isFromSender == (place.version == SealedDatagram.senderVersion))
      #expect(parts.type == place.type.rawValue)
      #expect(parts.sessionID == 0x0123_4567_89AB_CDEF)
      #expect(parts.packetNumber == 9)
      #expect(Array(parts.header) == head + place.clear)
      #expect(Array(parts.clearBytes) == place.clear)
      #expect(Array(parts.text) == place.text)
      #expect(Array(parts.nonce) == place.nonce)
      #expect(parts.tag.count == 16 && parts.tag.baseAddress == bytes.baseAddress.map { $0 + count - 16 })
      #expect(parts.isInPlace == place.clear.isEmpty)
    }
  }

  @Test(arguments: places)
  private func theOrdinaryDatagramIsWrittenBack(place: Place) throws {
    let ordinary = Self.ordinary(place.type, byteCount: 120)
    var sealed = SealedDatagram.arranged(ordinary, version: place.version, keys: Self.keys)
    var room = [UInt8](repeating: 0xEE, count: sealed.count)
    let count = try sealed.withUnsafeMutableBytes { bytes in
      let parts = try #require(SealedDatagram.Parts(bytes))
      return room.withUnsafeMutableBytes { parts.writeOrdinary(into: $0) }
    }
    var expected = ordinary
    if place.clear == Self.keys { expected.replaceSubrange(76..<100, with: repeatElement(0, count: 24)) }
    #expect(Array(room[..<count]) == expected)
  }

  /// The shortest that can hold what its kind must: an ordinary header, the receiver id, salt and key check.
  @Test(
    arguments: [
      (.data, SealedDatagram.senderVersion, 36), (.join, SealedDatagram.receiverVersion, 44),
      (.announce, SealedDatagram.senderVersion, 116),
    ] as [(MessageType, UInt8, Int)])
  func tooShortIsNone(type: MessageType, version: UInt8, shortest: Int) {
    for count in 0..<200 {
      var bytes = Array(
        ([DatagramHeader.magic, version, type.rawValue] + [UInt8](repeating: 0, count: 200)).prefix(count))
      let isSealed = bytes.withUnsafeMutableBytes { SealedDatagram.Parts($0) != nil }
      #expect(isSealed == (count >= shortest), "\(count) bytes")
    }
  }

  @Test func onlyTheTwoVersionsAndTheMagicAreSealed() {
    for byte in UInt8.min...UInt8.max {
      var version = [DatagramHeader.magic, byte, 3] + [UInt8](repeating: 0, count: 97)
      var magic = [byte, SealedDatagram.senderVersion, 3] + [UInt8](repeating: 0, count: 97)
      let isVersion = version.withUnsafeMutableBytes { SealedDatagram.Parts($0) != nil }
      let isMagic = magic.withUnsafeMutableBytes { SealedDatagram.Parts($0) != nil }
      #expect(isVersion == [0x82, 0xC2].contains(byte), "version \(byte)")
      #expect(isMagic == (byte == 0x47), "magic \(byte)")
    }
  }
}
