#if ISAL
import CISAL
#endif

/// CRC32 with the IEEE 802.3 polynomial in zlib's reflected form: the checksum of every datagram and of every
/// file.
///
/// ISA-L computes it: 28 GB/s at 1,400 bytes, where zlib had 3.5 (Specs/decisions.md, decision 16). A build
/// without the trait ISAL takes `CRC32Tables`. The tests compare each result with zlib's. The checksum of no
/// bytes is 0, as in zlib, so a running checksum also starts with 0.
package enum CRC32 {
  /// The CRC32 of `bytes`, continued from `previous`: the checksum of the bytes before them, or 0 when there
  /// are none.
  @inlinable
  package static func checksum(_ bytes: UnsafeRawBufferPointer, continuing previous: UInt32 = 0) -> UInt32 {
    guard let base = bytes.baseAddress, bytes.count > 0 else { return previous }
    return update(previous, base, bytes.count)
  }

  /// The CRC32 of `bytes`, continued from `previous`: the checksum of the bytes before them, or 0 when there
  /// are none.
  @inlinable
  package static func checksum(_ bytes: Span<UInt8>, continuing previous: UInt32 = 0) -> UInt32 {
    bytes.withUnsafeBytes { checksum($0, continuing: previous) }
  }

  /// The one call into ISA-L; `byteCount` > 0.
  @usableFromInline
  static func update(_ previous: UInt32, _ base: UnsafeRawPointer, _ byteCount: Int) -> UInt32 {
    #if ISAL
    gallery_crc32(previous, base.assumingMemoryBound(to: UInt8.self), UInt(byteCount))
    #else
    CRC32Tables.update(previous, UnsafeRawBufferPointer(start: base, count: byteCount))
    #endif
  }
}
