import Dispatch
import Glibc
import Keys
import Synchronization
import Wire

/// A set that its sender signs: its manifest has the SHA-256 of each segment, so every file is read before
/// the first byte is sent.
extension ScannedSet {
  /// Segments that one thread reads in a row.
  private static let segmentsInARow = 64

  /// This set with the digests of its segments in the manifest. Reads all bytes, on all processors.
  /// `KeyLibrary.load` must have succeeded.
  ///
  /// Throws `cannotRead`, `fileChanged`, `manifestTooLarge`.
  package func withSegmentDigests() throws(FileSetError) -> ScannedSet {
    let sizes = manifest.entries.map(\.byteCount)
    let firstSegments = SegmentDigests.firstSegments(sizes)
    let count = firstSegments.last ?? 0
    let byteCount = manifest.encodedByteCount + count * ManifestSize.segmentDigestByteCount
    guard byteCount <= ManifestSize.limit else { throw .manifestTooLarge(byteCount: byteCount) }
    let failure = Mutex<FileSetError?>(nil)
    let bytes = [UInt8](unsafeUninitializedCapacity: count * ManifestSize.segmentDigestByteCount) {
      buffer, used in
      nonisolated(unsafe) let digests = UnsafeMutableRawBufferPointer(buffer)
      let rows = (count + Self.segmentsInARow - 1) / Self.segmentsInARow
      DispatchQueue.concurrentPerform(iterations: rows) { row in
        let segments = row * Self.segmentsInARow..<min(count, (row + 1) * Self.segmentsInARow)
        guard failure.withLock({ $0 == nil }) else { return }
        do throws(FileSetError) { try digest(segments, firstSegments, to: digests) } catch {
          failure.withLock { $0 = $0 ?? error }
        }
      }
      used = failure.withLock { $0 == nil } ? buffer.count : 0
    }
    if let failure = failure.withLock({ $0 }) { throw failure }
    return signed(manifest.with(SegmentDigests(bytes, fileByteCounts: sizes)))
  }

  /// Writes the digests of these segments of the set, each to its place.
  private func digest(
    _ segments: Range<Int>, _ firstSegments: [Int], to digests: UnsafeMutableRawBufferPointer
  ) throws(FileSetError) {
    var file = Self.file(of: segments.lowerBound, firstSegments)
    var next = segments.lowerBound
    while next < segments.upperBound {
      while firstSegments[file + 1] <= next { file += 1 }
      let end = min(segments.upperBound, firstSegments[file + 1])
      let inFile = next - firstSegments[file]..<end - firstSegments[file]
      guard let base = digests.baseAddress else { return }
      try digest(inFile, ofFile: file, to: base + next * ManifestSize.segmentDigestByteCount)
      next = end
    }
  }

  /// The file of a segment of the set.
  private static func file(of segment: Int, _ firstSegments: [Int]) -> Int {
    var (low, high) = (0, firstSegments.count)
    while low < high {
      let middle = (low + high) / 2
      if firstSegments[middle] <= segment { low = middle + 1 } else { high = middle }
    }
    return low - 1
  }

  private func digest(
    _ segments: Range<Int>, ofFile file: Int, to digests: UnsafeMutableRawPointer
  ) throws(FileSetError) {
    let entry = manifest.entries[file]
    let path = path(ofFile: file)
    let number = openat(start, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard number >= 0 else { throw .cannotRead(path: path, errno: errno) }
    let descriptor = OwnedDescriptor(number)
    let size = ManifestSize.segmentByteCount
    let isRead = withUnsafeTemporaryAllocation(byteCount: size, alignment: 64) { buffer in
      for (place, segment) in segments.enumerated() {
        let offset = UInt64(segment) * UInt64(size)
        let count = Int(min(UInt64(size), entry.byteCount - offset))
        let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
        guard readWhole(descriptor.number, part, at: offset) else { return false }
        SHA256.write(UnsafeRawBufferPointer(part), to: digests + place * ManifestSize.segmentDigestByteCount)
      }
      return true
    }
    var status = stat()
    guard isRead, fstat(descriptor.number, &status) == 0, UInt64(max(0, status.st_size)) == entry.byteCount,
      status.modificationTimeNanoseconds == entry.modificationTimeNanoseconds
    else { throw .fileChanged(name: entry.name) }
  }
}
