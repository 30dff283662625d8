import Checksum
import Ground
import Wire

/// Which records of a map are of use: each is compared with the part that it describes.
///
/// A record whose bytes were on the disk when the map said so counts if the part is long enough. The bytes of
/// a newer record are read and compared with its CRC32s, because the power may have been cut.
struct PartMapSelection {
  /// Bytes that are read for this, at most. Newer records without a place in it are dropped.
  private static let comparedByteCountLimit: UInt64 = 1 << 30

  private struct Record {
    var place: ChunkRun
    var file: Int
    var checksumsOffset: Int
    var digest: UInt32
    var isSynced: Bool
  }

  private enum Place {
    /// A part of this length.
    case part(UInt64)
    /// It has its name in the inbox.
    case delivered
    case nowhere
  }

  private let manifest: Manifest
  private let layout: SetLayout
  /// Ascending by chunk.
  private var records: [Record] = []
  private var places: [Int: Place] = [:]
  /// Not all records of the map are in it.
  private(set) var isCut = false

  init(_ contents: PartMap.Contents, manifest: Manifest, layout: SetLayout) {
    self.manifest = manifest
    self.layout = layout
    var hint = 0
    var next: UInt64 = 0
    for found in contents.records.sorted(by: { ($0.first, $0.offset) < ($1.first, $1.offset) }) {
      let first = UInt64(found.first)
      guard first >= next, first + UInt64(found.count) <= layout.totalChunkCount else {
        isCut = true
        continue
      }
      let place = layout.run(from: found.first, limit: found.count, hint: &hint)
      guard case .file(let file) = place.kind, place.count == found.count else {
        isCut = true
        continue
      }
      next = first + UInt64(found.count)
      records.append(
        Record(
          place: place, file: file, checksumsOffset: found.checksumsOffset, digest: found.digest,
          isSynced: found.offset < contents.syncedEnd))
    }
  }

  /// The files with a part.
  var partFiles: Set<Int> {
    Set(places.filter { if case .part = $0.value { true } else { false } }.keys)
  }

  /// The files of which a record is not known to describe bytes on the disk.
  var unsyncedFiles: Set<Int> { Set(records.lazy.filter { !$0.isSynced }.map(\.file)) }

  // MARK: Comparing

  /// Drops the records whose bytes are not in the store's work folder or inbox. `map`: the map's bytes.
  mutating func compare(with store: PartStore, _ map: Span<UInt8>) {
    var chunkCounts: [Int: Int] = [:]
    for record in records { chunkCounts[record.file, default: 0] += record.place.count }
    for (file, count) in chunkCounts {
      places[file] = Self.place(of: file, manifest.entries[file], in: store)
      if case .delivered = places[file], count < layout.chunks(ofFile: file).count { places[file] = .nowhere }
    }
    var left = Self.comparedByteCountLimit
    keep(records.filter { isOfUse($0, &left, store, map) })
    // Nothing can be added to a file that has its name.
    var keptCounts: [Int: Int] = [:]
    for record in records { keptCounts[record.file, default: 0] += record.place.count }
    let lacking = Set(
      chunkCounts.keys.filter { file in
        if case .delivered = places[file] { keptCounts[file] != chunkCounts[file] } else { false }
      })
    for file in lacking { places[file] = .nowhere }
    keep(records.filter { !lacking.contains($0.file) })
    for (file, place) in places where keptCounts[file] == nil {
      if case .part = place { places[file] = .nowhere }
    }
  }

  /// Drops the records behind the first chunk of their file that is lacking.
  mutating func keepBeginnings() {
    var next: [Int: UInt64] = [:]
    keep(
      records.filter { record in
        guard record.place.offset == next[record.file, default: 0] else { return false }
        next[record.file] = record.place.offset + UInt64(record.place.count) * UInt64(layout.chunkByteCount)
        return true
      })
    for (file, place) in places where next[file] == nil {
      if case .part = place { places[file] = .nowhere }
    }
  }

  /// Whether the bytes of a record are here. `left`: how many bytes may still be read for this.
  private func isOfUse(
    _ record: Record, _ left: inout UInt64, _ store: PartStore, _ map: Span<UInt8>
  ) -> Bool {
    // Of a digest alone the map has every byte.
    guard record.place.offset < manifest.entries[record.file].byteCount else { return true }
    switch places[record.file] {
    case .part(let byteCount): guard dataEnd(record) <= byteCount else { return false }
    case .delivered: break
    case .nowhere, nil: return false
    }
    guard !record.isSynced else { return true }
    guard left >= UInt64(record.place.byteCount) else { return false }
    left -= UInt64(record.place.byteCount)
    return isEqual(record, store, map)
  }

  private mutating func keep(_ kept: [Record]) {
    isCut = isCut || kept.count < records.count
    records = kept
  }

  private static func place(of file: Int, _ entry: ManifestEntry, in store: PartStore) -> Place {
    let name = WorkFolder.partName(file)
    if let byteCount = KeptFolders.regularFileByteCount(name, in: store.work.descriptor) {
      return byteCount <= entry.byteCount ? .part(byteCount) : .nowhere
    }
    return !SafeName.isReserved(entry.name) && store.isDelivered(entry) ? .delivered : .nowhere
  }

  /// The end of the file's own bytes in a record.
  private func dataEnd(_ record: Record) -> UInt64 {
    min(manifest.entries[record.file].byteCount, record.place.offset + UInt64(record.place.byteCount))
  }

  /// Whether the bytes that a record describes have its CRC32s.
  private func isEqual(_ record: Record, _ store: PartStore, _ map: Span<UInt8>) -> Bool {
    let size = layout.chunkByteCount
    let group = max(1, (1 << 18) / size)
    return withUnsafeTemporaryAllocation(byteCount: group * size, alignment: 64) { buffer in
      var done = 0
      while done < record.place.count {
        let count = min(group, record.place.count - done)
        let start = done * size
        let byteCount = min(count * size, record.place.byteCount - start)
        let bytes = UnsafeMutableRawBufferPointer(rebasing: buffer[..<byteCount])
        guard read(record, from: start, into: bytes, store) else { return false }
        for index in 0..<count {
          let chunk = bytes[(index * size)..<min((index + 1) * size, byteCount)]
          let checksum = CRC32.checksum(UnsafeRawBufferPointer(rebasing: chunk))
          guard checksum == Self.checksum(done + index, of: record, map) else { return false }
        }
        done += count
      }
      return true
    }
  }

  /// The payload from byte `start` of the record on: the file's own bytes, and behind them those of its
  /// digest.
  private func read(
    _ record: Record, from start: Int, into buffer: UnsafeMutableRawBufferPointer, _ store: PartStore
  ) -> Bool {
    let entry = manifest.entries[record.file]
    let offset = record.place.offset + UInt64(start)
    let dataByteCount = Int(min(UInt64(buffer.count), entry.byteCount - min(entry.byteCount, offset)))
    let data = UnsafeMutableRawBufferPointer(rebasing: buffer[..<dataByteCount])
    guard store.readBack(file: record.file, entry: entry, offset: offset, into: data) else { return false }
    for position in dataByteCount..<buffer.count {
      let place = offset + UInt64(position) - entry.byteCount
      buffer[position] = UInt8(truncatingIfNeeded: record.digest >> UInt32(8 * place))
    }
    return true
  }

  /// The CRC32s lie in the map as they lie in memory.
  private static func checksum(_ index: Int, of record: Record, _ map: Span<UInt8>) -> UInt32 {
    map.bytes.unsafeLoadUnaligned(fromByteOffset: record.checksumsOffset + 4 * index, as: UInt32.self)
  }

  // MARK: What is taken up

  /// The map with the records that are of use: first those whose bytes are on the disk.
  func rewritten(_ map: [UInt8], header: [UInt8]) -> [UInt8] {
    var bytes = header
    for isSynced in [true, false] {
      for record in records where record.isSynced == isSynced {
        let start = record.checksumsOffset - 16
        bytes += map[start..<start + PartMap.fixedByteCount + 4 * record.place.count]
      }
      if isSynced { bytes += PartMap.syncedRecord(before: UInt64(bytes.count)) }
    }
    return bytes
  }

  /// The chunks that the records describe, with their checksums.
  func resumed(_ map: Span<UInt8>) -> ResumedParts {
    var parts = ResumedParts(manifest: manifest, layout: layout, digests: FileDigests(layout: layout))
    for record in records {
      let byteCount = manifest.entries[record.file].byteCount
      let checksums = (0..<record.place.count).map { Self.checksum($0, of: record, map) }
      let isWhole = checksums.withUnsafeBufferPointer { checksums in
        checksums.baseAddress.map { parts.digests.add(record.place, file: record.file, checksums: $0) }
      }
      let dataByteCount = min(UInt64(record.place.byteCount), byteCount - min(byteCount, record.place.offset))
      for position in dataByteCount..<UInt64(record.place.byteCount) {
        let place = Int(record.place.offset + position - byteCount)
        parts.digests.addDigestByte(
          UInt8(truncatingIfNeeded: record.digest >> UInt32(8 * place)), at: place, ofFile: record.file)
      }
      let chunks = UInt64(record.place.first)..<UInt64(record.place.first) + UInt64(record.place.count)
      if let last = parts.chunks.last, last.upperBound == chunks.lowerBound {
        parts.chunks[parts.chunks.count - 1] = last.lowerBound..<chunks.upperBound
      } else {
        parts.chunks.append(chunks)
      }
      parts.byteCount += UInt64(record.place.byteCount)
      guard isWhole == true else { continue }
      parts.wholeFiles.append(record.file)
      if case .delivered = places[record.file] { parts.delivered.insert(record.file) }
    }
    return parts
  }
}
