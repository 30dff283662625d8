import Glibc

/// Lists the files that make a set, at the sender.
package enum FileScanner {
  /// The set of the files in `path`, as `scan(_:options:)` makes it for several paths.
  package static func scan(_ path: String, options: ScanOptions = ScanOptions()) throws(FileSetError)
    -> ScannedSet
  {
    try scan([path], options: options)
  }

  /// Makes one set of several folders and files, sorted by the bytes of the names. Names are relative to each
  /// folder. A file that is named itself, of whatever kind, has its last component as its name.
  ///
  /// Links to regular files are followed, links to folders are not. Files that cannot be sent are left out,
  /// and the set's notices say so. Throws `noSuchFolder` for a path that does not exist, and when no file is
  /// left to send.
  package static func scan(_ paths: [String], options: ScanOptions = ScanOptions()) throws(FileSetError)
    -> ScannedSet
  {
    var gathered = GatheredFiles()
    for path in paths { try gathered.add(path, options) }
    return try gathered.set(of: paths, options)
  }
}

/// The files of all operands of a scan, before they are one set.
private struct GatheredFiles {
  private struct File {
    var entry: ManifestEntry
    /// Its place in `roots`.
    var root: UInt32
  }
  private var files: [File] = []
  private var roots: [String] = []
  /// Keyed by bytes, because Swift treats some different names as equal.
  private var placeOfRoot: [[UInt8]: UInt32] = [:]
  private var leftOut = LeftOut()

  mutating func add(_ path: String, _ options: ScanOptions) throws(FileSetError) {
    var status = stat()
    guard stat(path, &status) == 0 else { return leftOut.add(try problem(path, errno)) }
    switch status.st_mode & S_IFMT {
    case S_IFDIR:
      var walk = FolderWalk(rootPath: path, options: options)
      do throws(FileSetError) { try walk.visitRoot() } catch { leftOut.add(error) }
      take(walk)
    case S_IFREG:
      let (folder, name) = Self.split(path)
      var walk = FolderWalk(rootPath: folder, options: options)
      walk.add(file: name)
      take(walk)
    default: leftOut.add(.notAFolder(path: path))
    }
  }

  /// Why an operand is left out. Throws `noSuchFolder` when the operand was mistyped: then nothing must be
  /// sent.
  private func problem(_ path: String, _ errno: Int32) throws(FileSetError) -> FileSetError {
    guard errno == ENOENT || errno == ENOTDIR else { return .cannotRead(path: path, errno: errno) }
    var status = stat()
    if lstat(path, &status) == 0 { return .danglingLink(path: path) }
    // The program's arguments are decoded before they arrive here, which replaces bytes that are not UTF-8.
    if path.unicodeScalars.contains("\u{FFFD}") { return .nameNotUTF8(path: path) }
    throw .noSuchFolder(path: path)
  }

  /// "a/b.jpg" → "a", "b.jpg".
  private static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
    return (
      slash == path.startIndex ? "/" : String(path[..<slash]), String(path[path.utf8.index(after: slash)...])
    )
  }

  private mutating func take(_ walk: FolderWalk) {
    leftOut.add(walk.leftOut)
    guard !walk.entries.isEmpty else { return }
    let key = Array(walk.rootPath.utf8)
    let root = placeOfRoot[key] ?? UInt32(roots.count)
    if root == roots.count {
      roots.append(walk.rootPath)
      placeOfRoot[key] = root
    }
    files += walk.entries.map { File(entry: $0, root: root) }
  }

  consuming func set(of paths: [String], _ options: ScanOptions) throws(FileSetError) -> ScannedSet {
    if roots.count > 1 || paths.count > 1 { leaveOutRepeatedNames() }
    guard !files.isEmpty else { throw nothing(in: paths, options) }
    return ScannedSet(
      manifest: try Manifest(entries: files.map(\.entry)), roots: roots, rootOfFile: files.map(\.root),
      notices: leftOut.notices(options), shortfall: leftOut.shortfall)
  }

  /// Sorts the files as a manifest does. When two have the same name, the file of the first operand stays.
  private mutating func leaveOutRepeatedNames() {
    let sorted = files.enumerated().sorted { first, second in
      let (a, b) = (first.element.entry.name.utf8, second.element.entry.name.utf8)
      return a.lexicographicallyPrecedes(b)
        || (!b.lexicographicallyPrecedes(a) && first.offset < second.offset)
    }
    files = []
    for (_, file) in sorted {
      guard let last = files.last, last.entry.name.utf8.elementsEqual(file.entry.name.utf8) else {
        files.append(file)
        continue
      }
      if !isSameFile(last, file) { leftOut.add(.nameTwice(first: path(last), second: path(file))) }
    }
  }

  private func path(_ file: File) -> String { roots[Int(file.root)] + "/" + file.entry.name }

  private func isSameFile(_ first: File, _ second: File) -> Bool {
    var (one, other) = (stat(), stat())
    return stat(path(first), &one) == 0 && stat(path(second), &other) == 0 && one.st_dev == other.st_dev
      && one.st_ino == other.st_ino
  }

  /// Why there is no set, and what may help.
  private func nothing(in paths: [String], _ options: ScanOptions) -> FileSetError {
    var hints = leftOut.hints(options)
    if let first = leftOut.errors.first {
      if leftOut.errors.count == 1, hints.isEmpty { return first }
      let more = leftOut.errors.count - 1
      hints.insert("\(first)" + (more > 0 ? " (and \(more) more)" : ""), at: 0)
    }
    let shown = paths.count > 1 ? "\(paths[0]) and \(paths.count - 1) more" : paths.first ?? ""
    let hint = hints.isEmpty ? "name a folder that holds some" : hints.joined(separator: "; ")
    return options.allFiles ? .noFiles(path: shown, hint: hint) : .noImages(path: shown, hint: hint)
  }
}
