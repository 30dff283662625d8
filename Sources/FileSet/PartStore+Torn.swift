import Glibc

/// Files that a power cut has damaged after they had got their names.
extension PartStore {
  /// Whether the file that has a name already is this one, without some of its bytes: it has the sender's
  /// modification time, and each of its bytes is the part's, or zero. A part gets this time before
  /// it gets its name, and its bytes can be on the disk later than both. Nothing of such a file is lost when
  /// the part replaces it.
  func isTorn(_ folder: Int32, _ base: String, file: Int, entry: ManifestEntry) -> Bool {
    let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
    let existing = OwnedDescriptor(openat(folder, base, flags))
    let part = OwnedDescriptor(openat(work.descriptor, WorkFolder.partName(file), flags))
    var status = stat()
    guard existing.number >= 0, part.number >= 0, fstat(existing.number, &status) == 0,
      status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1, status.st_uid == geteuid(),
      UInt64(max(0, status.st_size)) <= entry.byteCount,
      Self.isNear(status.modificationTimeNanoseconds, entry.modificationTimeNanoseconds)
    else { return false }
    if status.st_size == 0, isReserved(base, in: folder, status) { return false }
    return withUnsafeTemporaryAllocation(byteCount: 1 << 17, alignment: 64) { buffer in
      let half = buffer.count / 2
      let (old, new) = (
        UnsafeMutableRawBufferPointer(rebasing: buffer[..<half]),
        UnsafeMutableRawBufferPointer(rebasing: buffer[half...])
      )
      var done = 0
      while done < Int(status.st_size) {
        let count = min(half, Int(status.st_size) - done)
        guard Self.read(existing.number, done, old, count), Self.read(part.number, done, new, count) else {
          return false
        }
        guard (0..<count).allSatisfy({ old[$0] == new[$0] || old[$0] == 0 }) else { return false }
        done += count
      }
      return true
    }
  }

  /// Whether an empty file that was found at the name is another session's reservation, or was: then that
  /// session has removed its claim, but the name belongs to another file now.
  private func isReserved(_ base: String, in folder: Int32, _ status: stat) -> Bool {
    if reservedNames.contains(status, inbox: folders.inbox.number, work: work.descriptor) { return true }
    var named = stat()
    return fstatat(folder, base, &named, AT_SYMLINK_NOFOLLOW) != 0 || named.st_ino != status.st_ino
  }

  private static func read(
    _ descriptor: Int32, _ offset: Int, _ buffer: UnsafeMutableRawBufferPointer, _ count: Int
  ) -> Bool {
    var done = 0
    while done < count {
      let moved = retryingInterrupts {
        pread(descriptor, buffer.baseAddress.map { $0 + done }, count - done, off_t(offset + done))
      }
      guard moved > 0 else { return false }
      done += moved
    }
    return true
  }
}
