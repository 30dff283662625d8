import Glibc

/// The contents of folders that are not sent, counted for the notice about them. The count stops at
/// `itemLimit` items or `depthLimit` folders in one another, so that a notice never takes long.
struct SkippedFolders {
  private static let itemLimit = 20_000
  private static let depthLimit = 40

  /// Folders with wanted files in them.
  private var folderCount = 0
  private var wantedCount = 0
  /// Files of another kind, and the folders with none but such.
  private var otherCount = 0
  private var otherFolderCount = 0
  private var itemCount = 0
  private var isCutShort = false

  mutating func add(_ other: SkippedFolders) {
    folderCount += other.folderCount
    wantedCount += other.wantedCount
    otherCount += other.otherCount
    otherFolderCount += other.otherFolderCount
    isCutShort = isCutShort || other.isCutShort
  }

  /// "40 files in 2 sub-folders are left out; --recursive sends them"; nil when there are none.
  func notice(_ options: ScanOptions) -> String? {
    let (files, folders) = wantedCount > 0 ? (wantedCount, folderCount) : (otherCount, otherFolderCount)
    guard files > 0 else { return nil }
    let option = wantedCount > 0 ? "--recursive" : "--all --recursive"
    let isOne = files == 1 && !isCutShort
    return (isCutShort ? "more than " : "") + counted(files, "file", "files")
      + " in \(counted(folders, "sub-folder", "sub-folders"))\(isOne ? " is" : " are") left out"
      + (options.offersRecursive ? "; \(option) \(options.verb) \(isOne ? "it" : "them")" : "")
  }

  /// Counts the contents of a folder. Follows no link.
  mutating func count(_ folder: FolderItem, allFiles: Bool, depth: Int = 0) {
    guard depth < Self.depthLimit, itemCount < Self.itemLimit else {
      isCutShort = true
      return
    }
    let descriptor = folder.openFolder()
    guard descriptor >= 0 else { return }
    guard let stream = fdopendir(descriptor) else {
      closeDescriptor(descriptor)
      return
    }
    defer { closedir(stream) }
    var wantedHere = 0
    var otherHere = 0
    while !isCutShort, let entry = readdir(stream) {
      let item = FolderItem(entry, in: descriptor)
      if item.isSelfOrParent { continue }
      itemCount += 1
      isCutShort = itemCount >= Self.itemLimit
      switch item.kind {
      case S_IFDIR: count(item, allFiles: allFiles, depth: depth + 1)
      case S_IFREG where allFiles || NamedKind(name: item.bytes) == .jpeg: wantedHere += 1
      case S_IFREG where !item.isHidden: otherHere += 1
      default: break
      }
    }
    wantedCount += wantedHere
    otherCount += otherHere
    if wantedHere > 0 { folderCount += 1 }
    if otherHere > 0 { otherFolderCount += 1 }
  }
}
