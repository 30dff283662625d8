/// The sizes that a manifest can have, Specs/chunked-udp.md §5. An announce and a hello state its size before
/// it arrives.
package enum ManifestSize {
  /// u32 "GMF1", u32 entry count.
  package static let headerByteCount = 8
  /// Bytes of an entry before its name: u64 size, i64 time, u16 mode, u16 name byte count.
  package static let entryHeaderByteCount = 20
  /// Bytes of a name.
  package static let nameByteCounts = 1...4_096
  /// The longest manifest, bytes.
  package static let limit = 256 << 20
  /// The most files in a set: the longest manifest, filled with the shortest entries, has 12,782,640.
  package static let fileCountLimit =
    (limit - headerByteCount) / (entryHeaderByteCount + nameByteCounts.lowerBound)

  /// Bytes of a file that have one digest in the manifest of a signed set; the last segment of a file may
  /// have fewer. 32 bytes for each are 0.024 % of the set.
  package static let segmentByteCount = 1 << 17
  /// SHA-256.
  package static let segmentDigestByteCount = 32

  /// Segments of a file with this many bytes.
  package static func segmentCount(_ fileByteCount: UInt64) -> UInt64 {
    SetShape.chunkCount(of: fileByteCount, segmentByteCount)
  }

  /// Whether a signed set's manifest with this number of entries can have this length. `fileByteCount`: of
  /// all files together, below 2^63. All numbers may be anything.
  package static func isPossibleSigned(byteCount: Int, fileCount: Int, fileByteCount: UInt64) -> Bool {
    guard (0...fileCountLimit).contains(fileCount), (0...limit).contains(byteCount),
      fileByteCount <= UInt64(Int64.max)
    else { return false }
    // Fewest: one file has all bytes. Most: the last segment of each file has one byte.
    let fewest = Int(segmentCount(fileByteCount))
    let most = Int(fileByteCount / UInt64(segmentByteCount)) + min(fileCount, Int(fileByteCount))
    let rest = byteCount - headerByteCount - fileCount * entryHeaderByteCount
    return fileCount * nameByteCounts.lowerBound + fewest * segmentDigestByteCount <= rest
      && rest <= fileCount * nameByteCounts.upperBound + most * segmentDigestByteCount
  }

  /// Whether a manifest with this number of entries can have this length. Both numbers may be anything.
  package static func isPossible(byteCount: Int, fileCount: Int) -> Bool {
    guard (0...fileCountLimit).contains(fileCount), (0...limit).contains(byteCount) else { return false }
    let names = byteCount - headerByteCount - fileCount * entryHeaderByteCount
    return fileCount * nameByteCounts.lowerBound <= names && names <= fileCount * nameByteCounts.upperBound
  }
}
