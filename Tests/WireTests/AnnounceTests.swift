import Checksum
import Testing
import Wire

@Suite struct AnnounceTests {
  private static let sound = Announce(
    setIdentity: SetIdentity(high: 1, low: 2),
    shape: SetShape(
      chunkByteCount: 1440, manifestByteCount: 92, fileCount: 3, fileByteCount: 5500, fileChunkCount: 5),
    groupSize: 1, timestamp: 0, options: [],
    grttCode: GrttCode(rawValue: 0), blockChunkCount: 0, maxParityCount: 0)

  private static func changed(_ change: (inout Announce) -> Void) -> [UInt8] {
    var announce = sound
    change(&announce)
    return announce.encode(sessionID: 1, packetNumber: 1)
  }

  /// The announce with that change is dropped for `error`; accepted when nil.
  private static func expect(
    _ error: WireError?, _ change: (inout Announce) -> Void, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(wireError(changed(change)) == error, sourceLocation: sourceLocation)
  }

  @Test func refusesFieldsOutOfRange() {
    Self.expect(.fieldOutOfRange(field: "chunk byte count", value: 0)) { $0.chunkByteCount = 0 }
    Self.expect(.fieldOutOfRange(field: "chunk byte count", value: 65_476)) { $0.chunkByteCount = 65_476 }
    Self.expect(.fieldOutOfRange(field: "options", value: 8)) { $0.options = .keyed }
    Self.expect(.fieldOutOfRange(field: "block chunk count", value: 201)) {
      $0.blockChunkCount = 201
      $0.blockStride = 1
    }
    Self.expect(.fieldOutOfRange(field: "parity symbols per block", value: 56)) {
      $0.blockChunkCount = 200
      $0.maxParityCount = 56
      $0.blockStride = 1
    }
    Self.expect(.fieldOutOfRange(field: "block stride", value: 1)) { $0.blockStride = 1 }
    Self.expect(.fieldOutOfRange(field: "block stride", value: 0)) { $0.blockChunkCount = 1 }
  }

  /// Numbers that no set has. The first is the announce that once ended every receiver that waited.
  @Test func refusesWhatIsNoSet() {
    Self.expect(.fieldOutOfRange(field: "file count", value: 12_782_641)) {
      $0.fileCount = 12_782_641
      $0.manifestByteCount = 268_435_456
    }
    Self.expect(.fieldOutOfRange(field: "file count", value: 4_294_967_295)) { $0.fileCount = .max }
    for count: UInt32 in [0, 70, 12_357, 268_435_457, .max] {
      Self.expect(.fieldOutOfRange(field: "manifest byte count", value: UInt64(count))) {
        $0.manifestByteCount = count
      }
    }
    for count: UInt64 in [1 << 63, .max - 3, .max] {
      Self.expect(.fieldOutOfRange(field: "total file byte count", value: count)) {
        $0.totalFileByteCount = count
      }
    }
    Self.expect(.fieldOutOfRange(field: "total file byte count", value: 5500)) {
      $0.fileCount = 0
      $0.manifestByteCount = 8
    }
    // 5,504 bytes are at least 4 chunks of 1,440; three files have at most one short chunk each.
    for count: UInt64 in [0, 3, 7, 1 << 31] {
      Self.expect(.fieldOutOfRange(field: "file chunk count", value: count)) { $0.fileChunkCount = count }
    }
    Self.expect(.fieldOutOfRange(field: "file chunk count", value: 5)) { $0.totalFileByteCount = 0 }
  }

  /// The manifest is one chunk.
  @Test func refusesMoreThanTheSequenceSpace() {
    Self.expect(.beyondSequenceSpace(chunkCount: (1 << 32) + 1)) { $0.fileChunkCount = 1 << 32 }
    Self.expect(.beyondSequenceSpace(chunkCount: .max)) { $0.fileChunkCount = .max }
  }

  @Test func acceptsTheEdges() {
    Self.expect(nil) {
      $0.chunkByteCount = 1
      $0.fileChunkCount = 5512
    }
    Self.expect(nil) {
      $0.chunkByteCount = 65_475
      $0.fileChunkCount = 3
    }
    Self.expect(nil) { $0.fileChunkCount = 4 }
    Self.expect(nil) { $0.fileChunkCount = 6 }
    Self.expect(nil) { $0.manifestByteCount = 71 }
    Self.expect(nil) { $0.manifestByteCount = 12_356 }
    Self.expect(nil) {
      $0.fileCount = 12_782_640
      $0.manifestByteCount = 268_435_456
    }
    Self.expect(nil) {
      $0.chunkByteCount = 1
      $0.totalFileByteCount = (1 << 32) - 96
      $0.fileChunkCount = (1 << 32) - 92
    }
    Self.expect(nil) {
      $0.totalFileByteCount = 0
      $0.fileChunkCount = 0
    }
    Self.expect(nil) {
      $0.blockChunkCount = 200
      $0.maxParityCount = 55
      $0.blockStride = 255
    }
  }

  /// Reserved fields are sent as zeros, and may hold anything when they arrive: a salt and a key check, for
  /// one.
  @Test func ignoresUnknownOptionsReservedFieldsAndPaddingContent() throws {
    var bytes = Self.changed { $0.datagramByteCount = 120 }
    #expect(bytes[75...].allSatisfy { $0 == 0 })
    bytes[70] = 0xE7
    for index in 76..<120 { bytes[index] = 0xFF }
    var expected = Self.sound
    expected.options = [.group, .oneWay, .parity]
    expected.datagramByteCount = 120
    #expect(controlMessage(ReferenceDatagram.signed(bytes)) == .announce(expected))
  }

  /// Representatives follow the fixed part. Ids that the datagram has no room for are ignored, as the bytes
  /// were before they had a meaning.
  @Test func namesRepresentatives() throws {
    let bytes = Self.changed { $0.representatives = [5, .max] }
    #expect(bytes.count == 116)
    var short = bytes
    short.removeLast()
    for (datagram, expected) in [(bytes, [5, .max]), (short, [5])] as [([UInt8], [UInt64])] {
      let announce = try Announce(decoding: datagram.span, flags: [])
      #expect(announce.representatives == expected && announce.byteCount == datagram.count)
    }
  }

  private static func signedAnnounce(byteCount: Int = 0) -> Announce {
    var announce = sound
    announce.options = [.group, .signed]
    announce.manifestByteCount = 92 + 3 * 32
    announce.datagramByteCount = byteCount
    announce.signature = AnnounceSignature(
      publicKey: Array(1...32), manifestDigest: Array(repeating: 2, count: 32),
      signature: Array(repeating: 3, count: 64))
    return announce
  }

  /// Behind the ids, or at the end of the padding.
  @Test(arguments: [0, 228, 243, 244, 1_440]) func aSignatureEndsTheAnnounce(byteCount: Int) throws {
    var announce = Self.signedAnnounce(byteCount: byteCount)
    announce.representatives = [5, 6]
    let bytes = announce.encode(sessionID: 1, packetNumber: 1)
    #expect(bytes.count == max(244, byteCount))
    #expect(
      bytes.suffix(128) == Array(1...32) + Array(repeating: 2, count: 32) + Array(repeating: 3, count: 64))
    let (_, decoded) = try ControlMessage.decode(bytes.span)
    announce.datagramByteCount = bytes.count
    #expect(decoded == .announce(announce))
  }

  @Test func aSignedAnnounceHasRoomForItsSignature() {
    var announce = Self.signedAnnounce()
    announce.signature = nil
    for byteCount in [100, 227] {
      announce.datagramByteCount = byteCount
      #expect(
        wireError(announce.encode(sessionID: 1, packetNumber: 1))
          == .truncated(needed: 228, available: byteCount))
    }
  }

  /// Three names of one to 4,096 bytes, and 5,500 bytes in one to three segments.
  @Test(arguments: [
    (8 + 63 + 32, true), (8 + 62 + 32, false), (8 + 3 * 4_116 + 96, true), (8 + 3 * 4_116 + 97, false),
  ])
  func aSignedManifestHasDigests(byteCount: Int, isPossible: Bool) {
    var announce = Self.signedAnnounce()
    announce.manifestByteCount = UInt32(byteCount)
    let error = wireError(announce.encode(sessionID: 1, packetNumber: 1))
    #expect(
      error == (isPossible ? nil : .fieldOutOfRange(field: "manifest byte count", value: UInt64(byteCount))))
  }
}
