/// Memory with guard bytes on both sides, at an address that is no multiple of anything: what is written
/// beside it is seen.
final class GuardedBytes {
  private static let guardByteCount = 67
  private static let guardByte: UInt8 = 0xA5
  private let whole: UnsafeMutableRawBufferPointer

  init(_ bytes: [UInt8]) {
    whole = .allocate(byteCount: bytes.count + 2 * Self.guardByteCount, alignment: 64)
    whole.initializeMemory(as: UInt8.self, repeating: Self.guardByte)
    memory.copyBytes(from: bytes)
  }

  /// Of bytes that are not zeros.
  convenience init(count: Int) { self.init([UInt8](repeating: 0x5A, count: count)) }

  deinit { whole.deallocate() }

  var memory: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(
      rebasing: whole[Self.guardByteCount..<whole.count - Self.guardByteCount])
  }

  var bytes: [UInt8] { Array(memory) }

  var areGuardsWhole: Bool {
    whole.prefix(Self.guardByteCount).allSatisfy { $0 == Self.guardByte }
      && whole.suffix(Self.guardByteCount).allSatisfy { $0 == Self.guardByte }
  }
}
