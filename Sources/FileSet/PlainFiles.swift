import Glibc

/// What another program, or an earlier session, left in a folder.
package enum PlainFiles {
  /// The files in the folder and below, whatever their kind: names relative to the folder, sorted by their
  /// bytes. What is hidden is left out, with all below it, and so are names that are not UTF-8, and folders
  /// that cannot be listed. A link to a file counts as a file; a link to a folder is not followed.
  package static func names(in folder: String) -> [String] {
    var found: [String] = []
    var pending = [""]
    while let parent = pending.popLast() {
      guard let stream = opendir("\(folder)/\(parent)") else { continue }
      defer { closedir(stream) }
      while let entry = readdir(stream) {
        let item = FolderItem(entry, in: dirfd(stream))
        guard !item.isHidden, let name = String(validating: item.bytes, as: UTF8.self) else { continue }
        switch item.kind {
        case S_IFDIR: pending.append("\(parent)\(name)/")
        case S_IFREG: found.append(parent + name)
        case S_IFLNK: if case .success(S_IFREG) = item.target { found.append(parent + name) }
        default: break
        }
      }
    }
    return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
