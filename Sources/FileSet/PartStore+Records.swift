import Glibc

/// The records of an inbox's files, while a session compares them with its set.
final class KnownFiles {
  /// Of files that were verified before the system's last boot and may not have been on the disk then: bytes
  /// that are read to compare them, at most.
  private static let comparedByteCountLimit: UInt64 = 1 << 30

  fileprivate let contents: FileRecord.Contents
  private var comparedByteCountLeft = comparedByteCountLimit
  private let inbox: Int32
  /// The folder of the file compared last: a manifest's names are sorted.
  private var folderName: Substring.UTF8View?
  private var folder: OwnedDescriptor?

  /// `inbox`: its descriptor.
  fileprivate init(_ contents: FileRecord.Contents, inbox: Int32) {
    self.contents = contents
    self.inbox = inbox
  }

  /// An upper bound for the bytes that a set can have in common with the inbox.
  var byteCount: UInt64 {
    contents.records.values.reduce(0) {
      let (sum, overflow) = $0.addingReportingOverflow($1.byteCount)
      return overflow ? .max : sum
    }
  }

  /// The state of the file with this name; nil when there is none. No link is followed.
  fileprivate func status(of name: String) -> stat? {
    let parts = SplitName(name)
    if folderName.map({ !$0.elementsEqual(parts.folder) }) ?? true {
      folderName = parts.folder
      folder = InboxFolders.existingFolder(of: name, in: inbox)
    }
    var status = stat()
    guard let number = folder?.number, fstatat(number, parts.base, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
      return nil
    }
    return status
  }

  /// Whether the inbox's file still has the bytes that were verified, as far as it may be read.
  fileprivate func hasBytes(of record: FileRecord) -> Bool {
    guard comparedByteCountLeft >= record.byteCount, let folder = folder?.number else { return false }
    comparedByteCountLeft -= record.byteCount
    let number = openat(folder, SplitName(record.name).base, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard number >= 0 else { return false }
    let file = OwnedDescriptor(number)
    var status = stat()
    return fstat(file.number, &status) == 0 && record.isOf(status)
      && fileChecksum(file.number, byteCount: record.byteCount) == record.checksum
  }
}

/// A name's folder, without the last slash, and its last component.
private struct SplitName {
  let folder: Substring.UTF8View
  let base: String

  init(_ name: String) {
    let slash = name.utf8.lastIndex(of: UInt8(ascii: "/"))
    folder = name[..<(slash ?? name.startIndex)].utf8
    base = slash.map { String(name[name.utf8.index(after: $0)...]) } ?? name
  }
}

/// Files that are in the inbox from an earlier session, Specs/resume.md §7.
extension PartStore {
  /// Nil when this session takes nothing up, and when nothing is known of the inbox.
  func knownFiles() -> KnownFiles? {
    guard recognises, let contents = records?.read(), !contents.records.isEmpty else { return nil }
    return KnownFiles(contents, inbox: folders.inbox.number)
  }

  /// The CRC32 of a file that is in the inbox as it was when it was verified against the same file of a
  /// sender: the same name, size and modification time. Nil when nobody knows that.
  func recognise(_ entry: ManifestEntry, among known: KnownFiles) -> UInt32? {
    guard let record = known.contents.records[entry.name], record.isOf(entry),
      !SafeName.isReserved(entry.name),
      givenNames?.other(for: entry.name) == nil,
      let status = known.status(of: entry.name), record.isOf(status)
    else { return nil }
    if let records, record.boot != records.boot, !known.contents.synced.contains(entry.name) {
      guard known.hasBytes(of: record) else { return nil }
      var newer = record
      newer.boot = records.boot
      records.note(newer)
    }
    givenNames?.add(entry.name)
    return record.checksum
  }

  /// Whether the inbox's file has these bytes, which are all read. No link is followed.
  func hasBytes(_ entry: ManifestEntry, checksum: UInt32) -> Bool {
    guard let folder = InboxFolders.existingFolder(of: entry.name, in: folders.inbox.number) else {
      return false
    }
    let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
    let number = openat(folder.number, SplitName(entry.name).base, flags)
    guard number >= 0 else { return false }
    let file = OwnedDescriptor(number)
    var status = stat()
    return fstat(file.number, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
      && UInt64(max(0, status.st_size)) == entry.byteCount
      && fileChecksum(file.number, byteCount: entry.byteCount) == checksum
  }

  // MARK: What is remembered

  /// The state of a part that is about to get its name; nil when nothing is remembered.
  func partStatus(_ file: Int) -> stat? {
    var status = stat()
    guard records != nil,
      fstatat(work.descriptor, WorkFolder.partName(file), &status, AT_SYMLINK_NOFOLLOW) == 0
    else { return nil }
    return status
  }

  /// Remembers a part that has its name now. `part`: its state before.
  func remember(_ entry: ManifestEntry, checksum: UInt32, part: stat?, _ folder: Int32, _ base: String) {
    var status = stat()
    guard let part, fstatat(folder, base, &status, AT_SYMLINK_NOFOLLOW) == 0, status.st_ino == part.st_ino,
      status.modificationTimeNanoseconds == part.modificationTimeNanoseconds
    else { return }
    remember(entry, checksum: checksum, status)
  }

  /// Remembers a file of the inbox that was verified when it was in this state.
  func remember(_ entry: ManifestEntry, checksum: UInt32, _ status: stat) {
    guard let records, status.st_mode & S_IFMT == S_IFREG, UInt64(max(0, status.st_size)) == entry.byteCount,
      entry.byteCount > 0
    else { return }
    records.note(
      FileRecord(
        name: entry.name, byteCount: entry.byteCount, sentTimeNanoseconds: entry.modificationTimeNanoseconds,
        checksum: checksum, inode: UInt64(status.st_ino),
        modificationTimeNanoseconds: status.modificationTimeNanoseconds,
        changeTimeNanoseconds: status.changeTimeNanoseconds, boot: records.boot))
  }
}

extension FileRecord {
  /// Whether the file was verified against this one of a sender. (Swift compares names by Unicode form.)
  fileprivate func isOf(_ entry: ManifestEntry) -> Bool {
    byteCount == entry.byteCount && sentTimeNanoseconds == entry.modificationTimeNanoseconds
      && name.utf8.elementsEqual(entry.name.utf8)
  }

  /// Whether the inbox's file is as it was when it was verified.
  fileprivate func isOf(_ status: stat) -> Bool {
    status.st_mode & S_IFMT == S_IFREG && UInt64(max(0, status.st_size)) == byteCount
      && UInt64(status.st_ino) == inode && status.modificationTimeNanoseconds == modificationTimeNanoseconds
      && status.changeTimeNanoseconds == changeTimeNanoseconds
  }
}
