internal import Glibc
internal import NIOCore

/// Reads a file to send, piece by piece.
final class ImageReader {
  private let path: String
  private let descriptor: Int32

  init(path: String) throws(NaiveError) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .cannotRead(path: path, errno: errno) }
  }

  deinit { close(descriptor) }

  /// The size of the file at `path`, in bytes. Throws for everything but a regular file.
  static func byteCount(path: String) throws(NaiveError) -> UInt64 {
    var status = stat()
    guard stat(path, &status) == 0 else { throw .cannotRead(path: path, errno: errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .cannotRead(path: path, errno: status.st_mode & S_IFMT == S_IFDIR ? EISDIR : EINVAL)
    }
    return UInt64(max(0, status.st_size))
  }

  /// The next bytes, at most `limit`; empty at the end of the file.
  func next(atMost limit: Int) throws(NaiveError) -> ByteBuffer {
    var buffer = ByteBuffer()
    while buffer.readableBytes < limit {
      let wanted = limit - buffer.readableBytes
      var code: Int32 = 0
      let count = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: wanted) { space in
        let count = read(descriptor, space.baseAddress, wanted)
        code = count < 0 ? errno : 0
        return max(0, count)
      }
      if code == EINTR { continue }
      guard code == 0 else { throw .cannotRead(path: path, errno: code) }
      if count == 0 { break }
    }
    return buffer
  }
}
