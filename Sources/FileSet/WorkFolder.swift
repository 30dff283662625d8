import Glibc

/// The folder `.gallery-…` in an inbox that holds one session's unfinished files, locked while its owner lives.
struct WorkFolder: ~Copyable {
  let path: String
  /// Its own descriptor; the flock on it says that the owner lives.
  let descriptor: Int32
  /// Own descriptor of the inbox, as the owner's may be closed before this folder goes.
  private let inbox: Int32
  private let name: String

  /// Makes the session's folder in the inbox, after removing those that dead processes left. Throws `cannotStore` or
  /// `diskFull`.
  init(inbox: Int32, inboxPath: String, sessionID: UInt64) throws(FileSetError) {
    Self.removeStale(inbox: inbox)
    let digits = String(sessionID, radix: 16)
    let stem = SafeName.reservedPrefix + String(repeating: "0", count: 16 - digits.count) + digits
    for attempt in 0..<100 {
      // Several receivers of one session may share an inbox.
      let name = attempt == 0 ? stem : "\(stem)-\(attempt)"
      guard mkdirat(inbox, name, 0o700) == 0 else {
        if errno == EEXIST { continue }
        throw .storing("\(inboxPath)/\(name)", errno: errno)
      }
      let descriptor = openat(inbox, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      // Between mkdir and flock another process may have taken it for a dead one's: then the next name.
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0, Self.isLinked(descriptor) {
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
    Self.empty(descriptor)
    _ = unlinkat(inbox, name, AT_REMOVEDIR)
    _ = Glibc.close(descriptor)
    if inbox >= 0 { _ = Glibc.close(inbox) }
  }

  /// What an unfinished file is called: by its index, so that no name from the wire is used.
  static func partName(_ file: Int) -> String { "\(file).part" }

  private static func isLinked(_ descriptor: Int32) -> Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0 && status.st_nlink > 0
  }

  /// Removes the folders of sessions whose process is gone: those that can be locked.
  private static func removeStale(inbox: Int32) {
    for name in names(in: inbox) where SafeName.isReserved(name) {
      let folder = openat(inbox, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard folder >= 0 else { continue }
      if flock(folder, LOCK_EX | LOCK_NB) == 0 {
        empty(folder)
        _ = unlinkat(inbox, name, AT_REMOVEDIR)  // Fails, rightly, when something else is in it.
      }
      _ = Glibc.close(folder)
    }
  }

  /// Removes the unfinished files, and nothing else.
  private static func empty(_ folder: Int32) {
    for name in names(in: folder) where name.hasSuffix(".part") { _ = unlinkat(folder, name, 0) }
  }

  /// The names in a folder; those that are not UTF-8 are not ours and are left out.
  private static func names(in folder: Int32) -> [String] {
    let copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard copy >= 0 else { return [] }
    guard let stream = fdopendir(copy) else {
      _ = Glibc.close(copy)
      return []
    }
    defer { closedir(stream) }
    var result: [String] = []
    while let item = readdir(stream) {
      if let name = String(validating: FolderWalk.nameBytes(item), as: UTF8.self) { result.append(name) }
    }
    return result
  }
}
