import Foundation

/// A folder under /tmp for one test, removed with what is in it when the test is over.
final class Scratch {
  let path: String

  init() {
    path = FileManager.default.temporaryDirectory.path + "/gallery-cli-\(UUID().uuidString.prefix(13))"
    mkdir(path, 0o755)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func path(_ name: String) -> String { "\(path)/\(name)" }

  @discardableResult
  func folder(_ name: String) -> String {
    mkdir(path(name), 0o755)
    return path(name)
  }

  /// A file of bytes that differ from place to place; `seed` makes others of the same length.
  @discardableResult
  func file(_ name: String, byteCount: Int, seed: UInt8 = 1) -> String {
    var state = UInt32(seed)
    let bytes = (0..<byteCount).map { _ -> UInt8 in
      state = state &* 1_664_525 &+ 1_013_904_223  // Knuth's and Lewis's generator
      return UInt8(state >> 24)
    }
    _ = FileManager.default.createFile(atPath: path(name), contents: Data(bytes))
    return path(name)
  }

  /// A file of zeros that takes no room.
  func sparseFile(_ name: String, byteCount: Int) {
    _ = FileManager.default.createFile(atPath: path(name), contents: nil)
    truncate(path(name), off_t(byteCount))
  }

  /// A file that takes all the room that its file system has left, however little that is.
  func hog(_ name: String) {
    let descriptor = open(path(name), O_WRONLY | O_CREAT, 0o600)
    defer { close(descriptor) }
    for byteCount in [1 << 16, 1] {
      while write(descriptor, [UInt8](repeating: 1, count: byteCount), byteCount) > 0 {}
    }
  }

  /// All files below a folder, by their relative names, sorted; nothing when it does not exist.
  func names(in folder: String) -> [String] {
    ((try? FileManager.default.subpathsOfDirectory(atPath: path(folder))) ?? []).sorted()
  }

  func isSame(_ one: String, _ other: String) -> Bool {
    FileManager.default.contentsEqual(atPath: path(one), andPath: path(other))
  }
}
