import Glibc

/// The work folders that dead sessions left and that a later session of the same set can take over, as long
/// as they are young and few, Specs/resume.md.
enum KeptFolders {
  /// After the last change of its map a folder is kept for a week.
  static let keptSeconds: Int = 7 * 86_400
  /// In one inbox, at most. The youngest are kept.
  static let countLimit = 16

  /// Whether a folder is kept at this time, seconds since 1970: its name and its map are those of a set that
  /// was received in part, and the map changed lately. Its process is gone.
  static func isKept(_ folder: Int32, name: String, now: Int) -> Bool {
    guard let age = age(of: folder, name: name, now: now) else { return false }
    return age < keptSeconds
  }

  /// How long its map was not changed, seconds; nil when the folder is none of a set. A map of the future has
  /// the age 0.
  static func age(of folder: Int32, name: String, now: Int) -> Int? {
    guard name.utf8.starts(with: SafeName.reservedPrefix.utf8),
      PartKey.isFolderStem(name.dropFirst(SafeName.reservedPrefix.count))
    else { return nil }
    var status = stat()
    guard fstatat(folder, PartMap.fileName, &status, AT_SYMLINK_NOFOLLOW) == 0,
      status.st_mode & S_IFMT == S_IFREG
    else { return nil }
    let (age, overflow) = now.subtractingReportingOverflow(Int(status.st_mtim.tv_sec))
    return overflow ? .max : max(0, age)
  }

  /// Whether a folder and the files in it belong to this user alone. Another user could have planted them.
  static func isOurs(_ folder: Int32) -> Bool {
    var status = stat()
    return fstat(folder, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR && status.st_uid == geteuid()
      && status.st_mode & 0o022 == 0
  }

  /// Whether the name is a regular file with this name alone.
  static func regularFileByteCount(_ name: String, in folder: Int32) -> UInt64? {
    var status = stat()
    guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0, status.st_mode & S_IFMT == S_IFREG,
      status.st_nlink == 1, status.st_uid == geteuid(), status.st_size >= 0
    else { return nil }
    return UInt64(status.st_size)
  }
}
