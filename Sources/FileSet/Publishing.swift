import Glibc

extension WorkFolder {
  /// Gives a part its name in `folder`, and never replaces a file that has this name. Returns 0, or the errno
  /// of the last way that was tried: EEXIST when the name is taken. `name` is the file's name in the inbox,
  /// `base` its last component.
  ///
  /// There are three ways, because no file system has to offer all of them:
  /// - a rename that refuses a taken name (missing on NFS, shared folders, exFAT and others through FUSE),
  /// - a second link (missing on FAT and exFAT),
  /// - a name that is reserved by an empty file, over which the part is then renamed.
  func publish(file: Int, to folder: Int32, base: String, name: String) -> Int32 {
    let part = Self.partName(file)
    if renameWithoutReplacing(descriptor, part, folder, base) == 0 { return 0 }
    if errno == EEXIST { return EEXIST }
    if linkat(descriptor, part, folder, base, 0) == 0 {
      _ = unlinkat(descriptor, part, 0)
      return 0
    }
    if errno == EEXIST { return EEXIST }
    return publishByReservation(file: file, to: folder, base: base, name: name)
  }

  /// From the reservation on, every program that makes the file exclusively, as this one does, finds the name
  /// taken. A program that renames its own file over the reservation loses that file only when it is empty.
  private func publishByReservation(file: Int, to folder: Int32, base: String, name: String) -> Int32 {
    guard !Self.exists(base, in: folder) else { return EEXIST }
    // The claim is made first. After a crash the next session finds the claim and removes the empty file.
    let claim = Self.claimName(file)
    let problem = writeClaim(claim, name)
    defer { _ = unlinkat(descriptor, claim, 0) }
    guard problem == 0 else { return problem }
    let reserved = openat(folder, base, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard reserved >= 0 else { return errno }
    closeDescriptor(reserved)
    guard Self.isEmptyFile(base, in: folder) else { return EEXIST }
    if renameat(descriptor, Self.partName(file), folder, base) == 0 { return 0 }
    let reason = errno
    if Self.isEmptyFile(base, in: folder) { _ = unlinkat(folder, base, 0) }
    return reason
  }

  private func writeClaim(_ claim: String, _ name: String) -> Int32 {
    let number = openat(
      descriptor, claim, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard number >= 0 else { return errno }
    let file = OwnedDescriptor(number)
    let bytes = Array(name.utf8)
    let written = retryingInterrupts { writeBytes(file.number, bytes, bytes.count) }
    return written == bytes.count ? 0 : written < 0 ? errno : ENOSPC
  }

  /// Removes the empty files by which a dead session had reserved names. A claim whose part is gone has been
  /// used: the part has the name now.
  static func withdrawReservations(of folder: Int32, inbox: Int32) {
    forEachClaim(of: folder, inbox: inbox) { claim, parent, base in
      let part = claim.dropLast(claimEnding.utf8.count) + partEnding
      if exists(String(part), in: folder), isEmptyFile(base, in: parent) { _ = unlinkat(parent, base, 0) }
    }
  }

  /// Whether the living session of the inbox's work folder `name` has reserved a name by the empty file of
  /// this inode. Always false for the caller's `own` folder.
  static func reserves(_ inode: ino_t, _ name: String, inbox: Int32, own: Int32) -> Bool {
    let folder = OwnedDescriptor(openat(inbox, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC))
    var (found, ours) = (stat(), stat())
    guard folder.number >= 0, fstat(folder.number, &found) == 0, fstat(own, &ours) == 0,
      found.st_ino != ours.st_ino,
      // A folder that can be locked is that of a dead session, whose reservations are void.
      lockFile(folder.number, LOCK_EX | LOCK_NB) != 0
    else { return false }
    var isFound = false
    // By inode, because names that differ by letter case can be one.
    forEachClaim(of: folder.number, inbox: inbox) { _, parent, base in
      var status = stat()
      if fstatat(parent, base, &status, AT_SYMLINK_NOFOLLOW) == 0, status.st_ino == inode { isFound = true }
    }
    return isFound
  }

  /// Calls `body` for each claim in a work folder that can be read, with the descriptor of the folder in
  /// which the claimed name is, and the name there.
  private static func forEachClaim(
    of folder: Int32, inbox: Int32, _ body: (_ claim: String, _ parent: Int32, _ base: String) -> Void
  ) {
    for claim in names(in: folder) where claim.hasSuffix(claimEnding) {
      guard let name = readClaim(claim, in: folder),
        let base = name.split(separator: "/").last.map(String.init),
        let parent = InboxFolders.existingFolder(of: name, in: inbox)
      else { continue }
      body(claim, parent.number, base)
    }
  }

  private static func readClaim(_ claim: String, in folder: Int32) -> String? {
    let number = openat(folder, claim, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard number >= 0 else { return nil }
    let file = OwnedDescriptor(number)
    var bytes = [UInt8](repeating: 0, count: SafeName.byteCountLimit + 1)
    let count = bytes.withUnsafeMutableBytes { buffer in
      retryingInterrupts { readBytes(file.number, buffer.baseAddress, buffer.count) }
    }
    guard count > 0, SafeName.problem(in: bytes.span.extracting(first: count)) == nil else { return nil }
    return String(validating: bytes[..<count], as: UTF8.self)
  }

  private static func exists(_ name: String, in folder: Int32) -> Bool {
    var status = stat()
    return fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0
  }

  private static func isEmptyFile(_ name: String, in folder: Int32) -> Bool {
    var status = stat()
    return fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && status.st_mode & S_IFMT == S_IFREG
      && status.st_size == 0
  }
}
