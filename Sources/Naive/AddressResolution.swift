internal import Glibc
internal import NIOCore

/// Names into socket addresses.
enum AddressResolution {
  /// The address of `endpoint`, checked against its mode. IPv4 goes first where a name has both: the course's programs
  /// know no other.
  static func resolve(_ endpoint: NaiveEndpoint) throws(NaiveError) -> SocketAddress {
    let address = try resolve(host: endpoint.host, port: endpoint.port)
    switch endpoint.mode {
    case .multicast where !address.isMulticast:
      throw .unsuitableAddress(
        "\(endpoint.host) is no multicast group: IPv4 groups are 224.0.0.0 to 239.255.255.255, IPv6 groups start with ff"
      )
    case .unicast where address.isMulticast, .tcp where address.isMulticast:
      throw .unsuitableAddress("\(endpoint.host) is a multicast group: use the multicast mode")
    case .broadcast:
      guard case .v4 = address else {
        throw .unsuitableAddress(
          "\(endpoint.host): IPv6 has no broadcast; use multicast, or an IPv4 broadcast address")
      }
    default: break
    }
    return address
  }

  /// An IPv6 zone is taken off first: getaddrinfo accepts one on link-local addresses only, and ff15:: has other scope.
  private static func resolve(host: String, port: Int) throws(NaiveError) -> SocketAddress {
    let parts = host.split(separator: "%", maxSplits: 1)
    guard parts.count == 2, host.contains(":") else { return try resolve(zoneless: host, port: port) }
    let zone = String(parts[1])
    let index: Int
    if let number = UInt32(zone) {
      index = Int(number)
    } else {
      index = try MulticastOptions.interfaceIndex(of: zone)
    }
    return scope(try resolve(zoneless: String(parts[0]), port: port), toInterface: index)
  }

  private static func resolve(zoneless host: String, port: Int) throws(NaiveError) -> SocketAddress {
    var status: Int32 = 0
    for family in [AF_INET, AF_INET6] {
      switch lookUp(host: host, port: port, family: family) {
      case .success(let address): return address
      case .failure(let failure): status = family == AF_INET6 && status != 0 ? status : failure.code
      }
    }
    let reason = gai_strerror(status).map { String(cString: $0) } ?? "error \(status)"
    throw .cannotResolve(host: host, reason: reason)
  }

  private struct LookUpFailure: Error { var code: Int32 }

  private static func lookUp(host: String, port: Int, family: Int32) -> Result<SocketAddress, LookUpFailure> {
    var hints = addrinfo()
    hints.ai_family = family
    var list: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(host, String(port), &hints, &list)
    guard status == 0, let first = list?.pointee, let bytes = first.ai_addr else {
      return .failure(LookUpFailure(code: status))
    }
    defer { freeaddrinfo(list) }
    let raw = UnsafeRawPointer(bytes)
    if family == AF_INET, first.ai_addrlen >= MemoryLayout<sockaddr_in>.size {
      return .success(SocketAddress(raw.loadUnaligned(as: sockaddr_in.self)))
    }
    guard family == AF_INET6, first.ai_addrlen >= MemoryLayout<sockaddr_in6>.size else {
      return .failure(LookUpFailure(code: EAI_FAMILY))
    }
    return .success(SocketAddress(raw.loadUnaligned(as: sockaddr_in6.self)))
  }

  /// The address that a sender's socket is bound to: any, any port, of the receiver's family.
  static func wildcard(like address: SocketAddress) throws -> SocketAddress {
    if case .v6 = address { return try SocketAddress(ipAddress: "::", port: 0) }
    return try SocketAddress(ipAddress: "0.0.0.0", port: 0)
  }

  /// `address` with its IPv6 zone set to an interface, unless it names one already.
  static func scope(_ address: SocketAddress, toInterface index: Int) -> SocketAddress {
    guard case .v6 = address, index > 0, address.scopeIndex == 0 else { return address }
    return address.withSockAddr { pointer, byteCount in
      var bytes = Array(UnsafeRawBufferPointer(start: pointer, count: byteCount))
      guard bytes.count >= MemoryLayout<sockaddr_in6>.size else { return address }
      return bytes.withUnsafeMutableBytes { bytes in
        // sin6_scope_id, in host order: ipv6(7)
        bytes.storeBytes(of: UInt32(index), toByteOffset: 24, as: UInt32.self)
        return SocketAddress(bytes.loadUnaligned(as: sockaddr_in6.self))
      }
    }
  }
}

extension SocketAddress {
  /// `192.0.2.1:25000`, `[fe80::1]:25000`.
  var text: String {
    let host = ipAddress ?? "?"
    let port = port ?? 0
    if case .v6 = self { return "[\(host)]:\(port)" }
    return "\(host):\(port)"
  }

  /// The interface index of the IPv6 zone; 0 without one.
  var scopeIndex: Int {
    guard case .v6 = self else { return 0 }
    return Int(bytes(at: 24, as: UInt32.self) ?? 0)  // sin6_scope_id, in host order: ipv6(7)
  }

  /// A field of the kernel's form of this address; nil when it would end behind it. (The structs' own members belong
  /// to a module inside SwiftNIO that is not ours to import.)
  func bytes<Field: BitwiseCopyable>(at offset: Int, as type: Field.Type) -> Field? {
    withSockAddr { pointer, byteCount in
      guard offset + MemoryLayout<Field>.size <= byteCount else { return nil }
      return UnsafeRawPointer(pointer).loadUnaligned(fromByteOffset: offset, as: type)
    }
  }
}
