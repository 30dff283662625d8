import Checksum
import Glibc
import Ground

/// Appends to the map of a work folder. Records gather in memory, and go to the file by few system calls. A
/// record is appended only after its chunks were written to their part. So whatever instant a process is
/// killed at, the map never has a chunk that the part lacks.
final class PartMapWriter {
  /// Records gather up to this length.
  private static let gatheredByteCount = 1 << 16
  /// Records that a full disk does not take wait up to this length.
  private static let waitingByteCount = 1 << 20

  let descriptor: Int32
  /// Bytes in the file.
  private(set) var fileEnd: UInt64
  private var gathered: [UInt8] = []
  /// A write failed: the file may end in a torn record, so nothing more is appended. The session goes on.
  private(set) var isBroken = false

  /// Takes ownership of the descriptor of a map file whose sound part ends at `end`.
  init(descriptor: Int32, end: UInt64) {
    self.descriptor = descriptor
    fileEnd = end
    gathered.reserveCapacity(Self.gatheredByteCount + 8_192)
  }

  deinit { closeDescriptor(descriptor) }

  /// Consecutive chunks of one file, which were written to its part. `digest`: the bytes of the file's digest
  /// among them, each at its place.
  func append(first: UInt32, count: Int, checksums: UnsafePointer<UInt32>, digest: UInt32) {
    var done = 0
    while done < count, !isBroken {
      let part = min(count - done, PartMap.chunkCountLimit)
      let isLast = done + part == count
      let start = gathered.count
      gathered.appendBigEndian(PartMap.chunksTag)
      gathered.appendBigEndian(first + UInt32(done))
      gathered.appendBigEndian(UInt32(part))
      gathered.appendBigEndian(isLast ? digest : 0)
      gathered.append(contentsOf: UnsafeRawBufferPointer(start: checksums + done, count: 4 * part))
      seal(from: start)
      done += part
    }
  }

  /// All bytes that the records before `offset` describe are on the disk.
  func appendSynced(before offset: UInt64) {
    guard !isBroken else { return }
    gathered += PartMap.syncedRecord(before: offset)
  }

  private func seal(from start: Int) {
    let checksum = gathered.withUnsafeBytes {
      CRC32.checksum(UnsafeRawBufferPointer(rebasing: $0[start...]))
    }
    gathered.appendBigEndian(checksum)
    if gathered.count >= Self.gatheredByteCount { flush() }
  }

  /// Hands what was gathered to the system. A process that is killed afterwards has not lost it.
  func flush() {
    guard !gathered.isEmpty, !isBroken else { return }
    var done = 0
    while done < gathered.count {
      let count = gathered.withUnsafeBytes { bytes in
        retryingInterrupts {
          pwrite(
            descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(fileEnd) + off_t(done))
        }
      }
      guard count > 0 else {
        // On a full disk the records wait in memory: the next call writes them at the same place.
        let isFull = count < 0 && (errno == ENOSPC || errno == EDQUOT)
        isBroken = !isFull || gathered.count > Self.waitingByteCount
        return
      }
      done += count
    }
    fileEnd += UInt64(gathered.count)
    gathered.removeAll(keepingCapacity: true)
  }
}
