import Glibc
import Keys
import Wire

/// The SHA-256 of each segment of a set's files, in the order of the files; Specs/chunked-udp.md §3.6. Takes
/// 32 bytes a segment and 8 a file.
package struct SegmentDigests: Equatable, Sendable {
  /// Of all segments.
  package let bytes: [UInt8]
  /// The first segment of each file, and behind them the number of all.
  private let firstSegments: [Int]

  /// `bytes`: 32 for each segment of files with these sizes.
  init(_ bytes: [UInt8], fileByteCounts: some Sequence<UInt64>) {
    self.bytes = bytes
    firstSegments = Self.firstSegments(fileByteCounts)
  }

  static func firstSegments(_ fileByteCounts: some Sequence<UInt64>) -> [Int] {
    var places = [0]
    for byteCount in fileByteCounts {
      places.append((places.last ?? 0) + Int(clamping: ManifestSize.segmentCount(byteCount)))
    }
    return places
  }

  package func segmentCount(ofFile file: Int) -> Int { firstSegments[file + 1] - firstSegments[file] }

  /// The digests of one file.
  func digests(ofFile file: Int) -> ArraySlice<UInt8> {
    let size = ManifestSize.segmentDigestByteCount
    return bytes[firstSegments[file] * size..<firstSegments[file + 1] * size]
  }

  /// Whether these are the bytes of a file's segment, from 0.
  func areRight(_ segment: UnsafeRawBufferPointer, file: Int, segment index: Int) -> Bool {
    let start = (firstSegments[file] + index) * ManifestSize.segmentDigestByteCount
    return SHA256.digest(segment).elementsEqual(bytes[start..<start + ManifestSize.segmentDigestByteCount])
  }

  /// Whether an open file, of the right size, has all the bytes of this file of the set.
  func areRight(_ descriptor: Int32, byteCount: UInt64, file: Int) -> Bool {
    let size = ManifestSize.segmentByteCount
    return withUnsafeTemporaryAllocation(byteCount: size, alignment: 64) { buffer in
      for segment in 0..<segmentCount(ofFile: file) {
        let offset = UInt64(segment) * UInt64(size)
        let part = UnsafeMutableRawBufferPointer(
          rebasing: buffer[..<Int(min(UInt64(size), byteCount - offset))])
        guard readWhole(descriptor, part, at: offset),
          areRight(UnsafeRawBufferPointer(part), file: file, segment: segment)
        else { return false }
      }
      return true
    }
  }
}

/// Whether the buffer could be filled from this place of the file.
func readWhole(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) -> Bool {
  var done = 0
  while done < buffer.count {
    let count = retryingInterrupts {
      pread(
        descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done, off_t(offset) + off_t(done))
    }
    guard count > 0 else { return false }
    done += count
  }
  return true
}
