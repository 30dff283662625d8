import Glibc

/// One walk through a folder, and through the folders in it when asked to.
struct FolderWalk {
  let rootPath: String
  let options: ScanOptions
  private(set) var entries: [ManifestEntry] = []
  private(set) var warnings: [String] = []

  init(rootPath: String, options: ScanOptions) {
    self.rootPath = rootPath
    self.options = options
  }

  /// Adds what the folder of this relative name holds ("" is the root).
  mutating func visit(folder: String) throws(FileSetError) {
    let path = absolute(folder)
    guard let stream = opendir(path) else { throw .cannotRead(path: path, errno: errno) }
    defer { closedir(stream) }
    var folders: [String] = []
    while true {
      errno = 0
      guard let item = readdir(stream) else { break }
      let bytes = Self.nameBytes(item)
      if bytes.elementsEqual(".".utf8) || bytes.elementsEqual("..".utf8) { continue }
      try visit(item: bytes, in: folder, type: item.pointee.d_type, folders: &folders)
    }
    guard errno == 0 else { throw .cannotRead(path: path, errno: errno) }
    for inner in folders { try visit(folder: inner) }
  }

  /// Adds one regular file under `name`. Throws `cannotRead` when it may not be opened for reading.
  mutating func add(file name: String, named bytes: Span<UInt8>) throws(FileSetError) {
    if let problem = SafeName.problem(in: bytes) {
      throw bytes.count > SafeName.byteCountLimit
        ? .nameTooLong(name: name, byteCount: bytes.count) : .unsafeName(name: name, reason: problem)
    }
    let path = absolute(name)
    var status = stat()
    // The effective user's right to read, which is what open goes by.
    guard stat(path, &status) == 0, faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) == 0 else {
      throw .cannotRead(path: path, errno: errno)
    }
    entries.append(
      ManifestEntry(
        byteCount: UInt64(max(0, status.st_size)),
        modificationTimeNanoseconds: status.modificationTimeNanoseconds,
        mode: UInt16(truncatingIfNeeded: status.st_mode), name: name))
  }

  private mutating func visit(
    item bytes: UnsafeBufferPointer<UInt8>, in folder: String, type: UInt8, folders: inout [String]
  ) throws(FileSetError) {
    let isWanted = options.allFiles || Self.isImageName(bytes)
    guard let base = String(validating: bytes, as: UTF8.self) else {
      guard isWanted || (options.recursive && type == DT_DIR) else { return }
      throw .nameNotUTF8(path: absolute(folder) + "/" + String(escaping: bytes))
    }
    let name = folder.isEmpty ? base : folder + "/" + base
    if !isWanted && type != UInt8(DT_DIR) && type != UInt8(DT_UNKNOWN) { return }
    try classify(name, base: base, isWanted: isWanted, folders: &folders)
  }

  /// Adds the item, remembers it as a folder to visit, or warns that it is left out.
  private mutating func classify(
    _ name: String, base: String, isWanted: Bool, folders: inout [String]
  ) throws(FileSetError) {
    let path = absolute(name)
    var status = stat()
    guard lstat(path, &status) == 0 else { throw .cannotRead(path: path, errno: errno) }
    let isLink = status.st_mode & S_IFMT == S_IFLNK
    if isLink, isWanted, stat(path, &status) != 0 { throw .cannotRead(path: path, errno: errno) }
    switch status.st_mode & S_IFMT {
    case S_IFREG where isWanted:
      if SafeName.isReserved(name) {
        warnings.append(
          "\(name.printable) is left out: names in \(SafeName.reservedPrefix)… are this program's own")
      } else {
        try add(file: name, named: Array(name.utf8).span)
      }
    case S_IFDIR where SafeName.isReserved(base):
      break
    case S_IFDIR where options.recursive && !isLink:
      folders.append(name)
    case S_IFDIR where isWanted:
      warnings.append(
        "the folder \(name.printable) is left out; "
          + (isLink ? "links to folders are not followed" : "--recursive sends what is in it"))
    case _ where isWanted:
      warnings.append("\(name.printable) is left out: not a regular file")
    default: break
    }
  }

  private func absolute(_ name: String) -> String {
    if name.isEmpty { return rootPath }
    return rootPath.hasSuffix("/") ? rootPath + name : rootPath + "/" + name
  }

  /// The bytes of a directory entry's name; valid until the next readdir.
  static func nameBytes(_ item: UnsafeMutablePointer<dirent>) -> UnsafeBufferPointer<UInt8> {
    let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
    let start = (UnsafeRawPointer(item) + offset).assumingMemoryBound(to: UInt8.self)
    return UnsafeBufferPointer(
      start: start, count: strlen(UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self)))
  }

  /// Whether the name ends in .jpg or .jpeg, in any letter case.
  private static func isImageName(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    for ending in [".jpg", ".jpeg"] where bytes.count > ending.utf8.count {
      let tail = bytes.suffix(ending.utf8.count)
      if zip(tail, ending.utf8).allSatisfy({ $0 == $1 || ($0 | 0x20 == $1 && $1 != UInt8(ascii: ".")) }) {
        return true
      }
    }
    return false
  }
}
