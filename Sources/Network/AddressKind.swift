package import NIOCore

/// Whom a datagram to this address reaches, as far as this host can tell.
package enum AddressKind: Equatable, Sendable {
  case oneHost
  /// All hosts of a link.
  case broadcast
  /// Those who joined.
  case group

  /// 224.0.0.0/4 and ff00::/8 are groups. 255.255.255.255 and the broadcast addresses of this host's
  ///      interfaces are broadcasts. The broadcast addresses of other links are known only to the hosts
  ///      there, so they count as hosts.
  package init(_ address: SocketAddress) {
    let bytes = address.addressBytes
    if bytes.count == 4, let first = bytes.first, (224...239).contains(first) {
      self = .group
    } else if bytes.count == 16, bytes.first == 0xFF {
      self = .group
    } else if bytes == [255, 255, 255, 255] || Self.links.contains(where: { $0.broadcast == bytes }) {
      self = .broadcast
    } else {
      self = .oneHost
    }
  }

  /// Whether the address is that of a host on one of this host's links. Then it is certainly no broadcast
  /// address.
  package static func isHostHere(_ address: SocketAddress) -> Bool {
    let bytes = address.addressBytes
    guard AddressKind(address) == .oneHost else { return false }
    return links.contains { link in
      link.address == bytes
        || zip(zip(link.address, link.mask), bytes).allSatisfy { ($0.0 & $0.1) == ($1 & $0.1) }
    }
  }

  private struct Network {
    var address: [UInt8]
    var mask: [UInt8]
    var broadcast: [UInt8]
  }

  /// The IPv4 links of this host. For loopback the interface does not tell a broadcast address, but the
  /// kernel has one.
  private static var links: [Network] {
    ((try? System.enumerateDevices()) ?? []).compactMap { device in
      guard let address = device.address?.addressBytes, address.count == 4,
        let mask = device.netmask?.addressBytes, mask.count == 4
      else { return nil }
      return Network(address: address, mask: mask, broadcast: broadcastBytes(device, address, mask))
    }
  }

  private static func broadcastBytes(
    _ device: NIONetworkDevice, _ address: [UInt8], _ mask: [UInt8]
  ) -> [UInt8] {
    let last = zip(address, mask).map { $0 | ~$1 }
    // A network of one or two addresses (/32, /31) has no broadcast address, RFC 3021.
    return device.broadcastAddress?.addressBytes ?? (mask[3] < 254 ? last : [])
  }

  /// The broadcast address of an interface's IPv4 network, with port 0; nil where there is none.
  static func broadcast(of device: NIONetworkDevice) -> SocketAddress? {
    guard let address = device.address?.addressBytes, address.count == 4,
      let mask = device.netmask?.addressBytes, mask.count == 4
    else { return nil }
    let bytes = broadcastBytes(device, address, mask)
    guard bytes.count == 4 else { return nil }
    return try? SocketAddress(ipAddress: bytes.map(String.init).joined(separator: "."), port: 0)
  }
}
