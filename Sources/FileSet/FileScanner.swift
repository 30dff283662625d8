import Glibc

/// Which files of a folder make the set.
package struct ScanOptions: Equatable, Sendable {
  /// Every regular file; otherwise only *.jpg and *.jpeg in any letter case.
  package var allFiles: Bool
  /// Also the folders in the folder, under relative names.
  package var recursive: Bool

  package init(allFiles: Bool = false, recursive: Bool = false) {
    self.allFiles = allFiles
    self.recursive = recursive
  }
}

/// What a scan found.
package struct ScannedSet: Equatable, Sendable {
  /// The folder that the manifest's names are relative to.
  package let rootPath: String
  package let manifest: Manifest
  /// One line each: what was left out and how to send it.
  package let warnings: [String]

  package init(rootPath: String, manifest: Manifest, warnings: [String] = []) {
    self.rootPath = rootPath
    self.manifest = manifest
    self.warnings = warnings
  }
}

/// Lists what a folder holds, at the sender.
package enum FileScanner {
  /// The set of files in `path`, sorted by name bytes; or of one file, when `path` is a regular file.
  ///
  /// Links to regular files are followed, links to folders are not. Throws when there is nothing to send, when a file
  /// cannot be read, and when names are too long or not UTF-8.
  package static func scan(_ path: String, options: ScanOptions = ScanOptions()) throws(FileSetError)
    -> ScannedSet
  {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw errno == ENOENT || errno == ENOTDIR
        ? .noSuchFolder(path: path) : .cannotRead(path: path, errno: errno)
    }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: return try scanFolder(path, options)
    case S_IFREG: return try scanFile(path)
    default: throw .notAFolder(path: path)
    }
  }

  private static func scanFolder(_ path: String, _ options: ScanOptions) throws(FileSetError) -> ScannedSet {
    var walk = FolderWalk(rootPath: path, options: options)
    try walk.visit(folder: "")
    guard !walk.entries.isEmpty else {
      throw options.allFiles ? .noFiles(path: path) : .noImages(path: path)
    }
    return ScannedSet(
      rootPath: path, manifest: try Manifest(entries: walk.entries), warnings: walk.warnings.sorted())
  }

  private static func scanFile(_ path: String) throws(FileSetError) -> ScannedSet {
    var folder = "."
    var name = path
    if let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) {
      folder = slash == path.startIndex ? "/" : String(path[..<slash])
      name = String(path[path.utf8.index(after: slash)...])
    }
    var walk = FolderWalk(rootPath: folder, options: ScanOptions(allFiles: true))
    try walk.add(file: name, named: Array(name.utf8).span)
    return ScannedSet(rootPath: folder, manifest: try Manifest(entries: walk.entries))
  }
}
