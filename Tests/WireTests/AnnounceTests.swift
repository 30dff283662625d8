import Checksum
import Testing
import Wire

@Suite struct AnnounceTests {
  private static let sound = Announce(
    setIdentity: SetIdentity(high: 1, low: 2), totalFileByteCount: 5500, fileChunkCount: 5,
    manifestByteCount: 92,
    trailerByteCount: 20, fileCount: 3, groupSize: 1, timestamp: 0, chunkByteCount: 1440, options: [],
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
    Self.expect(.fieldOutOfRange(field: "manifest byte count", value: 268_435_457)) {
      $0.manifestByteCount = 268_435_457
    }
    Self.expect(.fieldOutOfRange(field: "trailer byte count", value: 67_108_873)) {
      $0.trailerByteCount = 67_108_873
    }
    Self.expect(.fieldOutOfRange(field: "file count", value: 16_777_217)) { $0.fileCount = 16_777_217 }
    Self.expect(.fieldOutOfRange(field: "block chunk count", value: 201)) { $0.blockChunkCount = 201 }
    Self.expect(.fieldOutOfRange(field: "parity symbols per block", value: 56)) {
      $0.blockChunkCount = 200
      $0.maxParityCount = 56
    }
  }

  /// Manifest and trailer are one chunk each.
  @Test func refusesMoreThanTheSequenceSpace() {
    Self.expect(.beyondSequenceSpace(chunkCount: (1 << 32) + 1)) { $0.fileChunkCount = (1 << 32) - 1 }
    Self.expect(.beyondSequenceSpace(chunkCount: .max)) { $0.fileChunkCount = .max }
  }

  @Test func acceptsTheEdges() {
    Self.expect(nil) { $0.chunkByteCount = 1 }
    Self.expect(nil) { $0.chunkByteCount = 65_475 }
    Self.expect(nil) { $0.manifestByteCount = 268_435_456 }
    Self.expect(nil) { $0.trailerByteCount = 67_108_872 }
    Self.expect(nil) { $0.fileCount = 16_777_216 }
    Self.expect(nil) { $0.fileChunkCount = (1 << 32) - 2 }
    Self.expect(nil) {
      $0.blockChunkCount = 200
      $0.maxParityCount = 55
    }
  }

  @Test(arguments: [(UInt32(0), UInt64(0)), (1, 1), (1440, 1), (1441, 2), (2880, 2)])
  func roundsChunkCountsUp(byteCount: UInt32, chunkCount: UInt64) {
    var announce = Self.sound
    announce.manifestByteCount = byteCount
    announce.trailerByteCount = byteCount
    #expect(announce.manifestChunkCount == chunkCount)
    #expect(announce.trailerChunkCount == chunkCount)
    #expect(announce.totalChunkCount == 5 + 2 * chunkCount)
  }

  @Test func ignoresUnknownOptionsAndPaddingContent() throws {
    var bytes = Self.changed { $0.datagramByteCount = 100 }
    bytes[74] = 0xFF
    bytes[79] = 0xFF
    bytes[99] = 0xFF
    var expected = Self.sound
    expected.options = [.group, .oneWay, .parity]
    expected.datagramByteCount = 100
    #expect(controlMessage(ReferenceDatagram.signed(bytes)) == .announce(expected))
  }
}
