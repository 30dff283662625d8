import Checksum
import Ground

/// What a receiver remembers of a file that it has verified, Specs/resume.md §7: the sender's file, and the
/// state of the inbox's file at that time.
struct FileRecord: Equatable {
  var name: String
  /// The sender's size and modification time, as the manifest has them.
  var byteCount: UInt64
  var sentTimeNanoseconds: Int64
  /// The CRC32 of the file's bytes.
  var checksum: UInt32
  /// The inbox's file.
  var inode: UInt64
  var modificationTimeNanoseconds: Int64
  var changeTimeNanoseconds: Int64
  /// Of the system's boot in which the file was verified. Until the next one the system has all bytes that
  /// were written, also those that are not on the disk yet.
  var boot: UInt64

  /// "GRFF".
  private static let tag: UInt32 = 0x4752_4646
  /// "GRFS": the records in a range of the file describe bytes on the disk.
  private static let syncedTag: UInt32 = 0x4752_4653
  /// "GRF1".
  private static let magic: UInt32 = 0x4752_4631

  /// A record without its name.
  private static let fixedByteCount = 62
  private static let syncedByteCount = 24
  /// Ranges of records on the disk, at most. Others count as not on the disk.
  private static let syncedRangeLimit = 4_096

  /// The first bytes of the file of an inbox with this path.
  static func header(inboxPath: String) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.appendBigEndian(magic)
    bytes.appendBigEndian(UInt32(clamping: inboxPath.utf8.count))
    bytes += Array(inboxPath.utf8)
    return seal(&bytes, from: 0)
  }

  func append(to bytes: inout [UInt8]) {
    let start = bytes.count
    bytes.appendBigEndian(Self.tag)
    bytes.appendBigEndian(UInt16(clamping: name.utf8.count))
    bytes.appendBigEndian(byteCount)
    bytes.appendBigEndian(sentTimeNanoseconds)
    bytes.appendBigEndian(checksum)
    bytes.appendBigEndian(inode)
    bytes.appendBigEndian(modificationTimeNanoseconds)
    bytes.appendBigEndian(changeTimeNanoseconds)
    bytes.appendBigEndian(boot)
    bytes += Array(name.utf8)
    _ = Self.seal(&bytes, from: start)
  }

  /// The record that the file records in these places of the file describe bytes on the disk.
  static func appendSynced(_ places: Range<UInt64>, to bytes: inout [UInt8]) {
    let start = bytes.count
    bytes.appendBigEndian(syncedTag)
    bytes.appendBigEndian(places.lowerBound)
    bytes.appendBigEndian(places.upperBound)
    _ = seal(&bytes, from: start)
  }

  @discardableResult
  private static func seal(_ bytes: inout [UInt8], from start: Int) -> [UInt8] {
    let checksum = bytes.withUnsafeBytes { CRC32.checksum(UnsafeRawBufferPointer(rebasing: $0[start...])) }
    bytes.appendBigEndian(checksum)
    return bytes
  }

  // MARK: Reading

  /// The sound records of a file.
  struct Contents {
    /// The newest of each name.
    var records: [String: FileRecord] = [:]
    /// The names of those whose bytes are on the disk.
    var synced: Set<String> = []
    /// Records that are of no use any more, also those behind a damaged one.
    var isWorthRewriting = false
  }

  /// Reads a file's bytes, which may be hostile. Nil when it is none of this inbox. Pure.
  static func read(_ bytes: Span<UInt8>, inboxPath: String) -> Contents? {
    let header = header(inboxPath: inboxPath)
    guard bytes.count >= header.count, header.indices.allSatisfy({ bytes[$0] == header[$0] }) else {
      return nil
    }
    var contents = Contents()
    var places: [String: Int] = [:]
    var ranges: [Range<UInt64>] = []
    var position = header.count
    var count = 0
    while let byteCount = recordByteCount(bytes, at: position) {
      let body = bytes.extracting(position..<position + byteCount - 4)
      guard CRC32.checksum(body) == bytes.bigEndianUInt32(at: position + byteCount - 4) else { break }
      if bytes.bigEndianUInt32(at: position) == syncedTag {
        note(bytes.bigEndianUInt64(at: position + 4), bytes.bigEndianUInt64(at: position + 12), in: &ranges)
      } else {
        guard let record = decode(body) else { break }
        contents.records[record.name] = record
        places[record.name] = position
      }
      count += 1
      position += byteCount
    }
    ranges.sort { $0.lowerBound < $1.lowerBound }
    contents.synced = Set(places.lazy.filter { Self.contains(ranges, UInt64($0.value)) }.map(\.key))
    contents.isWorthRewriting = position < bytes.count || count > 2 * contents.records.count + 1_000
    return contents
  }

  /// A file's record without its CRC32.
  private static func decode(_ body: Span<UInt8>) -> FileRecord? {
    let nameBytes = body.extracting(fixedByteCount - 4..<body.count)
    guard SafeName.problem(in: nameBytes) == nil,
      let name = nameBytes.withUnsafeBytes({ String(validating: $0, as: UTF8.self) })
    else { return nil }
    return FileRecord(
      name: name, byteCount: body.bigEndianUInt64(at: 6),
      sentTimeNanoseconds: Int64(bitPattern: body.bigEndianUInt64(at: 14)),
      checksum: body.bigEndianUInt32(at: 22), inode: body.bigEndianUInt64(at: 26),
      modificationTimeNanoseconds: Int64(bitPattern: body.bigEndianUInt64(at: 34)),
      changeTimeNanoseconds: Int64(bitPattern: body.bigEndianUInt64(at: 42)),
      boot: body.bigEndianUInt64(at: 50))
  }

  /// Where the records from `start` on lie, whether they are sound or not. Pure.
  static func places(_ bytes: Span<UInt8>, from start: Int) -> [Range<Int>] {
    var places: [Range<Int>] = []
    var position = start
    while let byteCount = recordByteCount(bytes, at: position) {
      places.append(position..<position + byteCount)
      position += byteCount
    }
    return places
  }

  /// The length that the record at this place has, when all of it is here.
  private static func recordByteCount(_ bytes: Span<UInt8>, at start: Int) -> Int? {
    guard bytes.count - start >= syncedByteCount else { return nil }
    let byteCount: Int
    switch bytes.bigEndianUInt32(at: start) {
    case syncedTag: byteCount = syncedByteCount
    case tag: byteCount = fixedByteCount + Int(bytes.bigEndianUInt16(at: start + 4))
    default: return nil
    }
    return bytes.count - start >= byteCount ? byteCount : nil
  }

  /// Adds a range, and joins it to the one before when it continues that.
  private static func note(_ first: UInt64, _ end: UInt64, in ranges: inout [Range<UInt64>]) {
    guard first < end else { return }
    if let last = ranges.last, last.upperBound == first {
      ranges[ranges.count - 1] = last.lowerBound..<end
    } else if ranges.count < syncedRangeLimit {
      ranges.append(first..<end)
    }
  }

  /// Whether one of these ranges, ascending by their first place, has the place. Ranges of several writers do
  /// not overlap.
  private static func contains(_ ranges: [Range<UInt64>], _ place: UInt64) -> Bool {
    var (low, high) = (0, ranges.count)
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].lowerBound <= place { low = middle + 1 } else { high = middle }
    }
    return low > 0 && ranges[low - 1].contains(place)
  }
}
