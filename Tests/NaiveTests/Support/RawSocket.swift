import Foundation
import Glibc
import Testing

/// A plain IPv4 loopback socket, to say to a receiver what no sender of ours would.
final class RawSocket: Sendable {
  private let descriptor: Int32

  init(stream: Bool, to port: Int) throws {
    descriptor = socket(AF_INET, Int32((stream ? SOCK_STREAM : SOCK_DGRAM).rawValue), 0)
    try #require(descriptor >= 0)
    // sockaddr_in: family, port and address in network order, padding.
    var address: [UInt8] = [UInt8(AF_INET), 0, UInt8(port >> 8), UInt8(port & 0xFF), 127, 0, 0, 1]
    address += [UInt8](repeating: 0, count: 8)
    let connected = address.withUnsafeBytes { bytes in
      bytes.withMemoryRebound(to: sockaddr.self) { Glibc.connect(descriptor, $0.baseAddress, 16) }
    }
    try #require(connected == 0)
  }

  deinit { close(descriptor) }

  func send(_ bytes: [UInt8]) throws {
    try #require(Glibc.send(descriptor, bytes, bytes.count, Int32(0x4000)) == bytes.count)
  }

  /// Ends the stream in order.
  func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Makes closing break the connection (SO_LINGER 0).
  func breakOnClose() {
    var linger: (Int32, Int32) = (1, 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, 8)
  }
}
