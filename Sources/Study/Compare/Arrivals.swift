package import FileSet
import FoundationEssentials

/// Which images of a set a folder holds, judged by their bytes alone: the naive protocol carries no names.
package struct Arrivals: Sendable {
  /// For each image of the set, in order, the file that holds its bytes; nil when it is lost.
  package private(set) var paths: [String?]
  /// Files that are none of the images, in order of their names.
  package private(set) var damagedPaths: [String] = []
  /// Images found at their own position: of a folder's files in the order of their names, the n-th is the
  /// n-th image.
  package private(set) var inPlaceCount = 0

  package var wholeCount: Int { paths.count { $0 != nil } }
  package var lostCount: Int { paths.count - wholeCount }

  /// The set's images in the order in which they are sent.
  package init(of set: ScannedSet, in folder: String, positional: Bool) {
    let names = Self.names(of: set)
    paths = [String?](repeating: nil, count: names.count)
    // Two images may be equal: each copy that arrives counts for one of them.
    var waiting: [Data: [Int]] = [:]
    for index in names.indices.reversed() {
      guard let bytes = FileManager.default.contents(atPath: set.path(ofFile: index)) else { continue }
      waiting[bytes, default: []].append(index)
    }
    for name in PlainFiles.names(in: folder) {
      let path = "\(folder)/\(name)"
      guard let bytes = FileManager.default.contents(atPath: path) else { continue }
      guard let index = waiting[bytes]?.popLast() else {
        damagedPaths.append(path)
        continue
      }
      paths[index] = path
      if positional ? Self.position(name) == index : name == names[index] { inPlaceCount += 1 }
    }
  }

  /// The images' names in the order in which the naive protocol sends them: by their bytes.
  package static func names(of set: ScannedSet) -> [String] {
    set.manifest.entries.map(\.name).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// The number in `image-0012.jpg`.
  private static func position(_ name: String) -> Int? {
    guard name.hasPrefix("image-"), name.hasSuffix(".jpg") else { return nil }
    return Int(name.dropFirst(6).dropLast(4))
  }
}
