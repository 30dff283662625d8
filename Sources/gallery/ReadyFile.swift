import FileSet
import Glibc

/// The file of `--ready-file`: it appears when the receiver listens, and holds the port and a line end. A
/// script waits for the file, and then knows where to send to.
struct ReadyFile: Sendable {
  let path: String
  /// Written first and renamed, so that a script never reads half a number.
  private var draftPath: String { path + ".part" }

  /// Removes the file that an earlier receiver left, and fails where none can be written.
  init(path: String) throws(ReadyFileError) {
    self.path = path
    guard unlink(path) == 0 || errno == ENOENT else { throw failure() }
    try write("", to: draftPath)
  }

  func write(port: Int) throws(ReadyFileError) {
    try write("\(port)\n", to: draftPath)
    guard rename(draftPath, path) == 0 else { throw failure() }
  }

  /// To be called when the receiver ends, also one that never listened.
  func removeDraft() { unlink(draftPath) }

  private func write(_ text: String, to path: String) throws(ReadyFileError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw failure() }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else { throw failure() }
  }

  private func failure() -> ReadyFileError { ReadyFileError(path: path, errno: errno) }
}

/// `--ready-file` cannot be written.
struct ReadyFileError: Error, CustomStringConvertible {
  let path: String
  let errno: Int32

  var description: String {
    "cannot write \(path.printable): \(String(cString: strerror(errno))); choose another --ready-file"
  }
}
