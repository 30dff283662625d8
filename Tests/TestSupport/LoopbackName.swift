package import Glibc

/// `struct sockaddr_in` by its bytes: beside SwiftNIO its members belong to a module that is not ours to
/// import.
package enum LoopbackName {
  private static let byteCount = 16

  /// Calls `body` with 127.0.0.1 and a port, as bind(2) and connect(2) want it.
  package static func with(port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    withUnsafeTemporaryAllocation(byteCount: byteCount, alignment: 8) { name in
      name.initializeMemory(as: UInt8.self, repeating: 0)
      name.storeBytes(of: sa_family_t(AF_INET), as: sa_family_t.self)
      name.storeBytes(of: UInt16(port).bigEndian, toByteOffset: 2, as: UInt16.self)
      name.storeBytes(of: UInt32(0x7F00_0001).bigEndian, toByteOffset: 4, as: UInt32.self)
      guard let base = name.baseAddress else { return -1 }
      return body(UnsafePointer(base.assumingMemoryBound(to: sockaddr.self)), socklen_t(byteCount))
    }
  }

  /// The port that a socket is bound to.
  package static func port(of descriptor: Int32) -> Int? {
    withUnsafeTemporaryAllocation(byteCount: byteCount, alignment: 8) { name in
      var length = socklen_t(byteCount)
      guard let base = name.baseAddress,
        getsockname(descriptor, base.assumingMemoryBound(to: sockaddr.self), &length) == 0
      else { return nil }
      return Int(UInt16(bigEndian: name.load(fromByteOffset: 2, as: UInt16.self)))
    }
  }
}
