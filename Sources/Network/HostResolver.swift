internal import Glibc
package import NIOCore

/// Names into socket addresses.
package enum HostResolver {
  /// All addresses of a host, in the order of getaddrinfo (RFC 6724): try the first one first. An IPv6 zone
  /// (`fe80::1%eth0`) is removed before the call, because getaddrinfo accepts a zone only on link-local
  /// addresses, and not on `ff15::47%eth0`.
  package static func addresses(host: String, port: Int) throws(NetworkError) -> [SocketAddress] {
    let parts = host.split(separator: "%", maxSplits: 1)
    guard parts.count == 2, host.contains(":") else { return try lookUp(host: host, port: port) }
    let zone = String(parts[1])
    let index = if let number = UInt32(zone) { Int(number) } else { try NetworkInterface.named(zone).index }
    return try lookUp(host: String(parts[0]), port: port).map { $0.scoped(toInterface: index) }
  }

  private static func lookUp(host: String, port: Int) throws(NetworkError) -> [SocketAddress] {
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

  /// The address without its port. A socket for both families shows an IPv4 address as `::ffff:192.0.2.1`;
  /// this returns the IPv4 address itself.
  package var plainIPAddress: String? {
    guard let address = ipAddress, address.hasPrefix("::ffff:"), address.contains(".") else {
      return ipAddress
    }
    return String(address.dropFirst(7))
  }

  /// `plainIPAddress` with its zone by number, as a resolver takes it: `fe80::1%3`.
  package var zonedIPAddress: String? {
    plainIPAddress.map { scopeIndex > 0 && !$0.contains("%") ? "\($0)%\(scopeIndex)" : $0 }
  }

  /// For a socket that listens: every address is one word.
  package var listeningText: String {
    ipAddress == "::" || ipAddress == "0.0.0.0" ? "port \(port ?? 0), all addresses" : text
  }

  package var isIPv6: Bool { if case .v6 = self { true } else { false } }

  /// The interface index of the IPv6 zone; 0 without one.
  package var scopeIndex: Int {
    guard isIPv6 else { return 0 }
    return Int(bytes(at: 24, as: UInt32.self) ?? 0)  // sin6_scope_id, in host order: ipv6(7)
  }

  /// This IPv6 address with its zone set to an interface, unless it has a zone already. An IPv4 address is
  /// unchanged.
  package func scoped(toInterface index: Int) -> SocketAddress {
    guard isIPv6, index > 0, scopeIndex == 0 else { return self }
    return withSockAddr { pointer, byteCount in
      var bytes = Array(UnsafeRawBufferPointer(start: pointer, count: byteCount))
      guard bytes.count >= MemoryLayout<sockaddr_in6>.size else { return self }
      return bytes.withUnsafeMutableBytes { bytes in
        // sin6_scope_id, in host order: ipv6(7)
        bytes.storeBytes(of: UInt32(index), toByteOffset: 24, as: UInt32.self)
        return SocketAddress(bytes.loadUnaligned(as: sockaddr_in6.self))
      }
    }
  }

  /// An address in the kernel's form, as recvmsg(2) and getsockname(2) return it; nil for families other than
  /// IPv4 and IPv6.
  package init?(kernelForm: UnsafeRawBufferPointer) {
    guard kernelForm.count >= MemoryLayout<sa_family_t>.size else { return nil }
    switch Int32(kernelForm.loadUnaligned(as: sa_family_t.self)) {
    case AF_INET where kernelForm.count >= MemoryLayout<sockaddr_in>.size:
      self.init(kernelForm.loadUnaligned(as: sockaddr_in.self))
    case AF_INET6 where kernelForm.count >= MemoryLayout<sockaddr_in6>.size:
      self.init(kernelForm.loadUnaligned(as: sockaddr_in6.self))
    default: return nil
    }
  }

  /// The address without its port, in network order: 4 or 16 bytes; empty for an address that is not IP.
  package var addressBytes: [UInt8] {
    // sin_addr stands at 4, sin6_addr at 8: ip(7), ipv6(7).
    switch self {
    case .v4: bytes(at: 4, as: UInt32.self).map { withUnsafeBytes(of: $0, Array.init) } ?? []
    case .v6: bytes(at: 8, as: (UInt64, UInt64).self).map { withUnsafeBytes(of: $0, Array.init) } ?? []
    case .unixDomainSocket: []
    }
  }

  /// A field of the kernel's form of this address; nil when it would lie behind its end. (The structs' own
  /// members belong to a module inside SwiftNIO that we may not import.)
  func bytes<Field: BitwiseCopyable>(at offset: Int, as type: Field.Type) -> Field? {
    withSockAddr { pointer, byteCount in
      guard offset + MemoryLayout<Field>.size <= byteCount else { return nil }
      return UnsafeRawPointer(pointer).loadUnaligned(fromByteOffset: offset, as: type)
    }
  }
}
