import Checksum
import Wire

/// Bytes ↔ values, and the checksum over them.
enum CodecBenchmarks {
  /// Payload of a full datagram in a packet of 1,500 bytes: 20 of IPv4, 8 of UDP and 32 of our header go off.
  static let payloadByteCount = 1_440
  private static let sessionID: UInt64 = 0x0123_4567_89AB_CDEF
  /// Datagrams in the buffer: enough to leave the first-level cache, few enough to stay in the second.
  private static let bufferedCount = 128

  static let all = [checksum, join, encodeData, decodeData, encodeNack, decodeNack]

  static let checksum = Benchmark(name: "crc-1440", unit: "1,440 bytes") { count in
    let bytes = noise(bufferedCount * payloadByteCount)
    return {
      var sum: UInt64 = 0
      bytes.withUnsafeBytes { bytes in
        for i in 0..<count { sum &+= UInt64(CRC32.checksum(payload(i, in: bytes))) }
      }
      return sum
    }
  }

  static let join = Benchmark(name: "crc-join", unit: "chunk") { count in
    let joiner = CRC32.Joiner(byteCount: UInt64(payloadByteCount))
    return {
      var joined: UInt32 = 0
      for i in 0..<count { joined = joiner.join(joined, UInt32(truncatingIfNeeded: i &* 2_654_435_761)) }
      return UInt64(joined)
    }
  }

  /// As the sender's driver does it: the payload's checksum, then the header before it.
  static let encodeData = Benchmark(name: "encode-data", unit: "datagram") { count in
    let payloads = noise(bufferedCount * payloadByteCount)
    var headers = [UInt8](repeating: 0, count: bufferedCount * DataHeader.byteCount)
    let flags: DatagramFlags = []  // made once, as in TrainEncoder: the literal makes an array each time
    return {
      payloads.withUnsafeBytes { payloads in
        headers.withUnsafeMutableBytes { headers in
          for i in 0..<count {
            let start = i % bufferedCount * DataHeader.byteCount
            DataHeader.write(
              into: UnsafeMutableRawBufferPointer(rebasing: headers[start..<start + DataHeader.byteCount]),
              sessionID: sessionID, packetNumber: UInt32(truncatingIfNeeded: i), flags: flags,
              chunkIndex: UInt32(truncatingIfNeeded: i), timestamp: 7, grttCode: GrttCode(rawValue: 100),
              payloadChecksum: CRC32.checksum(payload(i, in: payloads)))
          }
        }
      }
      return headers.reduce(0) { $0 &+ UInt64($1) }
    }
  }

  static let decodeData = Benchmark(name: "decode-data", unit: "datagram") { count in
    let byteCount = DataHeader.byteCount + payloadByteCount
    var datagrams = noise(bufferedCount * byteCount)
    for i in 0..<bufferedCount {
      let start = i * byteCount
      datagrams.withUnsafeMutableBytes { bytes in
        let payload = UnsafeRawBufferPointer(
          rebasing: bytes[start + DataHeader.byteCount..<start + byteCount])
        DataHeader.write(
          into: UnsafeMutableRawBufferPointer(rebasing: bytes[start..<start + DataHeader.byteCount]),
          sessionID: sessionID, packetNumber: UInt32(i), flags: [], chunkIndex: UInt32(i), timestamp: 7,
          grttCode: GrttCode(rawValue: 100), payloadChecksum: CRC32.checksum(payload))
      }
    }
    return {
      var sum: UInt64 = 0
      let bytes = datagrams.span
      for i in 0..<count {
        let start = i % bufferedCount * byteCount
        guard let datagram = try? DataDatagram.decode(bytes.extracting(start..<start + byteCount)) else {
          continue
        }
        sum &+= UInt64(datagram.chunkIndex) &+ UInt64(datagram.payloadChecksum)
      }
      return sum
    }
  }

  static let encodeNack = Benchmark(name: "encode-nack", unit: "NACK of 100 ranges") { count in
    let nack = exampleNack
    var datagram = [UInt8](repeating: 0, count: nack.byteCount)
    return {
      datagram.withUnsafeMutableBytes {
        for i in 0..<count {
          nack.encode(into: $0, sessionID: sessionID, packetNumber: UInt32(truncatingIfNeeded: i))
        }
      }
      return datagram.reduce(0) { $0 &+ UInt64($1) }
    }
  }

  static let decodeNack = Benchmark(name: "decode-nack", unit: "NACK of 100 ranges") { count in
    let datagram = exampleNack.encode(sessionID: sessionID, packetNumber: 1)
    return {
      var sum: UInt64 = 0
      for _ in 0..<count {
        guard case (_, .nack(let nack))? = try? ControlMessage.decode(datagram.span) else { continue }
        for range in nack.missingRanges { sum &+= UInt64(range.count) }
      }
      return sum
    }
  }

  private static var exampleNack: Nack {
    let ranges = (0..<UInt32(100)).map { ChunkRange(first: 20 * $0, count: 1 + $0 % 3) }
    return Nack(
      receiverID: 1, highestPacketNumber: 2_000, echoedTimestamp: 7, holdMicroseconds: 9,
      body: .ranges(ranges))
  }

  private static func payload(_ i: Int, in bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    let start = i % bufferedCount * payloadByteCount
    return UnsafeRawBufferPointer(rebasing: bytes[start..<start + payloadByteCount])
  }

  /// Bytes that look like a JPEG's: the same on each run.
  static func noise(_ byteCount: Int) -> [UInt8] {
    var state: UInt64 = 1
    return (0..<byteCount).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 56)
    }
  }
}
