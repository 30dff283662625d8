import Checksum
import Keys
import Wire

/// The state of the comparison of a signed set with its digests.
struct SegmentChecks {
  /// How often a file's segments may be wrong, and the manifest, before it is given up: whoever can always
  /// put a forged chunk in the place of the sender's can hold a file up, and no more.
  static let attemptLimit = 16
  /// Segments of 128 KiB that are read before the network is read again: about 1 ms.
  static let segmentsPerTurn = 8

  /// A file whose chunks are all here, and of which some segments have been compared.
  struct Current {
    let file: Int
    var next = 0
    /// Of the segments before `next`.
    var checksum: UInt32 = 0
    var wrong: [Int] = []
  }

  var current: Current?
  /// Of files with segments that were wrong.
  var attempts: [Int: Int] = [:]
  var manifestAttempts = 0
  /// Segments that were not what the sender signed.
  var wrongSegmentCount: UInt64 = 0
}

/// A signed set, Specs/chunked-udp.md §3.6: no file gets its name before each of its segments has the SHA-256
/// that the signed manifest states, wherever its bytes come from.
extension ReceivedSet {
  /// Segments of files that were not as the sender signed them, each time.
  package var wrongSegmentCount: UInt64 { checks.wrongSegmentCount }

  /// Whether the gathered manifest is the one that the sender signed. True without a signature.
  func isSignedManifest(_ bytes: Span<UInt8>) -> Bool {
    guard let manifestDigest else { return true }
    return bytes.withUnsafeBytes { SHA256.digest($0) } == manifestDigest
  }

  /// The manifest is not the one that was signed: somebody forged a chunk of it. It is received again. False
  /// when that has happened too often.
  func forgetManifest() -> Bool {
    checks.manifestAttempts += 1
    guard manifestDigest != nil, checks.manifestAttempts <= SegmentChecks.attemptLimit else { return false }
    manifestBytes.forget()
    acceptedChunkCount -= shape.manifestChunkCount
    forgotten.append(0..<shape.manifestChunkCount)
    return true
  }

  /// Compares the next segments of a file with their digests. Returns the file's CRC32 when all of them are
  /// right; nil while some are left, and when some were wrong: these are received again.
  func checkSegments(ofFile file: Int, _ entry: ManifestEntry, _ segments: SegmentDigests) -> UInt32? {
    var current = checks.current ?? SegmentChecks.Current(file: file)
    checks.current = nil
    let count = segments.segmentCount(ofFile: file)
    let end = min(count, current.next + SegmentChecks.segmentsPerTurn)
    let size = ManifestSize.segmentByteCount
    withUnsafeTemporaryAllocation(byteCount: size, alignment: 64) { buffer in
      while current.next < end {
        let offset = UInt64(current.next) * UInt64(size)
        let part = UnsafeMutableRawBufferPointer(
          rebasing: buffer[..<Int(min(UInt64(size), entry.byteCount - offset))])
        let bytes = UnsafeRawBufferPointer(part)
        if store.readBack(file: file, entry: entry, offset: offset, into: part),
          segments.areRight(bytes, file: file, segment: current.next)
        {
          current.checksum = CRC32.checksum(bytes, continuing: current.checksum)
        } else {
          current.wrong.append(current.next)
        }
        current.next += 1
      }
    }
    if current.next < count {
      checks.current = current
    } else if current.wrong.isEmpty {
      return current.checksum
    } else {
      receiveAgain(current.wrong, ofFile: file, entry)
    }
    return nil
  }

  /// Some segments of a file are not what the sender signed: their chunks are missing again. A file that was
  /// in the inbox before the session is received as a whole.
  private func receiveAgain(_ wrong: [Int], ofFile file: Int, _ entry: ManifestEntry) {
    guard let layout else { return }
    checks.wrongSegmentCount += UInt64(wrong.count)
    checks.attempts[file, default: 0] += 1
    guard checks.attempts[file, default: 0] <= SegmentChecks.attemptLimit else {
      store.discard(file: file)
      return noteFailure(file, .notSigned(name: entry.name))
    }
    if delivered.contains(file) {
      store.closeFile(file)
      return forget(file)
    }
    var ranges: [Range<UInt64>] = []
    let first = layout.chunks(ofFile: file).lowerBound
    for segment in wrong {
      let start = UInt64(segment) * UInt64(ManifestSize.segmentByteCount)
      let end = min(entry.byteCount, start + UInt64(ManifestSize.segmentByteCount))
      let size = UInt64(shape.chunkByteCount)
      let chunks = first + start / size..<first + (end - 1) / size + 1
      if let last = ranges.last, last.upperBound >= chunks.lowerBound {
        ranges[ranges.count - 1] = last.lowerBound..<chunks.upperBound
      } else {
        ranges.append(chunks)
      }
    }
    let count = ranges.reduce(0) { $0 + UInt64($1.count) }
    digests?.lose(count, ofFile: file)
    whole.takeBack()
    acceptedChunkCount -= count
    forgotten += ranges
  }
}
