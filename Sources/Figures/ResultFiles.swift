package import FoundationEssentials
import Glibc

/// Folders and files with results. A failure is one line.
package enum ResultFiles {
  /// Makes the folder and the folders above it. A folder that exists already is no failure.
  package static func makeFolder(_ path: String) throws(FigureError) {
    do { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) } catch {
      var isFolder = false
      let isFile = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder
      throw .cannotWrite(path: path, reason: isFile ? "it is a file; name a folder" : ErrorReason.text(error))
    }
  }

  /// The whole file. Throws `cannotRead` with the system's own words.
  package static func read(_ path: String) throws(FigureError) -> Data {
    guard let file = fopen(path, "rbe") else {
      throw .cannotRead(path: path, reason: String(cString: strerror(errno)))
    }
    fclose(file)
    do { return try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
      throw .cannotRead(path: path, reason: ErrorReason.text(error))
    }
  }

  /// Replaces the file at once: another program reads the old file or the new file, and never a part.
  package static func write(_ bytes: Data, to path: String) throws(FigureError) {
    do { try bytes.write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
      throw .cannotWrite(path: path, reason: ErrorReason.text(error))
    }
  }

  package static func write(_ text: String, to path: String) throws(FigureError) {
    try write(Data(text.utf8), to: path)
  }

  /// Adds the text at the end of a file that is there.
  package static func append(_ text: String, to path: String) throws(FigureError) {
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw .cannotWrite(
        path: path, reason: errno == ENOENT ? "it is gone" : String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    var text = text
    let failure = text.withUTF8 { bytes -> Int32? in
      var rest = UnsafeRawBufferPointer(bytes)
      while !rest.isEmpty {
        let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
        if count < 0, errno != EINTR { return errno }
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(max(0, count)))
      }
      return nil
    }
    if let failure { throw .cannotWrite(path: path, reason: String(cString: strerror(failure))) }
  }

  /// Writes the value as JSON: one member a line, sorted by name, so that two files can be compared line by
  /// line.
  package static func writeJSON(_ value: some Encodable, to path: String) throws(FigureError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let data: Data
    do { data = try encoder.encode(value) } catch {
      throw .cannotWrite(path: path, reason: ErrorReason.text(error))
    }
    try write(data + Data("\n".utf8), to: path)
  }
}
