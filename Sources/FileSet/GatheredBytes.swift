import Glibc

/// The manifest's bytes while its chunks arrive in any order.
///
/// The memory consists of the kernel's zero pages until it is written. So the announced length alone costs
/// nothing.
struct GatheredBytes: ~Copyable {
  private var storage: UnsafeMutableRawPointer?
  private let byteCount: Int
  private var gatheredByteCount = 0

  /// Room for `byteCount` > 0 bytes.
  init(byteCount: Int) {
    self.byteCount = byteCount
    storage = calloc(byteCount, 1)
  }

  deinit { free(storage) }

  /// Whether all bytes are here, when each was put once.
  var isWhole: Bool { gatheredByteCount == byteCount && storage != nil }

  /// Copies bytes to their place; what would not fit is left out.
  mutating func put(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
    guard let storage, let source = bytes.baseAddress, offset >= 0, offset + bytes.count <= byteCount else {
      return
    }
    (storage + offset).copyMemory(from: source, byteCount: bytes.count)
    gatheredByteCount += bytes.count
  }

  /// None of the bytes is here any more.
  mutating func forget() { gatheredByteCount = 0 }

  /// Copies bytes from `offset` on, which were put there. False when they are not here.
  func copy(from offset: Int, to buffer: UnsafeMutableRawBufferPointer) -> Bool {
    guard let storage, let target = buffer.baseAddress, offset >= 0, offset + buffer.count <= byteCount else {
      return false
    }
    target.copyMemory(from: storage + offset, byteCount: buffer.count)
    return true
  }

  /// The bytes, for reading.
  func withSpan<Result, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let bytes = UnsafeBufferPointer(
      start: storage?.assumingMemoryBound(to: UInt8.self), count: storage == nil ? 0 : byteCount)
    return try body(bytes.span)
  }

  /// Frees the memory when the bytes are not needed any more.
  mutating func release() {
    free(storage)
    storage = nil
  }
}
