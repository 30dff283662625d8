import Checksum
import Ground
import Testing
import Wire

/// Generated values survive being encoded and read back, by either way of encoding.
@Suite struct RoundTripTests {
  @Test(arguments: 1...UInt64(200))
  func generatedMessages(seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    for message in Self.messages(using: &generator) {
      let sessionID = generator.next()
      let packetNumber = UInt32.random(in: 0...UInt32.max, using: &generator)
      let bytes = message.encode(sessionID: sessionID, packetNumber: packetNumber, flags: .repair)
      #expect(bytes.count == message.byteCount)
      let (header, decoded) = try ControlMessage.decode(bytes.span)
      #expect(decoded == message, "seed \(seed)")
      #expect(header.type == message.type)
      #expect(header.sessionID == sessionID)
      #expect(header.packetNumber == packetNumber)
      #expect(header.flags == message.body.formFlags.union(.repair))

      var buffer = [UInt8](repeating: 0xEE, count: bytes.count + 3)
      let written = buffer.withUnsafeMutableBytes {
        message.encode(into: $0, sessionID: sessionID, packetNumber: packetNumber, flags: .repair)
      }
      #expect(written == bytes.count)
      #expect(buffer == bytes + [0xEE, 0xEE, 0xEE])
    }
  }

  private static func messages(using generator: inout SplitMix64) -> [ControlMessage] {
    func u32() -> UInt32 { UInt32.random(in: 0...UInt32.max, using: &generator) }
    func u64() -> UInt64 { generator.next() }
    func text(_ count: Int) -> String {
      String(
        (0..<Int.random(in: 0...count / 2, using: &generator)).map { _ in
          "aé~0".randomElement(using: &generator) ?? "a"
        })
    }
    let grtt = GrttCode(rawValue: UInt8.random(in: 0...255, using: &generator))
    return [
      .announce(announce(using: &generator)),
      .join(
        Join(
          receiverID: u64(), echoedTimestamp: u32(), holdMicroseconds: u32(), receiveBufferByteCount: u32(),
          largestAnnounceByteCount: UInt16(u32() % 65_508), hostName: text(64),
          countsMarks: Bool.random(using: &generator))),
      .nack(
        Nack(
          receiverID: u64(), highestPacketNumber: u32(), echoedTimestamp: u32(), holdMicroseconds: u32(),
          body: .ranges(
            (0..<(1 + u32() % 100)).map { ChunkRange(first: $0 * 1000 + u32() % 500, count: 1 + u32() % 500) }
          ))),
      .nack(
        Nack(
          receiverID: u64(), highestPacketNumber: u32(), echoedTimestamp: u32(), holdMicroseconds: u32(),
          body: .bitmap(base: u32() / 2, bits: [1] + (0..<u32() % 100).map { _ in UInt8(u32() % 256) }))),
      .repairNotice(
        RepairNotice(
          timestamp: u32(), grttCode: grtt, form: Bool.random(using: &generator) ? .chunks : .parity,
          entries: (0...u32() % 50).map { _ in
            RepairEntry(firstChunk: u32() / 2, count: 1 + u32() % 254, firstPacketNumber: u32())
          })),
      .report(
        Report(
          receiverID: u64(), highestPacketNumber: u32(), echoedTimestamp: u32(), holdMicroseconds: u32(),
          receiverClockMicroseconds: u32(), socketDropCount: u32(), receivedDatagramCount: u64(),
          receivedByteCount: u64(), heldChunkCount: u64(), duplicateCount: u64(), congestionMarkCount: u32(),
          countsMarks: Bool.random(using: &generator), missingKibibytes: u32())),
      .end(End(round: u32(), timestamp: u32(), totalChunkCount: UInt64(u32()), grttCode: grtt)),
      .complete(
        Complete(
          receiverID: u64(), echoedTimestamp: u32(), holdMicroseconds: u32(), verifiedFileCount: u32(),
          failedFileCount: u32(), status: CompleteStatus(rawValue: UInt8(u32() % 256)), text: text(200))),
      .close(Close(receiverIDs: (0...(u32() % 100)).map { _ in u64() }, inducedDropCount: u32())),
      .abort(Abort(receiverID: u64(), reason: AbortReason(rawValue: UInt8(u32() % 256)), text: text(200))),
    ]
  }

  /// One whose numbers can be a set's.
  private static func announce(using generator: inout SplitMix64) -> Announce {
    let k = UInt8.random(in: 0...200, using: &generator)
    let chunk = UInt64.random(in: 1...65_475, using: &generator)
    let files = UInt64.random(in: 0...12_782_640, using: &generator)
    let bytes = files == 0 ? 0 : UInt64.random(in: 0...UInt64(UInt32.max), using: &generator)
    let mostChunks = (bytes + 3 * min(files, bytes)) / chunk + min(files, bytes)
    var announce = Announce(
      setIdentity: SetIdentity(high: generator.next(), low: generator.next()),
      shape: SetShape(
        chunkByteCount: Int(chunk),
        manifestByteCount: Int.random(
          in: Int(8 + 21 * files)...Int(min(8 + 4_116 * files, 256 << 20)), using: &generator),
        fileCount: Int(files), fileByteCount: bytes,
        fileChunkCount: bytes == 0
          ? 0 : UInt64.random(in: (bytes + 3 + chunk) / chunk...min(mostChunks, 1 << 31), using: &generator)),
      groupSize: UInt32.random(in: 0...UInt32.max, using: &generator),
      timestamp: UInt32.random(in: 0...UInt32.max, using: &generator),
      options: AnnounceOptions(rawValue: UInt8.random(in: 0..<8, using: &generator)),
      grttCode: GrttCode(rawValue: UInt8.random(in: 0...255, using: &generator)), blockChunkCount: k,
      maxParityCount: UInt8.random(in: 0...(255 - k), using: &generator),
      blockStride: k == 0 ? 0 : UInt8.random(in: 1...255, using: &generator),
      datagramByteCount: Int.random(in: 100...1472, using: &generator))
    let room = min(255, (announce.datagramByteCount - 100) / 8)
    announce.representatives = (0..<Int.random(in: 0...room, using: &generator)).map { _ in
      generator.next()
    }
    return announce
  }

  @Test(arguments: [1, 7, 100, 1440, 8940, 65_475])
  func dataOfEveryLength(payloadByteCount: Int) throws {
    var generator = SplitMix64(seed: UInt64(payloadByteCount))
    let payload = generator.bytes(count: payloadByteCount)
    let payloadChecksum = ReferenceDatagram.crc32(payload)
    var datagram = [UInt8](repeating: 0, count: 32) + payload
    datagram.withUnsafeMutableBytes {
      DataHeader.write(
        into: $0, sessionID: 9, packetNumber: 10, flags: .repair, chunkIndex: 11, timestamp: 12,
        grttCode: GrttCode(rawValue: 13), payloadChecksum: payloadChecksum)
    }
    #expect(ReferenceDatagram.signed(datagram) == datagram)
    let decoded = try DataDatagram.decode(datagram.span)
    #expect(
      decoded
        == DataDatagram(
          flags: .repair, sessionID: 9, packetNumber: 10, chunkIndex: 11, timestamp: 12,
          grttCode: GrttCode(rawValue: 13), payload: 32..<datagram.count, payloadChecksum: payloadChecksum))
  }
}
