import Glibc

/// The result of a scan: the files of the set, where each lies, and what was left out.
package struct ScannedSet: Equatable, Sendable {
  package private(set) var manifest: Manifest
  /// One line each for people: what is left out, and how to send it.
  package let notices: [String]
  /// The files that are missing from the set against the user's wish, in one line; nil when there are none. A
  /// pipe or a link to nothing does not count, because it is no file.
  package let shortfall: String?
  /// The folders that names are relative to: one for each folder of the scan, and one for each folder from
  /// which single files were named.
  private let roots: [String]
  /// The place in `roots` for each file; empty when there is one root.
  private let rootOfFile: [UInt32]
  /// Where a relative root begins.
  let start: Int32

  init(
    manifest: Manifest, roots: [String], rootOfFile: [UInt32], notices: [String], shortfall: String?
  ) {
    self.manifest = manifest
    self.roots = roots
    self.rootOfFile = roots.count > 1 ? rootOfFile : []
    self.notices = notices
    self.shortfall = shortfall
    start = AT_FDCWD
  }

  /// The files of a folder of a disk in memory. `path`: relative to `start`, a folder of the disk.
  package init(_ manifest: Manifest, in path: String, from start: Int32) {
    self.manifest = manifest
    (roots, rootOfFile, notices, shortfall) = ([path], [], [], nil)
    self.start = start
  }

  /// The same files with another manifest of theirs.
  func signed(_ manifest: Manifest) -> ScannedSet {
    var set = self
    set.manifest = manifest
    return set
  }

  /// Where the file of this index in the manifest lies, 0 ..< the manifest's entries.
  package func path(ofFile file: Int) -> String {
    roots[rootOfFile.isEmpty ? 0 : Int(rootOfFile[file])] + "/" + manifest.entries[file].name
  }
}
