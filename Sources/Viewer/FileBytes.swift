import Glibc

/// The bytes of one file, which are read at once, up to a limit, and freed with this value.
///
/// The file is read and not mapped: a mapped file that shrinks would end the program with SIGBUS.
package struct FileBytes: ~Copyable {
  /// The largest file that is read, in bytes: 512 MiB.
  package static let byteLimit: UInt64 = 512 << 20

  /// Why a file was not read.
  package enum Failure: Error, Equatable {
    case missing
    case notRegular
    case tooLarge(byteCount: UInt64)
    case failed(errno: Int32)
  }

  package let buffer: UnsafeRawBufferPointer
  /// All bytes of the file, also those that were not read.
  package let fileByteCount: UInt64

  /// Reads the file, or its first `limit` bytes.
  package init(path: String, limit: UInt64 = .max) throws(Failure) {
    // NONBLOCK: a FIFO of that name must not hang the reader.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw errno == ENOENT ? .missing : .failed(errno: errno) }
    defer { close(descriptor) }
    var attributes = stat()
    guard fstat(descriptor, &attributes) == 0 else { throw .failed(errno: errno) }
    guard attributes.st_mode & S_IFMT == S_IFREG else { throw .notRegular }
    let total = UInt64(max(0, attributes.st_size))
    let byteCount = min(total, limit)
    guard byteCount <= Self.byteLimit else { throw .tooLarge(byteCount: byteCount) }
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, Int(byteCount)), alignment: 16)
    do {
      let readByteCount = try Self.read(descriptor, into: bytes, byteCount: Int(byteCount))
      buffer = UnsafeRawBufferPointer(start: bytes.baseAddress, count: readByteCount)
      fileByteCount = total
    } catch {
      bytes.deallocate()
      throw error
    }
  }

  deinit { buffer.baseAddress?.deallocate() }

  /// Reads up to `byteCount` bytes; fewer if the file shrank meanwhile.
  private static func read(
    _ descriptor: Int32, into bytes: UnsafeMutableRawBufferPointer, byteCount: Int
  ) throws(Failure) -> Int {
    var offset = 0
    while offset < byteCount {
      let count = Glibc.read(descriptor, bytes.baseAddress?.advanced(by: offset), byteCount - offset)
      if count < 0 {
        if errno == EINTR { continue }
        throw .failed(errno: errno)
      }
      if count == 0 { break }
      offset += count
    }
    return offset
  }
}
