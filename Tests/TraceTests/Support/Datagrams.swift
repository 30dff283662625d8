import Checksum
import Trace
import Wire

/// Datagrams of one session, as a driver has them.
enum Datagrams {
  static let session: UInt64 = 0x0123_4567_89AB_CDEF
  static let receiver: UInt64 = 0xFEDC_BA98_7654_3210

  static func data(_ packetNumber: UInt32, chunk: UInt32, isRepair: Bool = false, payloadByteCount: Int = 100)
    -> [UInt8]
  {
    var bytes = [UInt8](
      repeating: UInt8(truncatingIfNeeded: chunk), count: DataHeader.byteCount + payloadByteCount)
    bytes.withUnsafeMutableBytes { raw in
      let payload = UnsafeRawBufferPointer(
        UnsafeMutableRawBufferPointer(rebasing: raw[DataHeader.byteCount...]))
      DataHeader.write(
        into: raw, sessionID: session, packetNumber: packetNumber, flags: isRepair ? .repair : [],
        chunkIndex: chunk,
        timestamp: 1, grttCode: GrttCode(rawValue: 100), payloadChecksum: CRC32.checksum(payload))
    }
    return bytes
  }

  static func nack(_ packetNumber: UInt32, _ ranges: [(first: UInt32, count: UInt32)]) -> [UInt8] {
    let nack = Nack(
      receiverID: receiver, highestPacketNumber: 9, echoedTimestamp: 1, holdMicroseconds: 2,
      body: .ranges(ranges.map { ChunkRange(first: $0.first, count: $0.count) }))
    return ControlMessage.nack(nack).encode(sessionID: session, packetNumber: packetNumber)
  }

  static func notice(_ number: UInt32, chunk: UInt32, packetNumber: UInt32) -> [UInt8] {
    let entry = RepairEntry(firstChunk: chunk, count: 1, firstPacketNumber: packetNumber)
    let notice = RepairNotice(timestamp: 1, grttCode: GrttCode(rawValue: 100), entries: [entry])
    return ControlMessage.repairNotice(notice).encode(sessionID: session, packetNumber: number)
  }

  static func report(_ packetNumber: UInt32, held: UInt64, session: UInt64 = session) -> [UInt8] {
    let report = Report(
      receiverID: receiver, highestPacketNumber: 9, echoedTimestamp: 1, holdMicroseconds: 2,
      receiverClockMicroseconds: 3,
      socketDropCount: 4, receivedDatagramCount: 5, receivedByteCount: 600, heldChunkCount: held,
      duplicateCount: 7)
    return ControlMessage.report(report).encode(sessionID: session, packetNumber: packetNumber)
  }

  static func end(_ packetNumber: UInt32, round: UInt32) -> [UInt8] {
    let end = End(round: round, timestamp: 1, totalChunkCount: 3, grttCode: GrttCode(rawValue: 100))
    return ControlMessage.end(end).encode(sessionID: session, packetNumber: packetNumber)
  }

  static let facts = TracedSession(
    sessionID: session, mode: "unicast", local: "10.0.0.1:40000", remote: "10.0.0.2:25000", fileCount: 2,
    fileByteCount: 250, chunkCount: 3, chunkByteCount: 100, seed: 7)

  static let metrics = TracedMetrics(
    receiverID: receiver, smoothedRttNanoseconds: 1_500_000, latestRttNanoseconds: 2_000_001,
    minimumRttNanoseconds: nil,
    rateBitsPerSecond: 80_000_000, windowDatagramCount: 64, inFlightDatagramCount: 3, lostDatagramCount: 2,
    socketDropCount: 1, heldChunkCount: 2)
}

extension SessionTracer {
  func sent(_ bytes: [UInt8], at nanoseconds: UInt64) { bytes.withUnsafeBytes { sent($0, at: nanoseconds) } }
  func received(_ bytes: [UInt8], isOver: Bool = false, at nanoseconds: UInt64) {
    bytes.withUnsafeBytes { received($0, isOver: isOver, at: nanoseconds) }
  }
  func dropped(_ bytes: [UInt8], _ direction: TraceDirection, cause: String, at nanoseconds: UInt64) {
    bytes.withUnsafeBytes { dropped($0, direction, cause: cause, at: nanoseconds) }
  }
  func captured(
    _ bytes: [UInt8], from source: PacketEndpoint, to destination: PacketEndpoint,
    congestionField: UInt8 = 0, at nanoseconds: UInt64
  ) {
    bytes.withUnsafeBytes {
      captured($0, from: source, to: destination, congestionField: congestionField, at: nanoseconds)
    }
  }
}
