/// The CRC32 of each file, in the manifest's order. The last chunks of every session carry it.
///
/// Bytes, big-endian: u32 "GTR1", u32 entry count, then a u32 CRC32 a file (Specs/chunked-udp.md, "Trailer").
package struct Trailer: Equatable, Sendable {
  /// "GTR1".
  package static let magic: UInt32 = 0x4754_5231
  package static let headerByteCount = 8

  package let checksums: [UInt32]

  package init(checksums: [UInt32]) {
    self.checksums = checksums
  }

  /// The length of the trailer of a set of `fileCount` files, bytes.
  package static func encodedByteCount(fileCount: Int) -> Int { headerByteCount + 4 * fileCount }

  package func encoded() -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.encodedByteCount(fileCount: checksums.count))
    bytes.appendBigEndian(Self.magic)
    bytes.appendBigEndian(UInt32(checksums.count))
    for checksum in checksums { bytes.appendBigEndian(checksum) }
    return bytes
  }

  /// Reads a trailer's bytes, which may be hostile. Pure: this is the entry for fuzzing. Throws `invalidTrailer`.
  package init(decoding bytes: Span<UInt8>) throws(FileSetError) {
    guard bytes.count >= Self.headerByteCount else { throw .invalidTrailer(reason: "\(bytes.count) bytes") }
    guard bytes.bigEndianUInt32(at: 0) == Self.magic else {
      throw .invalidTrailer(reason: "no GTR1 at its start")
    }
    let count = Int(bytes.bigEndianUInt32(at: 4))
    guard bytes.count == Self.encodedByteCount(fileCount: count) else {
      throw .invalidTrailer(reason: "\(count) entries in \(bytes.count) bytes")
    }
    var checksums: [UInt32] = []
    checksums.reserveCapacity(count)
    for index in 0..<count {
      checksums.append(bytes.bigEndianUInt32(at: Self.headerByteCount + 4 * index))
    }
    self.checksums = checksums
  }
}
