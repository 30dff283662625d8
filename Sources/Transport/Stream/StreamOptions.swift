package import Keys

/// One receiver to send to.
package struct StreamDestination: Equatable, Sendable {
  /// A name or an address.
  package var host: String
  /// 1 ... 65,535.
  package var port: Int

  package init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// "HOST:PORT", an IPv6 address in brackets.
  package var text: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// What a sender over TCP may be told.
package struct StreamSendOptions: Equatable, Sendable {
  /// How long to go on trying to connect: receivers may start a moment later. ≥ 0.
  package var connectSeconds = 10.0
  /// How long nothing may move before the connection is given up. > 0.
  package var idleSeconds = 15.0
  /// What the receivers must have as well; nil: everyone can read and send.
  package var secret: SessionSecret?
  /// Name or address of the interface to connect by; nil leaves it to the routing table.
  package var interface: String?

  package init() {}
}
