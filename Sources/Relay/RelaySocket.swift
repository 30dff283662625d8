import Datagrams
import NIOCore

/// A socket of a relay: reads and writes one datagram at a time, and never waits. Each keeps its ECN field
/// (RFC 3168), so that marks of the path before the relay are not lost.
struct RelaySocket {
  private let socket: UDPSocket

  init(_ socket: UDPSocket) {
    self.socket = socket
    socket.tellMarks()
  }

  var descriptor: Int32 { socket.descriptor }
  var localAddress: SocketAddress? { socket.localAddress }

  /// The next datagram that waits, in `buffer`, its sender and its ECN field; nil when none does.
  func read(
    into buffer: UnsafeMutableRawBufferPointer
  ) -> (byteCount: Int, sender: SocketAddress, congestionField: UInt8)? {
    socket.receive(into: buffer)
  }

  /// Whether the kernel took it.
  func write(_ bytes: [UInt8], congestionField: UInt8, to address: SocketAddress) -> Bool {
    socket.send(bytes, to: address, congestionField: congestionField)
  }
}
