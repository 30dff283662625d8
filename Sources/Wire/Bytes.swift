extension Span<UInt8> {
  /// Throws `truncated` unless the datagram has at least `needed` bytes.
  @inline(__always)
  func requireAtLeast(_ needed: Int) throws(WireError) {
    guard count >= needed else { throw .truncated(needed: needed, available: count) }
  }

  /// Throws `truncated` or `trailingBytes` unless the datagram has exactly `expected` bytes.
  func requireExactly(_ expected: Int) throws(WireError) {
    try requireAtLeast(expected)
    guard count == expected else { throw .trailingBytes(expected: expected, available: count) }
  }
}

/// Writes big-endian numbers one after another into memory that is large enough. The encoders check the size
/// beforehand.
struct ByteWriter {
  private let buffer: UnsafeMutableRawBufferPointer
  /// Bytes written so far.
  private(set) var position = 0

  init(_ buffer: UnsafeMutableRawBufferPointer) { self.buffer = buffer }

  @inline(__always)
  mutating func write<Number: FixedWidthInteger>(_ number: Number) {
    precondition(buffer.count - position >= MemoryLayout<Number>.size, "a message outgrew its own byteCount")
    buffer.storeBytes(of: number.bigEndian, toByteOffset: position, as: Number.self)
    position += MemoryLayout<Number>.size
  }

  mutating func write(_ bytes: some Collection<UInt8>) {
    for byte in bytes { write(byte) }
  }

  mutating func writeZeros(byteCount: Int) {
    precondition(buffer.count - position >= byteCount, "a message outgrew its own byteCount")
    // At once: an announce that probes the path is filled up to 65,507 bytes.
    UnsafeMutableRawBufferPointer(rebasing: buffer[position..<position + byteCount])
      .initializeMemory(as: UInt8.self, repeating: 0)
    position += byteCount
  }
}
