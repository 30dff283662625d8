import Glibc
import Ground

/// Keeps the map of a session's parts: its records, and from time to time the record that all before it is on
/// the disk, Specs/resume.md. One owner.
final class PartMapKeeper {
  /// A job of `PartSync` begins after this time, or after this many bytes, whichever is sooner. After a power
  /// cut about as much is read and compared.
  private static let syncNanoseconds: Nanoseconds = .seconds(2)
  private static let syncByteCount: UInt64 = 256 << 20

  private let writer: PartMapWriter
  private let sync = PartSync()
  /// Files that were written to since the last job began.
  private var files: Set<Int>
  private var newestFile = -1
  private var byteCount: UInt64 = 0
  private var nextSyncAt: Instant?

  /// `files`: those of whose records some are not known to be on the disk.
  init(_ writer: PartMapWriter, files: Set<Int> = []) {
    self.writer = writer
    self.files = files
  }

  /// Chunks of a file were written to its part, or are its digest.
  func add(_ chunks: ChunkRun, file: Int, checksums: UnsafePointer<UInt32>, digest: UInt32) {
    writer.append(first: chunks.first, count: chunks.count, checksums: checksums, digest: digest)
    byteCount += UInt64(chunks.byteCount)
    guard file != newestFile else { return }
    newestFile = file
    files.insert(file)
  }

  /// Hands the records to the system, some times a second, and begins or ends a job of `PartSync`. The job
  /// covers the files in `records` as well.
  func save(now: Instant, manifest: Manifest, work: Int32, inbox: Int32, records: InboxRecords?) {
    noteSync(records)
    writer.flush()
    records?.flush()
    let dueAt = nextSyncAt ?? now + Self.syncNanoseconds
    nextSyncAt = dueAt
    guard now >= dueAt || byteCount >= Self.syncByteCount, !files.isEmpty, sync.isIdle, !writer.isBroken
    else { return }
    let items = files.map { PartSync.Item(file: $0, name: manifest.entries[$0].name) }
    sync.start(items, work: work, inbox: inbox, map: writer.descriptor, mapEnd: writer.fileEnd)
    records?.beginSync()
    nextSyncAt = now + Self.syncNanoseconds
    (files, newestFile, byteCount) = ([], -1, 0)
  }

  /// Notes the end of a job.
  private func noteSync(_ records: InboxRecords?) {
    guard let offset = sync.takeDone() else { return }
    writer.appendSynced(before: offset)
    records?.endSync()
  }

  /// Waits for the job that `save` has begun, and notes it.
  func waitForSync(_ records: InboxRecords?) {
    sync.wait()
    noteSync(records)
    writer.flush()
    records?.flush()
  }

  /// Nothing is added afterwards.
  func close() { writer.flush() }
}

extension PartStore {
  /// Begins the map of a set whose manifest is known. Without one, the parts go with the session.
  func beginMap(_ key: PartKey, manifest: Span<UInt8>) {
    guard map == nil, key == self.key, write(manifest, to: PartMap.manifestName),
      write(PartMap.header(key).span, to: PartMap.draftName),
      renameat(work.descriptor, PartMap.draftName, work.descriptor, PartMap.fileName) == 0
    else { return }
    let descriptor = openat(work.descriptor, PartMap.fileName, O_RDWR | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    map = PartMapKeeper(PartMapWriter(descriptor: descriptor, end: UInt64(PartMap.headerByteCount)))
    keepWork()
  }

  /// Makes a file of the work folder. False when it cannot be written.
  func write(_ bytes: Span<UInt8>, to name: String) -> Bool {
    let number = openat(
      work.descriptor, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard number >= 0 else { return false }
    let file = OwnedDescriptor(number)
    return bytes.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count {
        let count = retryingInterrupts {
          writeBytes(file.number, bytes.baseAddress.map { $0 + done }, bytes.count - done)
        }
        guard count > 0 else { return false }
        done += count
      }
      return true
    }
  }
}
