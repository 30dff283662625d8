import Foundation

/// The files that a program left. Names that begin with a dot are a program's own, such as parts of files.
enum ReceivedFiles {
  /// The bytes of each file by its name relative to the folder.
  static func read(_ folder: String) -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in FileManager.default.enumerator(atPath: folder)?.compactMap({ $0 as? String }) ?? [] {
      var isFolder: ObjCBool = false
      let path = "\(folder)/\(name)"
      guard !name.split(separator: "/").contains(where: { $0.hasPrefix(".") }),
        FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue
      else { continue }
      files[name] = [UInt8](FileManager.default.contents(atPath: path) ?? Data())
    }
    return files
  }

  /// Names in the folder above, but that of this folder.
  static func strangers(beside folder: String) -> [String] {
    let parent = (folder as NSString).deletingLastPathComponent
    let own = (folder as NSString).lastPathComponent
    return ((try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []).filter { $0 != own }
      .sorted()
  }
}
