import Datagrams
import Glibc
import NIOCore
import Network

/// A socket of a relay: reads and writes one datagram at a time, and never waits.
struct RelaySocket {
  private let socket: UDPSocket

  init(_ socket: UDPSocket) { self.socket = socket }

  var descriptor: Int32 { socket.descriptor }
  var localAddress: SocketAddress? { socket.localAddress }

  /// The next datagram that waits, in `buffer`, and its sender; nil when none does.
  func read(into buffer: UnsafeMutableRawBufferPointer) -> (byteCount: Int, sender: SocketAddress)? {
    withUnsafeTemporaryAllocation(of: sockaddr_storage.self, capacity: 1) {
      name -> (byteCount: Int, sender: SocketAddress)? in
      guard let base = name.baseAddress else { return nil }
      let raw = UnsafeMutableRawPointer(base)
      while true {
        var nameByteCount = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let count = recvfrom(
          descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT),
          raw.assumingMemoryBound(to: sockaddr.self), &nameByteCount)
        if count < 0, errno == EINTR { continue }
        let kernelForm = UnsafeRawBufferPointer(start: raw, count: Int(nameByteCount))
        guard count >= 0, let sender = SocketAddress(kernelForm: kernelForm) else { return nil }
        return (count, sender)
      }
    }
  }

  /// Whether the kernel took it.
  func write(_ bytes: [UInt8], to address: SocketAddress) -> Bool {
    address.withSockAddr { name, nameByteCount in
      bytes.withUnsafeBytes { bytes in
        while true {
          let count = sendto(
            descriptor, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT), name,
            socklen_t(nameByteCount))
          if count < 0, errno == EINTR { continue }
          return count == bytes.count
        }
      }
    }
  }
}
