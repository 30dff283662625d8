import Glibc

/// Bytes that were stored, read back for the blocks that parity covers.
extension PartStore {
  /// The coarsest time stamps of a file system: FAT's, nanoseconds.
  private static let timestampGrain: Int64 = 2_000_000_000

  /// Reads bytes that were written. A file that has its name already is read under this name, if it still has
  /// the size and the modification time that it got. False when the bytes cannot be read.
  func readBack(
    file: Int, entry: ManifestEntry, offset: UInt64, into buffer: UnsafeMutableRawBufferPointer
  ) -> Bool {
    guard !buffer.isEmpty else { return true }
    guard let descriptor = descriptorForReading(file, entry) else { return false }
    var done = 0
    while done < buffer.count {
      let count = retryingInterrupts {
        pread(
          descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done,
          off_t(offset) + off_t(done))
      }
      guard count > 0 else { return false }
      done += count
    }
    return true
  }

  private func descriptorForReading(_ file: Int, _ entry: ManifestEntry) -> Int32? {
    guard !tooLarge.contains(file) else { return nil }
    if let descriptor = descriptors.descriptor(of: file) { return descriptor }
    let flags = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
    // A part may be written to through the same descriptor.
    var descriptor = openat(work.descriptor, WorkFolder.partName(file), O_RDWR | flags)
    if descriptor < 0 { descriptor = openDelivered(entry, flags: O_RDONLY | flags) }
    guard descriptor >= 0 else { return nil }
    descriptors.insert(descriptor, for: file)
    return descriptor
  }

  /// Whether a file has its name, with the size and the modification time that it got.
  func isDelivered(_ entry: ManifestEntry) -> Bool {
    let descriptor = openDelivered(entry, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    if descriptor >= 0 { closeDescriptor(descriptor) }
    return descriptor >= 0
  }

  /// -1 when the file is not there, or is not as it was when it got its name.
  private func openDelivered(_ entry: ManifestEntry, flags: Int32) -> Int32 {
    guard let folder = InboxFolders.existingFolder(of: entry.name, in: folders.inbox.number),
      let base = entry.name.split(separator: "/").last
    else { return -1 }
    let descriptor = openat(folder.number, String(base), flags)
    guard descriptor >= 0 else { return -1 }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      UInt64(max(0, status.st_size)) == entry.byteCount,
      Self.isNear(status.modificationTimeNanoseconds, entry.modificationTimeNanoseconds)
    else {
      closeDescriptor(descriptor)
      return -1
    }
    return descriptor
  }

  static func isNear(_ time: Int64, _ other: Int64) -> Bool {
    let (difference, overflow) = time.subtractingReportingOverflow(other)
    return !overflow && difference.magnitude < timestampGrain.magnitude
  }
}
