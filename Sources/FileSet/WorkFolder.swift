import Glibc
import Ground

/// The folder `.gallery-…` in an inbox with one session's unfinished files. It is locked while its owner
/// lives. The folder of a set that was received in part stays behind for the next session of this set.
struct WorkFolder: ~Copyable {
  let path: String
  /// The folder's own descriptor. The flock on it shows that the owner lives.
  let descriptor: Int32
  /// A second descriptor of the inbox, because the owner's may be closed before this folder is removed.
  private let inbox: Int32
  private let name: String
  private var isRemoved = false
  /// It stays when its value goes.
  private(set) var isKept: Bool
  /// A dead session had made it.
  let isTakenOver: Bool
  /// Others can see that its owner lives. Not all file systems have locks.
  private let isLocked: Bool

  /// Opens the folder for a session in the inbox: that of a dead session with the same stem if `takesOver`,
  /// otherwise a new one. Before, it removes the folders of dead processes: those that nobody can take over,
  /// and all of them without `keepsOthers`. Throws `cannotStore` or `diskFull`.
  init(
    inbox: Int32, inboxPath: String, stem: String, takesOver: Bool = false, keepsOthers: Bool = true
  ) throws(FileSetError) {
    Self.removeStale(inbox: inbox, keepsOthers: keepsOthers)
    let stem = SafeName.reservedPrefix + stem
    // Several receivers of one session may share an inbox.
    let names = (0..<100).map { $0 == 0 ? stem : "\(stem)-\($0)" }
    if takesOver, let (name, descriptor) = Self.takeOver(names, inbox: inbox) {
      self.init(inbox, name, inboxPath, descriptor, isTakenOver: true, isLocked: true)
      return
    }
    for name in names {
      guard mkdirat(inbox, name, 0o700) == 0 else {
        if errno == EEXIST { continue }
        throw .storing("\(inboxPath)/\(name)", errno: errno)
      }
      let descriptor = openat(inbox, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      // Between mkdir and flock another process may have removed the folder as one of a dead process; then
      // the next name is tried. Where locks do not exist (some network file systems) no process removes it in
      // this way.
      let isLocked = lockFile(descriptor, LOCK_EX | LOCK_NB) == 0
      if isLocked || errno != EWOULDBLOCK, Self.isNamed(name, in: inbox, descriptor) {
        self.init(inbox, name, inboxPath, descriptor, isTakenOver: false, isLocked: isLocked)
        return
      }
      closeDescriptor(descriptor)
    }
    throw .cannotStore(path: "\(inboxPath)/\(stem)", errno: EEXIST)
  }

  private init(
    _ inbox: Int32, _ name: String, _ inboxPath: String, _ descriptor: Int32, isTakenOver: Bool,
    isLocked: Bool
  ) {
    self.inbox = openat(inbox, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    self.name = name
    path = "\(inboxPath)/\(name)"
    self.descriptor = descriptor
    self.isTakenOver = isTakenOver
    self.isLocked = isLocked
    isKept = isTakenOver
  }

  /// The first folder with one of these names whose process is gone and that is this user's own. It is
  /// locked.
  private static func takeOver(_ names: [String], inbox: Int32) -> (name: String, descriptor: Int32)? {
    for name in names {
      let descriptor = openat(inbox, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      if lockFile(descriptor, LOCK_EX | LOCK_NB) == 0, KeptFolders.isOurs(descriptor),
        isNamed(name, in: inbox, descriptor)
      {
        withdrawReservations(of: descriptor, inbox: inbox)
        return (name, descriptor)
      }
      closeDescriptor(descriptor)
    }
    return nil
  }

  deinit {
    if !isRemoved, !isKept { Self.remove(name, of: inbox, descriptor) }
    closeDescriptor(descriptor)
    if inbox >= 0 { closeDescriptor(inbox) }
  }

  /// Removes the folder with the unfinished files in it, once. Without this call the folder goes with its
  /// value.
  mutating func remove() {
    guard !isRemoved else { return }
    isRemoved = true
    Self.remove(name, of: inbox, descriptor)
  }

  /// The folder stays behind for a later session of the set, from now on also when this process is killed.
  mutating func keep() { isKept = isLocked }

  /// The session is over, and another one may take the folder over.
  mutating func release() { _ = lockFile(descriptor, LOCK_UN) }

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
    // Of a process that was killed here.
    _ = unlinkat(descriptor, sample, 0)
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

  /// Removes the folders of sessions whose process is gone: those that can be locked. With `keepsOthers` the
  /// youngest folders stay that a session of the same set can take over. Then removes the files of trials
  /// whose folder is gone.
  private static func removeStale(inbox: Int32, keepsOthers: Bool) {
    let reserved = names(in: inbox).filter { SafeName.isReserved($0) }
    let kept = keepsOthers ? keptFolders(among: reserved, inbox: inbox) : []
    for name in reserved where !kept.contains(name) { removeDead(name, inbox: inbox) }
    for name in reserved where name.hasSuffix(trialEnding) {
      var status = stat()
      let owner = String(name.dropLast(trialEnding.utf8.count))
      guard fstatat(inbox, owner, &status, AT_SYMLINK_NOFOLLOW) != 0, errno == ENOENT else { continue }
      _ = unlinkat(inbox, name, 0)
    }
  }

  /// Removes the oldest folder of a dead session that is kept. False when there is none.
  static func removeOldestKept(inbox: Int32) -> Bool {
    let names = names(in: inbox).filter { SafeName.isReserved($0) }
    guard let oldest = keptFolders(among: names, inbox: inbox).last else { return false }
    return removeDead(oldest, inbox: inbox)
  }

  /// The folders of dead sessions that are kept, the youngest first.
  private static func keptFolders(among names: [String], inbox: Int32) -> [String] {
    let now = secondsSince1970(inbox)
    var ages: [(age: Int, name: String)] = []
    for name in names {
      let number = openat(inbox, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard number >= 0 else { continue }
      let folder = OwnedDescriptor(number)
      guard lockFile(folder.number, LOCK_EX | LOCK_NB) == 0,
        KeptFolders.isKept(folder.number, name: name, now: now),
        let age = KeptFolders.age(of: folder.number, name: name, now: now)
      else { continue }
      ages.append((age, name))
    }
    return ages.sorted { ($0.age, $0.name) < ($1.age, $1.name) }.prefix(KeptFolders.countLimit).map(\.name)
  }

  /// Removes a folder whose process is gone. False when it lives, or when something is in the way.
  @discardableResult
  private static func removeDead(_ name: String, inbox: Int32) -> Bool {
    let number = openat(inbox, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard number >= 0 else { return false }
    let folder = OwnedDescriptor(number)
    guard lockFile(folder.number, LOCK_EX | LOCK_NB) == 0 else { return false }
    withdrawReservations(of: folder.number, inbox: inbox)
    empty(folder.number)
    return unlinkat(inbox, name, AT_REMOVEDIR) == 0  // Fails, rightly, when something else is in it.
  }

  /// Removes the unfinished files, the claims and the map, and nothing else. `except`: parts that stay.
  static func empty(_ folder: Int32, except: (String) -> Bool = { _ in false }) {
    let others = [PartMap.fileName, PartMap.draftName, PartMap.manifestName]
    for name in names(in: folder)
    where name.hasSuffix(partEnding) || name.hasSuffix(claimEnding) || others.contains(name) {
      if !except(name) { _ = unlinkat(folder, name, 0) }
    }
  }

  /// The names in a folder. Names that are not UTF-8 are left out, because this program makes none.
  static func names(in folder: Int32) -> [String] {
    if let disk = disk(of: folder) { return disk.names(in: folder) }
    let copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard copy >= 0 else { return [] }
    guard let stream = fdopendir(copy) else {
      closeDescriptor(copy)
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
