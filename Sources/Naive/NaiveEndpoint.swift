package import Ground

/// Where a sender sends to or a receiver listens at.
package struct NaiveEndpoint: Equatable, Sendable {
  package var mode: TransferMode
  /// Sender: the receiver's host name or address, the broadcast address or the group. Receiver: the address
  /// to bind, or the group to join. An IPv6 zone is written as usual: `fe80::1%eth0`, `ff15::47%eth0`.
  package var host: String
  /// UDP or TCP port in [0, 65535]. With 0 a receiver takes a free port; for a sender it is an error.
  package var port: Int
  /// The interface's name (`eth1`) or one of its addresses (`192.168.56.104`). A sender sends by it, and a
  /// receiver hears nothing from others. Nil: the routing table chooses, and a receiver hears all interfaces
  /// (a group: that of its route).
  package var interface: String?
  /// Multicast only: how many routers a datagram may pass, in [0, 255]. The course's value 1 keeps it on the
  /// link.
  package var timeToLive: Int
  /// Multicast only: whether receivers on the sending host also hear the datagrams. True is the default of
  /// the kernel and of the course.
  package var isLoopbackEnabled: Bool

  package init(
    mode: TransferMode, host: String, port: Int = NaiveLimit.defaultPort, interface: String? = nil,
    timeToLive: Int = 1, isLoopbackEnabled: Bool = true
  ) {
    self.mode = mode
    self.host = host
    self.port = port
    self.interface = interface
    self.timeToLive = timeToLive
    self.isLoopbackEnabled = isLoopbackEnabled
  }

  /// Checks what can be checked without the network.
  func validate(lowestPort: Int) throws(NaiveError) {
    guard !host.isEmpty else { throw .invalidConfiguration("no address given: name a host or an address") }
    guard (lowestPort...65_535).contains(port) else {
      throw .invalidConfiguration("port \(port) is outside \(lowestPort)…65535")
    }
    guard (0...255).contains(timeToLive) else {
      throw .invalidConfiguration("time to live \(timeToLive) is outside 0…255")
    }
  }
}
