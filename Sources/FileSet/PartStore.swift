package import Checksum
import Glibc
import Ground

/// Where a receiver puts files: first as parts in a work folder of the inbox, then, whole and verified, under
/// their names. One owner; not for several threads.
///
/// Nothing is written outside the inbox, whatever the names say and whatever links lie in it, and no file is
/// replaced unless `overwrite` is set. `close` removes the unfinished parts, and
/// so does the end of the store.
package final class PartStore {
  private static let descriptorLimit = 64

  package let inboxPath: String
  /// Whether a file of the same name is replaced.
  package let overwrite: Bool
  /// Of the set whose parts a later session may take over; nil when they go with the session, and while the
  /// set's numbers are not known.
  private(set) var key: PartKey?

  private(set) var folders: InboxFolders
  private(set) var work: WorkFolder
  var descriptors = DescriptorCache(capacity: descriptorLimit)
  private let vectors = IOVectors()
  /// Files that are larger than the file system allows (FAT: 4 GiB). Each fails by itself, when it is
  /// delivered.
  private(set) var tooLarge: Set<Int> = []
  /// The permission bits that this user's umask, or the inbox's default access list, allows for a new file.
  private let permittedMode: mode_t
  /// Nil where file names are case-sensitive, as on most of Linux's file systems.
  var givenNames: GivenNames?
  var reservedNames = ReservedNames()

  /// The map of the parts; nil before the manifest is known, and in a session that keeps none.
  var map: PartMapKeeper?
  /// The files that were verified in the inbox; nil when nobody remembers them.
  let records: InboxRecords?
  /// Whether files that are there from an earlier session are taken for received.
  let recognises: Bool
  /// Whether their bytes are read before.
  let verifies: Bool

  /// Makes the inbox when it does not exist, removes what dead sessions left in it and no session can take
  /// over, and makes this session's work folder. Its parts go with it. Throws `cannotStore` or `diskFull`.
  package convenience init(
    inboxPath: String, sessionID: UInt64, overwrite: Bool = false, recordsPath: String? = nil
  ) throws(FileSetError) {
    try self.init(
      inboxPath: inboxPath, key: nil, overwrite: overwrite, recordsPath: recordsPath, recognises: false
    ) { inbox throws(FileSetError) in
      try WorkFolder(inbox: inbox, inboxPath: inboxPath, stem: sessionID.hexadecimal)
    }
  }

  /// Likewise for a set whose parts a later session may take over. If `resumes`, the work folder is that of a
  /// dead session with the same key, when there is one. Otherwise all folders of dead sessions are removed.
  /// `recordsPath`: the folder with the records of verified files. `start`: the folder where relative paths
  /// begin, which is one of a disk in memory in tests.
  package convenience init(
    inboxPath: String, key: PartKey, resumes: Bool = true, overwrite: Bool = false,
    recordsPath: String? = nil,
    verifies: Bool = false, from start: Int32 = AT_FDCWD
  ) throws(FileSetError) {
    try self.init(
      inboxPath: inboxPath, key: key, overwrite: overwrite, recordsPath: recordsPath, recognises: resumes,
      verifies: verifies, from: start
    ) { inbox throws(FileSetError) in
      try WorkFolder(
        inbox: inbox, inboxPath: inboxPath, stem: key.folderStem, takesOver: resumes, keepsOthers: resumes)
    }
  }

  /// The same for a set of which only the identity is known. `adopt` follows when its numbers are.
  package convenience init(
    inboxPath: String, identity: SetIdentity, chunkByteCount: Int, resumes: Bool = true,
    overwrite: Bool = false, recordsPath: String? = nil, verifies: Bool = false, from start: Int32 = AT_FDCWD
  ) throws(FileSetError) {
    try self.init(
      inboxPath: inboxPath, key: nil, overwrite: overwrite, recordsPath: recordsPath, recognises: resumes,
      verifies: verifies, from: start
    ) { inbox throws(FileSetError) in
      try WorkFolder(
        inbox: inbox, inboxPath: inboxPath,
        stem: PartKey.folderStem(identity, chunkByteCount: chunkByteCount), takesOver: resumes,
        keepsOthers: resumes)
    }
  }

  /// The set's numbers are known. `key` has the identity and the chunk byte count that this store was made
  /// for.
  package func adopt(_ key: PartKey) { self.key = key }

  /// Whether some of the set may be here: parts, or files that were verified.
  package var mayHaveSome: Bool { work.isTakenOver || knownFiles() != nil }

  private init(
    inboxPath: String, key: PartKey?, overwrite: Bool, recordsPath: String?, recognises: Bool,
    verifies: Bool = false, from start: Int32 = AT_FDCWD,
    work open: (Int32) throws(FileSetError) -> WorkFolder
  ) throws(FileSetError) {
    // A write beyond a file size limit must fail with EFBIG and not end the process.
    _ = signal(SIGXFSZ, SIG_IGN)
    let folders = try InboxFolders(inboxPath: inboxPath, from: start)
    let work = try open(folders.inbox.number)
    permittedMode = try work.modeOfNewFiles()
    givenNames = work.isFoundInOtherCase ? GivenNames() : nil
    self.work = work
    self.folders = folders
    self.inboxPath = inboxPath
    self.key = key
    self.overwrite = overwrite
    self.recognises = recognises
    self.verifies = verifies
    records = recordsPath.flatMap { InboxRecords(folderPath: $0, inboxPath: inboxPath, from: start) }
  }

  /// Where a file is when it has its name.
  func path(of entry: ManifestEntry) -> String { "\(inboxPath)/\(entry.name)" }

  /// Where the file's bytes are until it is delivered.
  package func partPath(ofFile file: Int) -> String { "\(work.path)/\(WorkFolder.partName(file))" }

  /// Writes bytes of a file at an offset. Throws `cannotStore` or `diskFull`. A file that is too large for
  /// the file system does not throw here; `deliver` reports it.
  package func write(file: Int, offset: UInt64, _ bytes: UnsafeRawBufferPointer) throws(FileSetError) {
    guard let base = bytes.baseAddress, bytes.count > 0 else { return }
    try write(
      file: file, offset: offset, base: base, stride: bytes.count, chunkByteCount: bytes.count,
      byteCount: bytes.count)
  }

  /// Writes consecutive chunks of a file, by one pwritev for each 1,024. Chunk i's payload lies at `base` + i
  /// · `stride`. Each payload but the last has `chunkByteCount` bytes, and all together have `byteCount`.
  /// Throws like `write` of bytes.
  package func write(
    file: Int, offset: UInt64, base: UnsafeRawPointer, stride: Int, chunkByteCount: Int, byteCount: Int
  ) throws(FileSetError) {
    guard tooLarge.isEmpty || !tooLarge.contains(file) else { return }
    let descriptor = try descriptor(of: file)
    // pwritev takes the same vectors as preadv, and only reads what they point to.
    let slots = PayloadSlots(
      base: UnsafeMutableRawPointer(mutating: base), stride: stride, chunkByteCount: chunkByteCount,
      byteCount: byteCount)
    let moved = vectors.transfer(slots) { vectors, count, done in
      pwritev(descriptor, vectors, count, off_t(offset) + off_t(done))
    }
    if moved < 0, errno == EFBIG {
      tooLarge.insert(file)
      return discard(file: file)
    }
    guard moved == byteCount else { throw .storing(inboxPath, errno: moved < 0 ? errno : ENOSPC) }
  }

  /// Gives a part whose bytes are all here its mode and modification time, and closes it. The mode is the
  /// sender's, without the bits that this user's umask forbids. It never has execute bits, and the owner may
  /// always read and write. Also makes the part of an empty file. Throws `cannotStore` or `diskFull`.
  package func settle(file: Int, entry: ManifestEntry) throws(FileSetError) {
    if tooLarge.contains(file) { return }
    let descriptor: Int32
    if let open = descriptors.remove(file) { descriptor = open } else { descriptor = try openPart(file) }
    let (seconds, nanoseconds) = entry.modificationTimeNanoseconds.quotientAndRemainder(
      dividingBy: 1_000_000_000)
    // For a time before 1970 the nanoseconds count up from the second before.
    let time = timespec(
      tv_sec: Int(nanoseconds < 0 ? seconds - 1 : seconds),
      tv_nsec: Int(nanoseconds < 0 ? nanoseconds + 1_000_000_000 : nanoseconds))
    // File systems that keep neither (FAT) can still store the bytes, so an error here is ignored.
    _ = fchmod(descriptor, mode_t(entry.mode) & permittedMode & 0o666 | 0o600)
    _ = setModificationTime(descriptor, time)
    guard closeDescriptor(descriptor) == 0 || errno == EINTR else { throw .storing(inboxPath, errno: errno) }
  }

  /// Makes a settled part visible under its name, and returns the path. An existing file with the same bytes
  /// counts as delivered. `segments`: of a signed set. Throws `alreadyExists`, `namesCollide`, `unsafeName`,
  /// `cannotStore` or `diskFull`.
  package func deliver(
    file: Int, entry: ManifestEntry, checksum: UInt32, segments: SegmentDigests? = nil
  ) throws(FileSetError) -> String {
    if SafeName.isReserved(entry.name) {
      throw .unsafeName(name: entry.name, reason: "\(SafeName.reservedPrefix)… is this program's own")
    }
    let path = path(of: entry)
    if tooLarge.contains(file) { throw .diskFull(path: path, errno: EFBIG) }
    let (folder, base) = try folders.folder(for: entry.name)
    // A file of the same session is never replaced: it has been reported as verified.
    let other = givenNames?.other(for: entry.name)
    let part = partStatus(file)
    var reason =
      overwrite && other == nil
      ? replace(file: file, folder, base)
      : work.publish(file: file, to: folder, base: base, name: entry.name)
    var same: stat?
    if reason == EEXIST {
      same = sameFile(folder, base, byteCount: entry.byteCount, checksum: checksum) { descriptor in
        segments?.areRight(descriptor, byteCount: entry.byteCount, file: file) ?? true
      }
      if same == nil, let other { throw .namesCollide(first: other, second: entry.name) }
      if same == nil, isTorn(folder, base, file: file, entry: entry) {
        reason = replace(file: file, folder, base)
      }
    }
    if let same {
      _ = unlinkat(work.descriptor, WorkFolder.partName(file), 0)
      remember(entry, checksum: checksum, same)
    } else if reason == EEXIST {
      throw .alreadyExists(name: entry.name)
    } else if reason != 0 {
      throw .storing(path, errno: reason)
    } else {
      remember(entry, checksum: checksum, part: part, folder, base)
    }
    givenNames?.add(entry.name)
    return path
  }

  /// Ends the session's work: removes its unfinished parts, or if `keepsParts` leaves them with their map for
  /// the next session of the set. A caller that tells somebody that the session is over calls this first.
  /// Nothing may be written afterwards.
  package func close(keepsParts: Bool = false) {
    descriptors = DescriptorCache(capacity: Self.descriptorLimit)
    map?.close()
    map = nil
    records?.flush()
    if keepsParts, work.isKept { work.release() } else { work.remove() }
  }

  /// From now on the work folder stays behind when this store goes, until `close`.
  func keepWork() { work.keep() }

  /// The next look at the file opens it anew.
  func closeFile(_ file: Int) {
    if let descriptor = descriptors.remove(file) { closeDescriptor(descriptor) }
  }

  /// Removes the part of a file that will not be delivered.
  package func discard(file: Int) {
    closeFile(file)
    _ = unlinkat(work.descriptor, WorkFolder.partName(file), 0)
  }
}

extension PartStore {
  private func descriptor(of file: Int) throws(FileSetError) -> Int32 {
    if let descriptor = descriptors.descriptor(of: file) { return descriptor }
    let descriptor = try openPart(file)
    descriptors.insert(descriptor, for: file)
    return descriptor
  }

  private func openPart(_ file: Int) throws(FileSetError) -> Int32 {
    let descriptor = openat(
      work.descriptor, WorkFolder.partName(file), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .storing(partPath(ofFile: file), errno: errno) }
    return descriptor
  }

  /// Renames the part over whatever file has the name; 0 or an errno.
  private func replace(file: Int, _ folder: Int32, _ base: String) -> Int32 {
    renameat(work.descriptor, WorkFolder.partName(file), folder, base) == 0 ? 0 : errno
  }

  /// The state of a regular file (no link) with these bytes, before they were compared; nil when it has
  /// others.
  /// `isRight`: whether a file with this CRC32 has them.
  private func sameFile(
    _ folder: Int32, _ base: String, byteCount: UInt64, checksum: UInt32, isRight: (Int32) -> Bool
  ) -> stat? {
    let number = openat(folder, base, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard number >= 0 else { return nil }
    let existing = OwnedDescriptor(number)
    var status = stat()
    guard fstat(existing.number, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      UInt64(max(0, status.st_size)) == byteCount,
      fileChecksum(existing.number, byteCount: byteCount) == checksum, isRight(existing.number)
    else { return nil }
    return status
  }
}

/// The steps of `InboxTrial` that match `deliver`, under a name of this program's own.
extension PartStore {
  func publishTrial() throws(FileSetError) {
    let (folder, name) = (folders.inbox.number, work.trialName)
    let reason =
      overwrite
      ? replace(file: 0, folder, name) : work.publish(file: 0, to: folder, base: name, name: name)
    guard reason == 0 else { throw .storing(inboxPath, errno: reason) }
  }

  func removeTrial() throws(FileSetError) {
    guard unlinkat(folders.inbox.number, work.trialName, 0) == 0 else {
      throw .storing(inboxPath, errno: errno)
    }
  }
}
