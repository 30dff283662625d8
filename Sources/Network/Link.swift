package import NIOCore

/// A link of this host, by one of its interfaces.
package struct Link: Equatable, Sendable {
  /// A host with more interfaces uses the first ones: by default Linux lets a socket join 20 groups.
  package static let limit = 16

  package var interface: NetworkInterface
  /// The broadcast address of its first IPv4 network; nil where it has none.
  package var broadcast: SocketAddress?
  package var hasIPv4: Bool
  package var hasIPv6: Bool

  /// The links whose interfaces have an address, in the order of their numbers; `name`: only the interface of
  /// this name or address.
  package static func all(named name: String? = nil) throws(NetworkError) -> [Link] {
    let only = try name.map { (name) throws(NetworkError) in try NetworkInterface.named(name) }
    var links: [Int: Link] = [:]
    for device in (try? System.enumerateDevices()) ?? [] {
      guard let address = device.address, only == nil || device.interfaceIndex == only?.index else {
        continue
      }
      let interface = NetworkInterface(name: device.name, index: device.interfaceIndex)
      var link =
        links[interface.index]
        ?? Link(interface: interface, broadcast: nil, hasIPv4: false, hasIPv6: false)
      link.hasIPv4 = link.hasIPv4 || address.protocol == .inet
      link.hasIPv6 = link.hasIPv6 || address.protocol == .inet6
      link.broadcast = link.broadcast ?? AddressKind.broadcast(of: device)
      links[interface.index] = link
    }
    return Array(links.values.sorted { $0.interface.index < $1.interface.index }.prefix(limit))
  }

  /// Whether the address is that of a host on one of this host's links. An IPv6 address is one when its scope
  /// is the link (fe80::/10), or loopback's.
  package static func reaches(_ address: SocketAddress) -> Bool {
    guard let plain = address.withoutMapping else { return false }
    let bytes = plain.addressBytes
    guard bytes.count == 16 else { return AddressKind.isHostHere(plain) }
    return bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80 || bytes == Array(repeating: 0, count: 15) + [1]
  }
}

extension SocketAddress {
  /// An IPv4 address that a socket for both families shows as `::ffff:192.0.2.1`, as itself; any other
  /// unchanged.
  package var withoutMapping: SocketAddress? {
    guard let plain = plainIPAddress, plain != ipAddress else { return self }
    return try? SocketAddress(ipAddress: plain, port: port ?? 0)
  }
}
