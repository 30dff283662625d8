import Glibc
import Ground

/// Files in /proc and /sys. Tests use a folder of their own in the place of the root.
package struct HostFiles: Sendable {
  /// No more bytes of a file are read. The kernel's files are short.
  private static let byteLimit = 1 << 20
  package var root: String

  package init(root: String = "") { self.root = root }

  /// A file without the white space at its ends; nil when it cannot be read.
  package func text(_ path: String) -> String? {
    guard let file = fopen(root + path, "rbe") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 4_096)
    while bytes.count < Self.byteLimit {
      let count = fread(&piece, 1, piece.count, file)
      if count == 0 { break }
      bytes += piece.prefix(count)
    }
    return String(decoding: bytes, as: UTF8.self).trimmed
  }

  package func number(_ path: String) -> Int? { text(path).flatMap { Int($0) } }

  package func exists(_ path: String) -> Bool { access(root + path, F_OK) == 0 }

  /// Names in a folder, sorted; none when it cannot be read.
  package func names(in path: String) -> [String] {
    guard let folder = opendir(root + path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }
}
