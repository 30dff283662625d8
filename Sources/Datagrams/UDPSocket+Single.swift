import Glibc
package import NIOCore
import Network

/// Single datagrams, for a socket that no loop runs.
extension UDPSocket {
  /// Sends a datagram, or does not when the kernel refuses it: the caller repeats what matters.
  package func send(_ bytes: [UInt8], to address: SocketAddress) {
    address.withSockAddr { name, nameByteCount in
      _ = bytes.withUnsafeBytes {
        sendto(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT), name, socklen_t(nameByteCount))
      }
    }
  }

  /// The next datagram and its sender, without waiting; nil when there is none. Bytes beyond `byteCount` are
  /// cut off.
  package func receive(atMost byteCount: Int) -> (bytes: [UInt8], sender: SocketAddress?)? {
    var bytes = [UInt8](repeating: 0, count: byteCount)
    var name = sockaddr_storage()
    var nameByteCount = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let count = bytes.withUnsafeMutableBytes { buffer in
      withUnsafeMutablePointer(to: &name) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          recvfrom(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT), $0, &nameByteCount)
        }
      }
    }
    guard count >= 0 else { return nil }
    bytes.removeLast(byteCount - count)
    let sender = withUnsafeBytes(of: &name) {
      SocketAddress(kernelForm: UnsafeRawBufferPointer(rebasing: $0.prefix(Int(nameByteCount))))
    }
    return (bytes, sender)
  }
}
