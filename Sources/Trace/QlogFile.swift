private import Glibc

/// A file to which lines are appended, buffered: one system call for about 64 KiB.
final class QlogFile {
  private static let bufferByteCount = 1 << 16

  private let path: String
  private var descriptor: Int32
  private var buffer: [UInt8] = []
  /// Why writing stopped, when it did.
  private(set) var failure: TraceError?

  init(path: String) throws(TraceError) {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .cannotOpen(path: path, reason: String(cString: strerror(errno))) }
    buffer.reserveCapacity(Self.bufferByteCount + 4_096)
  }

  deinit { _ = close() }

  func append(_ bytes: [UInt8]) {
    guard failure == nil else { return }
    buffer.append(contentsOf: bytes)
    if buffer.count >= Self.bufferByteCount { flush() }
  }

  private func flush() {
    guard descriptor >= 0, failure == nil else { return }
    buffer.withUnsafeBytes { bytes in
      var start = 0
      while start < bytes.count {
        let written = write(descriptor, bytes.baseAddress.map { $0 + start }, bytes.count - start)
        if written < 0, errno == EINTR { continue }
        guard written > 0 else {
          failure = .cannotWrite(path: path, reason: String(cString: strerror(errno)))
          return
        }
        start += written
      }
    }
    buffer.removeAll(keepingCapacity: true)
  }

  /// Writes the buffered bytes and closes the file. Returns the error, if there was one.
  func close() -> TraceError? {
    flush()
    if descriptor >= 0 { _ = Glibc.close(descriptor) }
    descriptor = -1
    return failure
  }
}
