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

  /// Whether a manifest with this number of entries can have this length. Both numbers may be anything.
  package static func isPossible(byteCount: Int, fileCount: Int) -> Bool {
    guard (0...fileCountLimit).contains(fileCount), (0...limit).contains(byteCount) else { return false }
    let names = byteCount - headerByteCount - fileCount * entryHeaderByteCount
    return fileCount * nameByteCounts.lowerBound <= names && names <= fileCount * nameByteCounts.upperBound
  }
}
