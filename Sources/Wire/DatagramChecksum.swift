import Checksum
import Ground

/// The CRC32 of a datagram, Specs/chunked-udp.md §3.2: the body first, then the header with its checksum as
/// zero.
///
/// The payload comes first, so the intermediate value of the same pass is the payload's own CRC32. Both sides
/// join these values into the file's CRC32 and never read the bytes a second time.
package enum DatagramChecksum {
  /// Verifies data or parity: at least 33 bytes, of which 32 are header. Returns the CRC32 of the payload
  /// alone.
  ///
  /// Throws `truncated`, `checksumMismatch`.
  package static func verifyData(_ bytes: Span<UInt8>) throws(WireError) -> UInt32 {
    try bytes.requireAtLeast(DataHeader.byteCount + 1)
    return try verify(bytes, headerByteCount: DataHeader.byteCount)
  }

  /// Verifies any other message: at least 20 bytes, of which 20 are header.
  ///
  /// Throws `truncated`, `checksumMismatch`.
  package static func verifyControl(_ bytes: Span<UInt8>) throws(WireError) {
    try bytes.requireAtLeast(DatagramHeader.byteCount)
    _ = try verify(bytes, headerByteCount: DatagramHeader.byteCount)
  }

  /// The CRC32 that a whole datagram must carry, whatever its checksum field holds now.
  static func compute(_ bytes: UnsafeRawBufferPointer, headerByteCount: Int) -> (
    datagram: UInt32, body: UInt32
  ) {
    let body = CRC32.checksum(UnsafeRawBufferPointer(rebasing: bytes[headerByteCount...]))
    let header = UnsafeRawBufferPointer(rebasing: bytes[..<headerByteCount])
    return (continueOverHeader(body, header), body)
  }

  /// Finishes the CRC32 of a datagram over its header (20 or 32 bytes), from that of its body.
  @inline(__always)
  static func continueOverHeader(_ bodyChecksum: UInt32, _ header: UnsafeRawBufferPointer) -> UInt32 {
    guard header.count == DataHeader.byteCount else {
      var words = header.loadUnaligned(as: (UInt64, UInt64).self)
      let start = withUnsafeBytes(of: &words) { CRC32.checksum($0, continuing: bodyChecksum) }
      return withUnsafeBytes(of: UInt32(0)) { CRC32.checksum($0, continuing: start) }
    }
    // One call over a copy with a zero checksum field costs less than three calls around the field.
    var words = header.loadUnaligned(as: (UInt64, UInt64, UInt64, UInt64).self)
    words.2 = (UInt64(bigEndian: words.2) & 0xFFFF_FFFF).bigEndian
    return withUnsafeBytes(of: &words) { CRC32.checksum($0, continuing: bodyChecksum) }
  }

  @inline(__always)
  private static func verify(_ bytes: Span<UInt8>, headerByteCount: Int) throws(WireError) -> UInt32 {
    let computed = bytes.withUnsafeBytes { compute($0, headerByteCount: headerByteCount) }
    let expected = bytes.bigEndianUInt32(at: DatagramHeader.checksumOffset)
    guard computed.datagram == expected else {
      throw .checksumMismatch(expected: expected, computed: computed.datagram)
    }
    return computed.body
  }
}
