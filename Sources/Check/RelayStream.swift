import FoundationEssentials
import Glibc
import NIOCore

/// TCP sockets on 127.0.0.1.
enum RelayStream {
  /// A listening socket at a free port; nil when there is none.
  static func listen() -> Int32? {
    guard let descriptor = open() else { return nil }
    guard named(0, { Glibc.bind(descriptor, $0, $1) }) == 0, Glibc.listen(descriptor, 128) == 0 else {
      close(descriptor)
      return nil
    }
    return descriptor
  }

  /// A connection to this port; nil when nobody listens there.
  static func connect(_ port: Int) -> Int32? {
    guard let descriptor = open() else { return nil }
    guard named(port, { Glibc.connect(descriptor, $0, $1) }) == 0 else {
      close(descriptor)
      return nil
    }
    var isOn: Int32 = 1
    setsockopt(
      descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
    return descriptor
  }

  /// A connection whose other side hears a reset when it is closed.
  static func resetsWhenClosed(_ descriptor: Int32) {
    var atOnce = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &atOnce, socklen_t(MemoryLayout<linger>.size))
  }

  /// The port that a socket has.
  static func port(of descriptor: Int32) -> Int? {
    // struct sockaddr_in: the family, then the port in network order (ip(7)).
    var name = [UInt8](repeating: 0, count: 16)
    var byteCount = socklen_t(name.count)
    let code = name.withUnsafeMutableBytes { bytes in
      bytes.withMemoryRebound(to: sockaddr.self) { getsockname(descriptor, $0.baseAddress, &byteCount) }
    }
    return code == 0 ? Int(name[2]) << 8 | Int(name[3]) : nil
  }

  /// Whether the program at the other end of a connection has not read all that arrived there.
  static func hasUnread(_ descriptor: Int32) -> Bool {
    guard let port = port(of: descriptor) else { return false }
    let remote = "0100007F" + LoopbackPort.tableText(port)
    // The other end's line has our address as the remote one: local, remote, state, queues to send and to
    // read.
    for path in ["/proc/self/net/tcp", "/proc/self/net/tcp6"] {
      let table = String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
      for line in table.split(separator: "\n") {
        let words = line.split(separator: " ")
        guard words.count > 4, words[2].hasSuffix(remote) else { continue }
        return words[4].split(separator: ":").last.flatMap { Int($0, radix: 16) } ?? 0 > 0
      }
    }
    return false
  }

  private static func open() -> Int32? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    return descriptor >= 0 ? descriptor : nil
  }

  /// Calls with the address 127.0.0.1 and this port.
  static func named(_ port: Int, _ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    let address = try? SocketAddress(ipAddress: "127.0.0.1", port: port)
    return address?.withSockAddr { call($0, socklen_t($1)) } ?? -1
  }
}
