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
  /// Name or address of the interface to connect by; nil leaves it to the routing table.
  package var interface: String?

  package init() {}
}

/// What a receiver over TCP may be told.
package struct StreamReceiveOptions: Equatable, Sendable {
  /// The address to listen at, a name or "0.0.0.0" or "::".
  package var bindHost = "0.0.0.0"
  /// 0 ... 65,535; 0: any that is free.
  package var port = 25_000
  /// Name or address of the one interface to take connections from; nil: all.
  package var interface: String?
  /// Where the files go; made when it does not exist.
  package var inboxPath: String
  /// Whether files of the same name are replaced.
  package var overwrite = false
  /// What the sender calls this receiver; ≤ 64 bytes of it are used.
  package var hostName = "receiver"
  /// How long a sender may be silent before its connection is given up. > 0.
  package var idleSeconds = 15.0
  /// How long to wait for a session to begin; nil: for ever.
  package var waitSeconds: Double?

  package init(inboxPath: String) { self.inboxPath = inboxPath }
}

/// Whom a receiver tells what. All are called on its event loop: be quick, do not block.
package struct StreamReceiveCallbacks: Sendable {
  /// A session began.
  package var onBegin: @Sendable (StreamSessionStart) -> Void = { _ in }
  /// About ten times a second.
  package var onProgress: @Sendable (TransferProgress) -> Void = { _ in }
  /// A file is verified and visible.
  package var onFile: @Sendable (FileArrival) -> Void = { _ in }
  /// A line for people: a connection was turned away, and why.
  package var onNotice: @Sendable (String) -> Void = { _ in }

  package init() {}
}

/// What is known of a session when it begins.
package struct StreamSessionStart: Codable, Equatable, Sendable {
  /// Address and port.
  package var sender: String
  /// 16 hexadecimal digits.
  package var sessionID: String
  package var fileCount: Int
  package var fileByteCount: UInt64

  package init(sender: String, sessionID: String, fileCount: Int, fileByteCount: UInt64) {
    self.sender = sender
    self.sessionID = sessionID
    self.fileCount = fileCount
    self.fileByteCount = fileByteCount
  }
}
