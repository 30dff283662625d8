import FileSet
import FoundationEssentials
import Ground

/// The files that a program left. Names that begin with a dot are a program's own, such as parts of files.
enum ReceivedFiles {
  /// The bytes of each file by its name relative to the folder.
  static func read(_ folder: String) -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in PlainFiles.names(in: folder) {
      files[name] = [UInt8](FileManager.default.contents(atPath: "\(folder)/\(name)") ?? Data())
    }
    return files
  }

  /// Names in the folder above, but that of this folder.
  static func strangers(beside folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.folderPart)) ?? [])
      .filter { $0 != folder.lastPathPart }.sorted()
  }
}
