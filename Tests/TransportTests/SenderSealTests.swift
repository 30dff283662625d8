import Checksum
import Ground
import Keys
import TestSupport
import Testing
import Wire

import Transport

/// Sealed datagrams of both directions, Specs/chunked-udp.md §3.5.
struct SenderSealTests {
  static let sessionID: UInt64 = 0x0123_4567_89ab_cdef
  static let receiverID: UInt64 = 0x1122_3344_5566_7788
  static let secret = SessionSecret.key(Array(UInt8(0)...31))

  /// Both ends of a session, which have heard of each other.
  struct Ends {
    let sender: SenderSeal
    let receiver: ReceiverSeal

    init(_ secret: SessionSecret = SenderSealTests.secret) throws {
      sender = try SenderSeal(SaltedKeys(secret), sessionID: sessionID)
      receiver = ReceiverSeal(secret)
      let announced = receiver.opened(sender.sealed(announce(packetNumber: 0)))
      #expect(announced == announce(packetNumber: 0))
    }
  }

  static func announce(packetNumber: UInt32, byteCount: Int = 200) -> [UInt8] {
    let shape = SetShape(
      chunkByteCount: 1_000, manifestByteCount: 60, fileCount: 1, fileByteCount: 1, fileChunkCount: 1)
    return ControlMessage.announce(
      Announce(
        setIdentity: SetIdentity(high: 1, low: 2), shape: shape, groupSize: 1, timestamp: 5, options: [],
        grttCode: GrttCode(rawValue: 9), blockChunkCount: 0, maxParityCount: 0, datagramByteCount: byteCount)
    ).encode(sessionID: sessionID, packetNumber: packetNumber)
  }

  static func join(packetNumber: UInt32) -> [UInt8] {
    ControlMessage.join(
      Join(
        receiverID: receiverID, echoedTimestamp: 1, holdMicroseconds: 2, receiveBufferByteCount: 3,
        largestAnnounceByteCount: 100, hostName: "r1")
    ).encode(sessionID: sessionID, packetNumber: packetNumber)
  }

  static func data(packetNumber: UInt32, payload: [UInt8]) -> [UInt8] {
    var datagram = [UInt8](repeating: 0, count: DataHeader.byteCount) + payload
    let checksum = CRC32.checksum(payload.span)
    datagram.withUnsafeMutableBytes {
      DataHeader.write(
        into: $0, sessionID: sessionID, packetNumber: packetNumber, flags: [], chunkIndex: 5,
        timestamp: 1_000, grttCode: GrttCode(rawValue: 42), payloadChecksum: checksum)
    }
    return datagram
  }

  /// A row of one datagram of a chunk, sealed.
  static func sealed(_ datagram: [UInt8], by seal: SenderSeal) -> [UInt8] {
    var row = datagram + Array(repeating: 0, count: SealedDatagram.tagByteCount)
    let count = row.count
    row.withUnsafeMutableBytes { seal.seal($0, [count]) }
    return row
  }

  /// Computed from Specs/security.md by Python: hashlib.scrypt, hmac, and AESGCM of cryptography 48.0.
  @Test func sealsAsTheSpecificationSays() throws {
    let keys = try SaltedKeys(
      .code(SessionCode("bado kilu mefa nopi rusa tegi")), salt: Array(UInt8(0)...15))
    let sender = try SenderSeal(keys, sessionID: Self.sessionID)
    let data = Self.data(packetNumber: 9, payload: Array("hello".utf8))
    #expect(data.hexadecimal == "470203000123456789abcdef000000091355a31000000005000003e82a00000068656c6c6f")
    #expect(
      Self.sealed(data, by: sender).hexadecimal
        == "478203000123456789abcdef000000095fb9f60d2ce45afcb97c6038769bb90c83ea92c927bf25298d9dbba6cf2807dbe12d9245ca"
    )
    let join = Self.join(packetNumber: 3)
    #expect(
      join.hexadecimal
        == "470202000123456789abcdef00000003f0e5b36911223344556677880000000100000002000000030064027231")
    let sealed = [UInt8](
      hexadecimal:
        """
        47c202000123456789abcdef00000003112233445566778857b679651076e89f1878e60e287ed5b793c44d4526382c4f\
        e354580706951e2b4400a22168
        """
    )
    #expect(sender.opened(sealed) == join)
  }

  @Test func bothDirectionsAreOpenedByTheOther() throws {
    let ends = try Ends()
    for count in [1, 2, 15, 16, 17, 1_424] {
      let data = Self.data(packetNumber: UInt32(count), payload: seededBytes(count, seed: 1))
      let sealed = Self.sealed(data, by: ends.sender)
      #expect(sealed.count == data.count + 16 && sealed != data)
      #expect(ends.receiver.opened(sealed) == data)
      #expect(ends.receiver.opened(sealed) == data)  // the machine tells a chunk that comes twice
    }
    let join = Self.join(packetNumber: 1)
    let sealed = try #require(ends.receiver.sealed(join, sessionID: Self.sessionID))
    #expect(sealed.count == join.count + 16)
    #expect(ends.sender.opened(sealed) == join)
    #expect(ends.sender.opened(sealed) == nil, "a receiver's message that was sent again by others")
    #expect(ends.receiver.opened(sealed) == nil, "a receiver's message is not a sender's")
  }

  /// Each byte of each kind of datagram is authenticated, those in the clear as well.
  @Test func noDatagramWithAFlippedBitIsOpened() throws {
    let ends = try Ends()
    let fromSender = [
      ends.sender.sealed(Self.announce(packetNumber: 1)),
      Self.sealed(Self.data(packetNumber: 2, payload: seededBytes(40, seed: 2)), by: ends.sender),
      ends.sender.sealed(
        ControlMessage.close(Close(receiverIDs: [7])).encode(sessionID: Self.sessionID, packetNumber: 3)),
    ]
    for datagram in fromSender {
      for place in datagram.indices {
        #expect(ends.receiver.opened(datagram.flipped(place)) == nil, "byte \(place)")
      }
      #expect(ends.receiver.opened(datagram) != nil)
    }
    let join = try #require(ends.receiver.sealed(Self.join(packetNumber: 1), sessionID: Self.sessionID))
    for place in join.indices { #expect(ends.sender.opened(join.flipped(place)) == nil, "byte \(place)") }
    #expect(ends.sender.opened(join) != nil)
  }

  /// Every length, and bytes that look like a sealed datagram's.
  @Test func anyBytesAreRefusedWithoutATrap() throws {
    let ends = try Ends()
    for byteCount in 0..<140 {
      for version in [2, 0x82, 0xC2, 0xFF] as [UInt8] {
        for type in [0, 1, 2, 3, 9, 255] as [UInt8] {
          var bytes = seededBytes(byteCount, seed: UInt64(byteCount))
          for (place, byte) in [0x47, version, type].enumerated() where place < byteCount {
            bytes[place] = byte
          }
          for (place, byte) in Self.announce(packetNumber: 0)[4..<12].enumerated() where place + 4 < byteCount
          {
            bytes[place + 4] = byte
          }
          #expect(ends.sender.opened(bytes) == nil && ends.receiver.opened(bytes) == nil)
        }
      }
    }
  }

  /// Rather nothing than a packet number twice with a key.
  @Test func aKeyThatIsUsedUpSealsNothing() throws {
    let ends = try Ends()
    let last = UInt32.max - (1 << 20)
    let data = { Self.data(packetNumber: $0, payload: [1, 2, 3]) }
    #expect(ends.receiver.opened(Self.sealed(data(last), by: ends.sender)) == data(last))
    #expect(!ends.sender.isExhausted)
    #expect(Self.sealed(data(last + 1), by: ends.sender).allSatisfy { $0 == 0 })
    #expect(ends.sender.isExhausted)
    #expect(Self.sealed(data(0), by: ends.sender).allSatisfy { $0 == 0 })
    #expect(ends.receiver.sealed(Self.join(packetNumber: last + 1), sessionID: Self.sessionID) == nil)
    #expect(ends.receiver.sealed(Self.join(packetNumber: 0), sessionID: Self.sessionID) == nil)
  }
}

extension SenderSeal {
  /// A copy of the ordinary datagram; nil when it is refused.
  func opened(_ sealed: [UInt8]) -> [UInt8]? {
    var copy = sealed
    return copy.withUnsafeMutableBytes { open(UnsafeRawBufferPointer($0)).map(Array.init) }
  }
}

extension ReceiverSeal {
  /// The same, of a receiver that listens.
  func opened(_ sealed: [UInt8], now: Instant = .zero) -> [UInt8]? {
    guard case .datagram(let bytes) = result(sealed, now: now) else { return nil }
    return bytes
  }

  enum Result: Equatable { case datagram([UInt8]), unsealed, otherSecret(isNew: Bool), foreign, damaged }

  func result(_ sealed: [UInt8], isListening: Bool = true, now: Instant = .zero) -> Result {
    var copy = sealed
    return copy.withUnsafeMutableBytes {
      switch open(UnsafeRawBufferPointer($0), isListening: isListening, now: now) {
      case .datagram(let bytes): .datagram(Array(bytes))
      case .unsealed: .unsealed
      case .otherSecret(let isNew): .otherSecret(isNew: isNew)
      case .foreign: .foreign
      case .damaged: .damaged
      }
    }
  }
}

extension [UInt8] {
  init(hexadecimal text: String) {
    let digits = text.compactMap(\.hexDigitValue)
    self = stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }

  var hexadecimal: String {
    let digits = Array<Character>("0123456789abcdef")
    return String(flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }

  func flipped(_ place: Int) -> [UInt8] {
    var copy = self
    copy[place] ^= 1 << UInt8(place % 8)
    return copy
  }
}
