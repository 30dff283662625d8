import Checksum
import Glibc
import Ground

/// The records of the files that were verified in one inbox, Specs/resume.md §7. They lie in a file of the
/// user's cache, so that nothing foreign appears in the inbox. A missing or damaged file only means that
/// files are sent again. One owner; several receivers may append to the same file.
final class InboxRecords {
  /// A longer file is begun anew. About two million files.
  private static let byteCountLimit: UInt64 = 256 << 20
  /// Inboxes whose records are kept. Those that were written to last stay.
  private static let inboxLimit = 64
  private static let gatheredByteCount = 1 << 16

  private let inboxPath: String
  private let folder: OwnedDescriptor
  private let fileName: String
  /// Of this boot of the system. At random when the system does not say: then no later process takes this
  /// boot for its own.
  let boot: UInt64
  /// -1 until something is appended, and after an error.
  private var file: Int32 = -1
  private var isBroken = false
  private var gathered: [UInt8] = []
  /// Appended records of which a job of `PartSync` does not know, and those of the job that runs.
  private var unsynced: [Range<UInt64>] = []
  private var syncing: [Range<UInt64>] = []

  /// `folderPath`: the user's cache for all inboxes; it is made. `start`: where relative paths begin. Nil
  /// when it cannot be used.
  init?(folderPath: String, inboxPath: String, from start: Int32 = AT_FDCWD) {
    guard let path = Self.resolved(inboxPath, from: start),
      let folder = Self.openFolder(folderPath, from: start)
    else { return nil }
    self.folder = OwnedDescriptor(folder)
    self.inboxPath = path
    fileName = SetIdentity(of: Array(path.utf8).span).description
    boot = Self.currentBoot(from: start) ?? .random(in: .min ... .max)
  }

  /// The absolute path without links.
  private static func resolved(_ path: String, from start: Int32) -> String? {
    if disk(of: start) != nil { return path }
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(validatingCString: resolved)
  }

  deinit {
    flush()
    if file >= 0 { closeDescriptor(file) }
  }

  /// Makes the folder and those above it. Nil when it is not this user's alone.
  private static func openFolder(_ path: String, from start: Int32) -> Int32? {
    var end = path.utf8.startIndex
    while let slash = path.utf8[end...].firstIndex(of: UInt8(ascii: "/")) {
      if slash > path.utf8.startIndex { _ = mkdirat(start, String(path[..<slash]), 0o700) }
      end = path.utf8.index(after: slash)
    }
    _ = mkdirat(start, path, 0o700)
    let number = openat(start, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard number >= 0 else { return nil }
    guard KeptFolders.isOurs(number) else {
      closeDescriptor(number)
      return nil
    }
    return number
  }

  private static func currentBoot(from start: Int32) -> UInt64? {
    let number = openat(start, "/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { return nil }
    let file = OwnedDescriptor(number)
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = bytes.withUnsafeMutableBytes { readBytes(file.number, $0.baseAddress, $0.count) }
    guard count >= 36 else { return nil }
    return SetIdentity(of: bytes.span.extracting(first: count)).high
  }

  // MARK: Reading

  /// What is known of the inbox's files. A file with much that is of no use is written anew.
  func read() -> FileRecord.Contents {
    guard let byteCount = KeptFolders.regularFileByteCount(fileName, in: folder.number),
      byteCount <= Self.byteCountLimit, let bytes = readFile(Int(byteCount)),
      let contents = FileRecord.read(bytes.span, inboxPath: inboxPath)
    else {
      _ = unlinkat(folder.number, fileName, 0)
      return FileRecord.Contents()
    }
    if contents.isWorthRewriting { rewrite(contents) }
    return contents
  }

  private func readFile(_ byteCount: Int) -> [UInt8]? {
    let number = openat(folder.number, fileName, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard number >= 0 else { return nil }
    let file = OwnedDescriptor(number)
    return [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
      while count < buffer.count {
        let (offset, start) = (off_t(count), buffer.baseAddress.map { $0 + count })
        let read = retryingInterrupts { pread(file.number, start, buffer.count - count, offset) }
        guard read > 0 else { return }
        count += read
      }
    }
  }

  /// What another process appends meanwhile is lost, and its files are sent again.
  private func rewrite(_ contents: FileRecord.Contents) {
    var bytes = FileRecord.header(inboxPath: inboxPath)
    for isSynced in [true, false] {
      let first = UInt64(bytes.count)
      for record in contents.records.values where contents.synced.contains(record.name) == isSynced {
        record.append(to: &bytes)
      }
      if isSynced { FileRecord.appendSynced(first..<UInt64(bytes.count), to: &bytes) }
    }
    let draft = "\(fileName).\(getpid())"
    let number = openat(
      folder.number, draft, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard number >= 0 else { return }
    let file = OwnedDescriptor(number)
    let isWritten = Self.write(bytes, to: file.number)
    guard isWritten, fdatasync(file.number) == 0, renameat(folder.number, draft, folder.number, fileName) == 0
    else {
      _ = unlinkat(folder.number, draft, 0)
      return
    }
  }

  // MARK: Writing

  /// A file was verified and has its name in the inbox.
  func note(_ record: FileRecord) {
    record.append(to: &gathered)
    if gathered.count >= Self.gatheredByteCount { flush() }
  }

  /// Hands the records to the system, some times a second.
  func flush() {
    guard !gathered.isEmpty, !isBroken else { return }
    if file < 0 { open() }
    guard file >= 0, Self.write(gathered, to: file) else {
      isBroken = true
      return
    }
    let end = UInt64(max(0, position(file)))
    let first = end - min(end, UInt64(gathered.count))
    if let last = unsynced.last, last.upperBound == first {
      unsynced[unsynced.count - 1] = last.lowerBound..<end
    } else {
      unsynced.append(first..<end)
    }
    gathered.removeAll(keepingCapacity: true)
  }

  /// A job of `PartSync` begins. It covers the files of all records that were appended before.
  func beginSync() {
    syncing += unsynced
    unsynced = []
  }

  /// The job that began last is done: what it covers is on the disk.
  func endSync() {
    for range in syncing { FileRecord.appendSynced(range, to: &gathered) }
    syncing = []
  }

  private func open() {
    let flags = O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
    file = openat(folder.number, fileName, flags)
    guard file < 0, errno == ENOENT else { return }
    makeRoom()
    // Another receiver may make it at the same time.
    file = openat(folder.number, fileName, flags | O_CREAT | O_EXCL, 0o600)
    if file < 0 {
      file = openat(folder.number, fileName, flags)
    } else if !Self.write(FileRecord.header(inboxPath: inboxPath), to: file) {
      isBroken = true
    }
  }

  /// Removes the records of the inboxes that were not used for the longest time.
  private func makeRoom() {
    var ages: [(time: Int, name: String)] = []
    for name in WorkFolder.names(in: folder.number) {
      var status = stat()
      guard fstatat(folder.number, name, &status, AT_SYMLINK_NOFOLLOW) == 0,
        status.st_mode & S_IFMT == S_IFREG
      else { continue }
      ages.append((Int(status.st_mtim.tv_sec), name))
    }
    for (_, name) in ages.sorted(by: { ($0.time, $0.name) > ($1.time, $1.name) }).dropFirst(
      Self.inboxLimit - 1)
    {
      _ = unlinkat(folder.number, name, 0)
    }
  }

  private static func write(_ bytes: [UInt8], to file: Int32) -> Bool {
    let count = bytes.withUnsafeBytes { bytes in
      retryingInterrupts { writeBytes(file, bytes.baseAddress, bytes.count) }
    }
    return count == bytes.count
  }
}
