import Datagrams
package import Ground
package import NIOCore

/// The loop of a driver in virtual time: a test hands over what arrives, takes what is sent, and says how
/// late it is.
package final class VirtualSocket {
  let loop: DatagramLoop

  /// `clock`: where the time is, which the test moves on; it outlives this value. `send`: one datagram and
  /// where it goes; its bytes are valid during the call.
  package init(
    clock: UnsafePointer<Instant>, send: @escaping (UnsafeRawBufferPointer, SocketAddress) -> Void
  ) throws {
    let socket = UDPSocket(descriptor: -1)
    socket.carrier = { bytes, segment, address in
      bytes.eachSegment(max(1, segment)) { send($0, address) }
    }
    loop = try DatagramLoop(socket: socket, clock: SessionClock(virtual: clock))
  }

  /// A datagram and its sender's address in the kernel's form.
  package struct Datagram: Sendable {
    package var bytes: [UInt8]
    package var sender: [UInt8]

    package init(bytes: [UInt8], sender: [UInt8]) {
      self.bytes = bytes
      self.sender = sender
    }
  }

  /// An address as a datagram brings it.
  package static func kernelForm(_ address: SocketAddress) -> [UInt8] {
    address.withSockAddr { name, count in Array(UnsafeRawBufferPointer(start: name, count: count)) }
  }

  /// One turn: all datagrams as one read. Returns when the next turn is due.
  func turn(_ driver: some DatagramDriver, _ datagrams: [Datagram]) -> Instant {
    var bytes: [UInt8] = []
    var places: [Range<Int>] = []
    for datagram in datagrams {
      for piece in [datagram.bytes, datagram.sender] {
        places.append(bytes.count..<bytes.count + piece.count)
        bytes += piece
      }
    }
    return bytes.withUnsafeBytes { all in
      let pieces = places.map { UnsafeRawBufferPointer(rebasing: all[$0]) }
      let arrivals = datagrams.indices.map { Arrival(datagram: pieces[2 * $0], name: pieces[2 * $0 + 1]) }
      return loop.turn(driver, arrivals)
    }
  }
}
