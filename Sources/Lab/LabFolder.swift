package import Foundation
import Trace

/// Folders and files that the lab writes; what goes wrong is one line.
package enum LabFolder {
  /// Makes the folder, and those that it is in. One that is there already is as good.
  package static func make(_ path: String) throws(LabError) {
    do { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) } catch {
      var isFolder: ObjCBool = false
      let isFile = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
      throw .cannotWrite(
        path: path, reason: isFile ? "it is a file; name a folder" : TraceReader.reason(error))
    }
  }

  /// The whole file. Throws `cannotRead` with the system's own words.
  package static func read(_ path: String) throws(LabError) -> Data {
    guard let file = fopen(path, "rbe") else {
      throw .cannotRead(path: path, reason: String(cString: strerror(errno)))
    }
    fclose(file)
    do { return try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
      throw .cannotRead(path: path, reason: TraceReader.reason(error))
    }
  }

  /// Replaces the file; another program never reads a half of it.
  package static func write(_ bytes: Data, to path: String) throws(LabError) {
    do { try bytes.write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
      throw .cannotWrite(path: path, reason: TraceReader.reason(error))
    }
  }

  package static func write(_ text: String, to path: String) throws(LabError) {
    try write(Data(text.utf8), to: path)
  }
}
