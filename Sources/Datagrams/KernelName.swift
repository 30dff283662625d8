/// An address in the kernel's form (`sockaddr_in`, 16 bytes, or `sockaddr_in6`, 28 bytes), to be compared for
/// each datagram: without a conversion, and without memory of its own.
package struct KernelName: Equatable, Sendable {
  private var words = SIMD4<UInt64>.zero
  private let byteCount: Int

  /// Of a longer name only the first 32 bytes count; the kernel gives none.
  init(_ name: UnsafeRawBufferPointer) {
    byteCount = name.count
    withUnsafeMutableBytes(of: &words) {
      $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: name.prefix($0.count)))
    }
  }
}
