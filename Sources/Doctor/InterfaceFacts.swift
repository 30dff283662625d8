import NIOCore

/// Facts about one network interface.
package struct InterfaceFacts: Equatable, Sendable {
  package var name: String
  package var index: Int
  /// netdevice(7)'s IFF_ flags.
  package var flags: UInt32
  package var mtuByteCount: Int
  package var isWireless: Bool
  /// "tunnel", "bridge", "container link"…; nil for what looks like a real one.
  package var virtualKind: String?
  package var hasCarrier: Bool
  /// Addresses as text.
  package var addresses: [String]
  /// IPv4 broadcast addresses as text.
  package var broadcastAddresses: [String]

  package init(
    name: String, index: Int = 1, flags: UInt32, mtuByteCount: Int = 1_500, isWireless: Bool = false,
    virtualKind: String? = nil, hasCarrier: Bool = true, addresses: [String] = [],
    broadcastAddresses: [String] = []
  ) {
    self.name = name
    self.index = index
    self.flags = flags
    self.mtuByteCount = mtuByteCount
    self.isWireless = isWireless
    self.virtualKind = virtualKind
    self.hasCarrier = hasCarrier
    self.addresses = addresses
    self.broadcastAddresses = broadcastAddresses
  }

  package var isUp: Bool { flags & 0x1 != 0 }
  package var canBroadcast: Bool { flags & 0x2 != 0 }
  package var isLoopback: Bool { flags & 0x8 != 0 }
  package var canMulticast: Bool { flags & 0x1000 != 0 }

  /// All interfaces of this host, by /sys/class/net; addresses by getifaddrs.
  package static func all(_ files: HostFiles = HostFiles()) -> [InterfaceFacts] {
    let devices = (try? System.enumerateDevices()) ?? []
    return files.names(in: "/sys/class/net").compactMap { name in
      let folder = "/sys/class/net/\(name)"
      guard let text = files.text(folder + "/flags"), let flags = UInt32(text.dropFirst(2), radix: 16) else {
        return nil
      }
      let own = devices.filter { $0.name == name }
      return InterfaceFacts(
        name: name, index: files.number(folder + "/ifindex") ?? 0, flags: flags,
        mtuByteCount: files.number(folder + "/mtu") ?? 1_500,
        isWireless: files.exists(folder + "/wireless") || files.exists(folder + "/phy80211"),
        virtualKind: virtualKind(name, folder, files),
        // Unreadable while the interface is down.
        hasCarrier: files.number(folder + "/carrier") ?? 1 == 1,
        addresses: own.compactMap { $0.address?.ipAddress },
        broadcastAddresses: own.compactMap { $0.broadcastAddress?.ipAddress })
    }
  }

  /// Prefixes of the interface names that programs choose. For other interfaces the kernel knows the kind.
  private static let prefixes = [
    ("docker", "container bridge"), ("br-", "container bridge"), ("virbr", "virtual machine bridge"),
    ("tailscale", "VPN tunnel"), ("wg", "VPN tunnel"), ("tun", "VPN tunnel"), ("tap", "VPN tunnel"),
    ("ppp", "dial-up or VPN tunnel"),
    ("zt", "VPN tunnel"), ("podman", "container bridge"), ("cni", "container bridge"),
  ]

  private static func virtualKind(_ name: String, _ folder: String, _ files: HostFiles) -> String? {
    if let (_, kind) = prefixes.first(where: { name.hasPrefix($0.0) }) { return kind }
    if files.exists(folder + "/tun_flags") { return "VPN tunnel" }
    if files.text(folder + "/uevent")?.contains("DEVTYPE=wireguard") ?? false { return "VPN tunnel" }
    return switch files.number(folder + "/type") {
    case 512: "dial-up or VPN tunnel"  // ARPHRD_PPP
    case 768, 769, 776, 778: "tunnel"  // ARPHRD_TUNNEL, TUNNEL6, SIT, IPGRE
    case 65_534: "VPN tunnel"  // ARPHRD_NONE
    default: nil
    }
  }
}
