import Glibc

/// A file in memory without a name in any folder, for readers that want a path.
final class FuzzFile {
  private let descriptor: CInt
  /// The same for each `init` of a process in which no descriptor was opened or closed between.
  let path: String

  init() {
    var name = Array("/dev/shm/gallery-fuzz.XXXXXX".utf8CString)
    descriptor = mkstemp(&name)
    precondition(descriptor >= 0, "no file in /dev/shm")
    unlink(name)
    path = "/proc/self/fd/\(descriptor)"
  }

  deinit { close(descriptor) }

  /// Makes these its bytes.
  func write(_ bytes: [UInt8]) {
    precondition(ftruncate(descriptor, 0) == 0)
    precondition(pwrite(descriptor, bytes, bytes.count, 0) == bytes.count)
  }
}
