import Glibc
import Ground

/// The folder `.gallery-…` in an inbox with one session's unfinished files. It is locked while its owner
/// lives.
struct WorkFolder: ~Copyable {
  let path: String
  /// The folder's own descriptor. The flock on it shows that the owner lives.
  let descriptor: Int32
  /// A second descriptor of the inbox, because the owner's may be closed before this folder is removed.
  private let inbox: Int32
  private let name: String
  private var isRemoved = false

  /// Makes the session's folder in the inbox, after removing those of dead processes. Throws `cannotStore` or
  /// `diskFull`.
  init(inbox: Int32, inboxPath: String, sessionID: UInt64) throws(FileSetError) {
    Self.removeStale(inbox: inbox)
    let stem = SafeName.reservedPrefix + sessionID.hexadecimal
    for attempt in 0..<100 {
      // Several receivers of one session may share an inbox.
      let name = attempt == 0 ? stem : "\(stem)-\(attempt)"
      guard mkdirat(inbox, name, 0o700) == 0 else {
        if errno == EEXIST { continue }
        throw .storing("\(inboxPath)/\(name)", errno: errno)
      }
      let descriptor = openat(inbox, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      // Between mkdir and flock another process may have removed the folder as one of a dead process; then
      // the next name is tried. Where locks do not exist (some network file systems) no process removes it in
      // this way.
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK,
        Self.isNamed(name, in: inbox, descriptor)
      {
        self.inbox = openat(inbox, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        self.name = name
        self.path = "\(inboxPath)/\(name)"
        self.descriptor = descriptor
        return
      }
      _ = Glibc.close(descriptor)
    }
    throw .cannotStore(path: "\(inboxPath)/\(stem)", errno: EEXIST)
  }

  deinit {
    if !isRemoved { Self.remove(name, of: inbox, descriptor) }
    _ = Glibc.close(descriptor)
    if inbox >= 0 { _ = Glibc.close(inbox) }
  }

  /// Removes the folder with the unfinished files in it, once. Without this call the folder goes with its
  /// value.
  mutating func remove() {
    guard !isRemoved else { return }
    isRemoved = true
    Self.remove(name, of: inbox, descriptor)
  }

  private static func remove(_ name: String, of inbox: Int32, _ descriptor: Int32) {
    empty(descriptor)
    _ = unlinkat(inbox, name, AT_REMOVEDIR)
  }

  /// The name of an unfinished file: its index, so that no name from the wire is used.
  static func partName(_ file: Int) -> String { "\(file)" + partEnding }
  static let partEnding = ".part"

  /// The file that contains the name which is reserved for a part.
  static func claimName(_ file: Int) -> String { "\(file)" + claimEnding }
  static let claimEnding = ".claim"

  /// What `InboxTrial` calls its file in the inbox.
  var trialName: String { name + Self.trialEnding }
  private static let trialEnding = ".trial"

  /// The permission bits of a file made in this folder: 0o666 without the bits that the umask or a default
  /// access list forbids. Throws `cannotStore` or `diskFull`.
  func modeOfNewFiles() throws(FileSetError) -> mode_t {
    let sample = "sample" + Self.partEnding
    let number = openat(descriptor, sample, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
    guard number >= 0 else { throw .storing("\(path)/\(sample)", errno: errno) }
    let file = OwnedDescriptor(number)
    defer { _ = unlinkat(descriptor, sample, 0) }
    var status = stat()
    guard fstat(file.number, &status) == 0 else { throw .storing("\(path)/\(sample)", errno: errno) }
    return status.st_mode & 0o777
  }

  /// Whether the inbox's file system treats names that differ only in letter case as one.
  var isFoundInOtherCase: Bool {
    var status = stat()
    return fstatat(inbox, name.uppercased(), &status, AT_SYMLINK_NOFOLLOW) == 0
  }

  /// Whether the name in the inbox is still that of the open folder.
  private static func isNamed(_ name: String, in inbox: Int32, _ descriptor: Int32) -> Bool {
    var named = stat()
    var open = stat()
    return fstatat(inbox, name, &named, AT_SYMLINK_NOFOLLOW) == 0 && fstat(descriptor, &open) == 0
      && named.st_ino == open.st_ino
  }

  /// Removes the folders of sessions whose process is gone: those that can be locked. Then removes the files
  /// of trials whose folder is gone.
  private static func removeStale(inbox: Int32) {
    let reserved = names(in: inbox).filter { SafeName.isReserved($0) }
    for name in reserved {
      let folder = openat(inbox, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard folder >= 0 else { continue }
      if flock(folder, LOCK_EX | LOCK_NB) == 0 {
        withdrawReservations(of: folder, inbox: inbox)
        empty(folder)
        _ = unlinkat(inbox, name, AT_REMOVEDIR)  // Fails, rightly, when something else is in it.
      }
      _ = Glibc.close(folder)
    }
    for name in reserved where name.hasSuffix(trialEnding) {
      var status = stat()
      let owner = String(name.dropLast(trialEnding.utf8.count))
      guard fstatat(inbox, owner, &status, AT_SYMLINK_NOFOLLOW) != 0, errno == ENOENT else { continue }
      _ = unlinkat(inbox, name, 0)
    }
  }

  /// Removes the unfinished files and the claims, and nothing else.
  private static func empty(_ folder: Int32) {
    for name in names(in: folder) where name.hasSuffix(partEnding) || name.hasSuffix(claimEnding) {
      _ = unlinkat(folder, name, 0)
    }
  }

  /// The names in a folder. Names that are not UTF-8 are left out, because this program makes none.
  static func names(in folder: Int32) -> [String] {
    let copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard copy >= 0 else { return [] }
    guard let stream = fdopendir(copy) else {
      _ = Glibc.close(copy)
      return []
    }
    defer { closedir(stream) }
    var result: [String] = []
    while let item = readdir(stream) {
      if let name = String(validating: FolderItem.nameBytes(item), as: UTF8.self) { result.append(name) }
    }
    return result
  }
}
