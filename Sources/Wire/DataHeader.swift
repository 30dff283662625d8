import Checksum
import Ground

/// One chunk: bytes 20..<32 of a data datagram, before the payload; Specs/chunked-udp.md §4.3.
package struct DataHeader: Equatable, Sendable {
  /// The whole header of data and of parity, the common 20 bytes included.
  package static let byteCount = 32

  /// The place of the payload in the sequence space; bytes 20..<24.
  package var chunkIndex: UInt32
  /// When it was sent: microseconds of the sender's clock, low 32 bits; bytes 24..<28.
  package var timestamp: UInt32
  /// The sender's group round-trip time; byte 28. Bytes 29..<32 are zero.
  package var grttCode: GrttCode

  package init(chunkIndex: UInt32, timestamp: UInt32, grttCode: GrttCode) {
    self.chunkIndex = chunkIndex
    self.timestamp = timestamp
    self.grttCode = grttCode
  }

  /// Reads the fields of a data datagram: at least 33 bytes. Does not verify the checksum.
  @inline(__always)
  package static func decode(_ bytes: Span<UInt8>) throws(WireError) -> DataHeader {
    try bytes.requireAtLeast(byteCount + 1)
    return DataHeader(
      chunkIndex: bytes.bigEndianUInt32(at: 20), timestamp: bytes.bigEndianUInt32(at: 24),
      grttCode: GrttCode(rawValue: bytes[28]))
  }

  /// Writes the 32 bytes before a payload whose CRC32 is `payloadChecksum`, checksum included.
  ///
  /// `header` must have at least 32 bytes; the payload need not follow it in memory.
  package static func write(
    into header: UnsafeMutableRawBufferPointer, sessionID: UInt64, packetNumber: UInt32,
    flags: DatagramFlags, chunkIndex: UInt32, timestamp: UInt32, grttCode: GrttCode, payloadChecksum: UInt32
  ) {
    let common = DatagramHeader(
      type: .data, flags: flags, sessionID: sessionID, packetNumber: packetNumber, checksum: 0)
    PayloadHeader.write(
      into: header, common: common, chunkIndex: chunkIndex, timestamp: timestamp,
      lastBytes: (grttCode.rawValue, 0, 0, 0), payloadChecksum: payloadChecksum)
  }
}

/// What the headers of data and of parity have in common.
enum PayloadHeader {
  /// Writes 32 bytes: the common header, chunk index, timestamp and four single bytes; then the checksum over
  /// them.
  @inline(__always)
  static func write(
    into buffer: UnsafeMutableRawBufferPointer, common: DatagramHeader, chunkIndex: UInt32, timestamp: UInt32,
    lastBytes: (UInt8, UInt8, UInt8, UInt8), payloadChecksum: UInt32
  ) {
    precondition(buffer.count >= DataHeader.byteCount, "no room for a 32-byte header")
    // Four whole words. Single bytes that are read back as words at once would stall the processor's store
    // buffer.
    let start =
      UInt32(DatagramHeader.magic) << 24 | UInt32(DatagramHeader.version) << 16
      | UInt32(common.type.rawValue) << 8 | UInt32(common.flags.rawValue)
    let last =
      UInt32(lastBytes.0) << 24 | UInt32(lastBytes.1) << 16 | UInt32(lastBytes.2) << 8 | UInt32(lastBytes.3)
    var words = (
      join(start, UInt32(truncatingIfNeeded: common.sessionID >> 32)),
      join(UInt32(truncatingIfNeeded: common.sessionID), common.packetNumber), join(0, chunkIndex),
      join(timestamp, last)
    )
    let checksum = withUnsafeBytes(of: &words) { CRC32.checksum($0, continuing: payloadChecksum) }
    words.2 = join(checksum, chunkIndex)
    buffer.storeBytes(of: words, as: (UInt64, UInt64, UInt64, UInt64).self)
  }

  /// Eight bytes of the header as they stand in memory.
  @inline(__always)
  private static func join(_ first: UInt32, _ second: UInt32) -> UInt64 {
    (UInt64(first) << 32 | UInt64(second)).bigEndian
  }
}
