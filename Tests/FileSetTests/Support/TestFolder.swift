import Glibc
import Ground

/// A folder under /tmp for one test, removed with what is in it when the test is over.
final class TestFolder {
  let path: String

  init() {
    var template = Array("/tmp/gallery-fileset-XXXXXX".utf8CString)
    path = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? ""
    }
    precondition(!path.isEmpty, "no temporary folder")
  }

  deinit { removeTree(path) }

  func path(_ name: String) -> String { "\(path)/\(name)" }

  @discardableResult
  func folder(_ name: String) -> String {
    mkdir(path(name), 0o755)
    return path(name)
  }

  /// Writes a file; `byteCount` beyond the bytes makes it sparse.
  @discardableResult
  func file(_ name: String, _ bytes: [UInt8] = [], byteCount: Int? = nil, mode: mode_t = 0o644) -> String {
    let descriptor = open(path(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
    precondition(descriptor >= 0, "cannot make \(path(name))")
    precondition(write(descriptor, bytes, bytes.count) == bytes.count)
    if let byteCount { precondition(ftruncate(descriptor, off_t(byteCount)) == 0) }
    fchmod(descriptor, mode)
    close(descriptor)
    return path(name)
  }

  /// The names in a folder, sorted.
  func names(in folder: String = "") -> [String] { listNames(folder.isEmpty ? path : path(folder)) }
}

/// MNT_DETACH of <sys/mount.h>: unmount although a descriptor is still open there.
let detach: Int32 = 2

func listNames(_ path: String) -> [String] {
  guard let stream = opendir(path) else { return [] }
  defer { closedir(stream) }
  var names: [String] = []
  while let item = readdir(stream) {
    let name = withUnsafeBytes(of: item.pointee.d_name) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
    if name != ".", name != ".." { names.append(name) }
  }
  return names.sorted()
}

func removeTree(_ path: String) {
  var status = stat()
  guard lstat(path, &status) == 0 else { return }
  guard status.st_mode & S_IFMT == S_IFDIR else {
    unlink(path)
    return
  }
  for name in listNames(path) { removeTree("\(path)/\(name)") }
  rmdir(path)
}

/// A whole file, nil when it cannot be opened.
func readBytes(_ path: String) -> [UInt8]? {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  var status = stat()
  guard fstat(descriptor, &status) == 0 else { return nil }
  var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
  return read(descriptor, &bytes, bytes.count) == bytes.count ? bytes : nil
}

/// Bytes that are different at every position and repeatable.
func sampleBytes(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
  var generator = SplitMix64(seed: seed)
  return (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
}
