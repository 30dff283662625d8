package import FileSet
import Ground
import Synchronization
package import Viewer

/// The images of folders and files as the window's feed has them, also when they change meanwhile.
package final class FolderItems: Sendable {
  /// What tells whether a file is still the same.
  private struct Version: Equatable {
    var index: Int
    var byteCount: UInt64
    var modificationTimeNanoseconds: Int64
  }

  private let paths: [String]
  private let options: ScanOptions
  package let feed: GalleryFeed
  private struct State {
    var versions: [String: Version] = [:]
    var nextIndex = 0
  }
  private let state = Mutex(State())

  /// Takes the set of a first scan.
  package init(_ set: ScannedSet, paths: [String], options: ScanOptions) {
    self.paths = paths
    self.options = options
    feed = GalleryFeed()
    take(set)
    feed.finish(status: "")
  }

  /// Scans anew: adds what is new or changed, and removes what is gone.
  package func refresh() {
    // A folder that is empty now is no error: its images are gone.
    guard let set = try? FileScanner.scan(paths, options: options) else {
      return feed.remove(
        indices: state.withLock { state in
          defer { state.versions = [:] }
          return state.versions.values.map(\.index)
        })
    }
    take(set)
  }

  private func take(_ set: ScannedSet) {
    let (added, removed) = state.withLock { state in
      var left = state.versions
      var added: [GalleryItem] = []
      for (file, entry) in set.manifest.entries.enumerated() {
        let path = set.path(ofFile: file)
        let known = left.removeValue(forKey: path)
        let version = Version(
          index: known?.index ?? state.nextIndex, byteCount: entry.byteCount,
          modificationTimeNanoseconds: entry.modificationTimeNanoseconds)
        if known == nil { state.nextIndex += 1 }
        guard known != version else { continue }
        state.versions[path] = version
        added.append(GalleryItem(index: version.index, name: entry.name.printable, path: path))
      }
      for path in left.keys { state.versions[path] = nil }
      return (added, left.values.map(\.index))
    }
    feed.remove(indices: removed)
    for item in added { feed.add(item) }
  }

  /// The folders whose changes matter: those that were named, and those that images lie in.
  package var folders: Set<String> {
    let parents = state.withLock { state in state.versions.keys.map(\.folderPart) }
    return Set(parents).union(paths)
  }
}
