internal import Glibc
package import NIOCore

/// Names into socket addresses.
package enum HostResolver {
  /// All addresses of a host, in the order of getaddrinfo (RFC 6724): the first is the one to try first.
  package static func addresses(host: String, port: Int) throws(NetworkError) -> [SocketAddress] {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(host, String(port), &hints, &list)
    guard status == 0 else {
      throw .hostUnknown(host: host, reason: gai_strerror(status).map { String(cString: $0) } ?? "\(status)")
    }
    defer { freeaddrinfo(list) }
    var found: [SocketAddress] = []
    var next = list
    while let entry = next?.pointee {
      if let address = address(of: entry), !found.contains(address) { found.append(address) }
      next = entry.ai_next
    }
    guard !found.isEmpty else { throw .hostUnknown(host: host, reason: "no IPv4 or IPv6 address") }
    return found
  }

  private static func address(of entry: addrinfo) -> SocketAddress? {
    guard let bytes = entry.ai_addr else { return nil }
    let raw = UnsafeRawPointer(bytes)
    switch entry.ai_family {
    case AF_INET where entry.ai_addrlen >= MemoryLayout<sockaddr_in>.size:
      return SocketAddress(raw.loadUnaligned(as: sockaddr_in.self))
    case AF_INET6 where entry.ai_addrlen >= MemoryLayout<sockaddr_in6>.size:
      return SocketAddress(raw.loadUnaligned(as: sockaddr_in6.self))
    default: return nil
    }
  }
}

extension SocketAddress {
  /// `192.0.2.1:25000`, `[fe80::1]:25000`.
  package var text: String {
    let host = plainIPAddress ?? "?"
    if host.contains(":") { return "[\(host)]:\(port ?? 0)" }
    return "\(host):\(port ?? 0)"
  }

  /// The address without its port; an IPv4 address that a socket for both families shows as `::ffff:192.0.2.1` as itself.
  package var plainIPAddress: String? {
    guard let address = ipAddress, address.hasPrefix("::ffff:"), address.contains(".") else { return ipAddress }
    return String(address.dropFirst(7))
  }

  package var isIPv6: Bool { if case .v6 = self { true } else { false } }

  /// The interface index of the IPv6 zone; 0 without one.
  package var scopeIndex: Int {
    guard isIPv6 else { return 0 }
    return Int(bytes(at: 24, as: UInt32.self) ?? 0)  // sin6_scope_id, in host order: ipv6(7)
  }

  /// A field of the kernel's form of this address; nil when it would end behind it. (The structs' own members belong to
  /// a module inside SwiftNIO that is not ours to import.)
  func bytes<Field: BitwiseCopyable>(at offset: Int, as type: Field.Type) -> Field? {
    withSockAddr { pointer, byteCount in
      guard offset + MemoryLayout<Field>.size <= byteCount else { return nil }
      return UnsafeRawPointer(pointer).loadUnaligned(fromByteOffset: offset, as: type)
    }
  }
}
