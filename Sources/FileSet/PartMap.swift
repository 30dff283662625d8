import Checksum
import Ground
import Wire

/// The chunk map of a work folder, Specs/resume.md: which chunks lie in the parts, with the CRC32 of each. A
/// header, and behind it records in the order in which they were written. Each record has its own CRC32, so
/// that the torn end of a file is not taken for a record.
enum PartMap {
  static let fileName = "map"
  static let draftName = "map.new"
  static let manifestName = "manifest"

  /// "GPM1".
  static let magic: UInt32 = 0x4750_4D31
  /// "GPMC": consecutive chunks of one file.
  static let chunksTag: UInt32 = 0x4750_4D43
  /// "GPMS": everything before an offset was on the disk.
  static let syncedTag: UInt32 = 0x4750_4D53

  static let headerByteCount = 52
  /// A record of chunks without its checksums; also all of a record of the other kind.
  static let fixedByteCount = 20
  /// Chunks of one record, at most.
  static let chunkCountLimit = 65_536
  /// A longer file is no map. Each chunk has a record of its own at the worst.
  static func byteCountLimit(chunkCount: UInt64) -> Int {
    Int(min(1 << 30, (1 << 24) + chunkCount * UInt64(fixedByteCount + 4)))
  }

  /// The header of a set's map.
  static func header(_ key: PartKey) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(headerByteCount)
    bytes.appendBigEndian(magic)
    bytes.appendBigEndian(UInt32(clamping: key.shape.chunkByteCount))
    bytes.appendBigEndian(key.identity.high)
    bytes.appendBigEndian(key.identity.low)
    bytes.appendBigEndian(key.shape.chunkCount)
    bytes.appendBigEndian(UInt32(clamping: key.shape.fileCount))
    bytes.appendBigEndian(UInt32(clamping: key.shape.manifestByteCount))
    bytes.appendBigEndian(key.shape.fileByteCount)
    bytes.appendBigEndian(bytes.withUnsafeBytes { CRC32.checksum($0) })
    return bytes
  }

  /// The record that says that everything before `offset` of the map describes bytes on the disk.
  static func syncedRecord(before offset: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.appendBigEndian(syncedTag)
    bytes.appendBigEndian(offset)
    bytes.appendBigEndian(0 as UInt32)
    bytes.appendBigEndian(bytes.withUnsafeBytes { CRC32.checksum($0) })
    return bytes
  }

  /// The sound records of a map file.
  struct Contents {
    struct Chunks {
      var first: UInt32
      var count: Int
      /// The bytes of the file's digest in these chunks, each at its place; the others are 0.
      var digest: UInt32
      /// Where the checksums begin in the file.
      var checksumsOffset: Int
      /// Where the record begins in the file.
      var offset: Int
    }

    var records: [Chunks] = []
    /// Records that begin before this place describe bytes that were on the disk.
    var syncedEnd = 0
    /// The end of the last sound record.
    var soundEnd = PartMap.headerByteCount
  }

  /// Reads a map file's bytes, which may be hostile. Nil when this is no map of the set. Pure, so that the
  /// fuzzer can call it.
  static func read(_ bytes: Span<UInt8>, key: PartKey) -> Contents? {
    let header = header(key)
    guard bytes.count >= headerByteCount, header.indices.allSatisfy({ bytes[$0] == header[$0] }) else {
      return nil
    }
    var contents = Contents()
    while let byteCount = recordByteCount(bytes, at: contents.soundEnd) {
      let start = contents.soundEnd
      let body = bytes.extracting(start..<start + byteCount - 4)
      guard CRC32.checksum(body) == bytes.bigEndianUInt32(at: start + byteCount - 4) else { break }
      if bytes.bigEndianUInt32(at: start) == chunksTag {
        contents.records.append(
          Contents.Chunks(
            first: bytes.bigEndianUInt32(at: start + 4), count: Int(bytes.bigEndianUInt32(at: start + 8)),
            digest: bytes.bigEndianUInt32(at: start + 12), checksumsOffset: start + 16, offset: start))
      } else {
        let end = bytes.bigEndianUInt64(at: start + 4)
        guard end <= UInt64(start) else { break }
        contents.syncedEnd = max(contents.syncedEnd, Int(end))
      }
      contents.soundEnd = start + byteCount
    }
    return contents
  }

  /// The length that the record at this place has, when all of it is here.
  private static func recordByteCount(_ bytes: Span<UInt8>, at start: Int) -> Int? {
    guard bytes.count - start >= fixedByteCount else { return nil }
    switch bytes.bigEndianUInt32(at: start) {
    case syncedTag: return fixedByteCount
    case chunksTag:
      let count = Int(bytes.bigEndianUInt32(at: start + 8))
      let byteCount = fixedByteCount + 4 * count
      return (1...chunkCountLimit).contains(count) && bytes.count - start >= byteCount ? byteCount : nil
    default: return nil
    }
  }
}
