import Glibc

/// One walk through a folder, and on request through its sub-folders.
struct FolderWalk {
  let rootPath: String
  let options: ScanOptions
  private(set) var entries: [ManifestEntry] = []
  private(set) var leftOut = LeftOut()

  init(rootPath: String, options: ScanOptions) {
    self.rootPath = rootPath
    self.options = options
  }

  /// Adds the contents of the root. Throws `cannotRead` when the root cannot be listed.
  mutating func visitRoot() throws(FileSetError) {
    var pending = try list(folder: "")
    while let folder = pending.popLast() {
      // A folder that cannot be listed must not keep the others out of the set.
      do throws(FileSetError) { pending += try list(folder: folder) } catch { leftOut.add(error) }
    }
  }

  /// Adds one file under `name`, or counts it as left out.
  mutating func add(file name: String) {
    let bytes = Array(name.utf8)
    let path = path(name, inFolder: rootPath)
    if SafeName.isReserved(name) {
      return leftOut.add(
        .notRegular(path: path, kind: "one of this program's own (\(SafeName.reservedPrefix)…)"))
    }
    if let problem = SafeName.problem(in: bytes.span) {
      return leftOut.add(
        bytes.count > SafeName.byteCountLimit
          ? .nameTooLong(name: name, byteCount: bytes.count) : .unsafeName(name: name, reason: problem))
    }
    var status = stat()
    // The effective user's right to read, which is what open goes by.
    guard stat(path, &status) == 0, faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) == 0 else {
      return leftOut.add(.cannotRead(path: path, errno: errno))
    }
    entries.append(
      ManifestEntry(
        byteCount: UInt64(max(0, status.st_size)),
        modificationTimeNanoseconds: status.modificationTimeNanoseconds,
        mode: UInt16(truncatingIfNeeded: status.st_mode), name: name))
  }

  /// Adds the contents of the folder with this relative name ("" is the root). Returns the sub-folders to
  /// visit.
  private mutating func list(folder: String) throws(FileSetError) -> [String] {
    let path = folder.isEmpty ? rootPath : path(folder, inFolder: rootPath)
    guard let stream = opendir(path) else { throw .cannotRead(path: path, errno: errno) }
    defer { closedir(stream) }
    var inner: [String] = []
    while true {
      errno = 0
      guard let item = readdir(stream) else { break }
      let found = FolderItem(item, in: dirfd(stream))
      if found.isSelfOrParent { continue }
      if let name = visit(found, in: folder) { inner.append(name) }
    }
    guard errno == 0 else { throw .cannotRead(path: path, errno: errno) }
    return inner
  }

  /// Adds the item, or counts it as left out. Returns its relative name when it is a folder to visit.
  private mutating func visit(_ item: FolderItem, in folder: String) -> String? {
    let isWanted = options.allFiles || NamedKind(name: item.bytes) == .jpeg
    switch item.kind {
    case S_IFREG: take(item, in: folder, isWanted: isWanted)
    case S_IFDIR where folder.isEmpty && item.isReserved: break
    case S_IFDIR where options.recursive: return name(of: item, in: folder)
    case S_IFDIR: leftOut.folders.count(item, allFiles: options.allFiles)
    case S_IFLNK: visit(link: item, in: folder, isWanted: isWanted)
    case let kind? where isWanted:
      leftOut.add(.notRegular(path: shown(item, in: folder), kind: FolderItem.words(kind)))
    default: break
    }
    return nil
  }

  private mutating func visit(link item: FolderItem, in folder: String, isWanted: Bool) {
    switch item.target {
    case .success(S_IFREG): take(item, in: folder, isWanted: isWanted)
    case .success(S_IFDIR):
      leftOut.add(
        .notRegular(
          path: shown(item, in: folder), kind: "a link to a folder, and such links are not followed"))
    case .success(let kind) where isWanted:
      leftOut.add(.notRegular(path: shown(item, in: folder), kind: FolderItem.words(kind)))
    case .failure(let error) where isWanted:
      let path = shown(item, in: folder)
      let leadsNowhere = [ENOENT, ENOTDIR, ELOOP].contains(error.number)
      leftOut.add(leadsNowhere ? .danglingLink(path: path) : .cannotRead(path: path, errno: error.number))
    default: break
    }
  }

  /// A regular file, or a link to one.
  private mutating func take(_ item: FolderItem, in folder: String, isWanted: Bool) {
    guard isWanted else { return leftOut.addUnasked(name: item.bytes) }
    if let name = name(of: item, in: folder) { add(file: name) }
  }

  /// The item's name in the set; nil when it is not UTF-8 and the item is left out.
  private mutating func name(of item: FolderItem, in folder: String) -> String? {
    guard let base = String(validating: item.bytes, as: UTF8.self) else {
      leftOut.add(.nameNotUTF8(path: shown(item, in: folder)))
      return nil
    }
    return folder.isEmpty ? base : folder + "/" + base
  }

  private func shown(_ item: FolderItem, in folder: String) -> String {
    let parent = folder.isEmpty ? rootPath : path(folder, inFolder: rootPath)
    let base = String(validating: item.bytes, as: UTF8.self) ?? String(escaping: item.bytes)
    return path(base, inFolder: parent)
  }

  private func path(_ name: String, inFolder folder: String) -> String {
    folder.hasSuffix("/") ? folder + name : folder + "/" + name
  }
}
