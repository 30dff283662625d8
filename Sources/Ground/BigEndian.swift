/// Numbers in network byte order. Each call traps when the bytes are not all there, so the caller checks the
/// length first.
extension Span<UInt8> {
  /// The number at bytes `offset ..< offset + 2`.
  @inlinable @inline(__always)
  package func bigEndianUInt16(at offset: Int) -> UInt16 {
    UInt16(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }

  /// The number at bytes `offset ..< offset + 4`.
  @inlinable @inline(__always)
  package func bigEndianUInt32(at offset: Int) -> UInt32 {
    UInt32(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  /// The number at bytes `offset ..< offset + 8`.
  @inlinable @inline(__always)
  package func bigEndianUInt64(at offset: Int) -> UInt64 {
    UInt64(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }
}

extension [UInt8] {
  /// Appends the number's bytes in network byte order.
  package mutating func appendBigEndian(_ value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
  }
}
