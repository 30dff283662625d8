import Ground
import NIOCore
import Network

/// Whether the kernel knows a way, and how large a packet may be on it.
enum RouteChecks {
  static func destination(_ address: SocketAddress, _ request: DoctorRequest) -> Finding? {
    let text = address.ipAddress ?? "?"
    switch request.mode {
    case .multicast where !address.isMulticast:
      return .broken(
        "group", "\(text) is no multicast group: groups are 224.0.0.0 to 239.255.255.255, and ff00::/8",
        mend: "gallery doctor --mode multicast --group 239.1.1.5")
    case .multicast where text.hasPrefix("224.0.0."):
      return .doubtful(
        "group", "\(text) is reserved for routing protocols (RFC 5771 §4): every port of a switch gets it",
        mend: "use a group of 239.0.0.0/8, such as 239.1.1.5")
    case .unicast where address.isMulticast, .tcp where address.isMulticast:
      return .broken(
        "destination", "\(text) is a multicast group", mend: "gallery doctor --mode multicast --group \(text)"
      )
    case .broadcast where address.isIPv6:
      return .broken(
        "destination", "IPv6 has no broadcast", mend: "gallery doctor --mode multicast --group ff15::1:5")
    default: return nil
    }
  }

  static func broadcast(_ address: SocketAddress, _ interface: InterfaceFacts) -> Finding {
    let text = address.ipAddress ?? "?"
    if text == "255.255.255.255" || interface.broadcastAddresses.contains(text) {
      return .fine("broadcast", "\(text) is a broadcast address of \(interface.name)")
    }
    guard let known = interface.broadcastAddresses.first else {
      return .broken(
        "broadcast", "\(interface.name) has no broadcast address",
        mend:
          "sudo ip address change \(interface.addresses.first ?? "ADDRESS")/24 brd + dev \(interface.name)")
    }
    return .broken(
      "broadcast", "\(text) is no broadcast address of \(interface.name), \(known) is",
      mend: "gallery send DIR --mode broadcast --to \(known)")
  }

  static func missing(_ error: NetworkError, _ request: DoctorRequest, _ interfaces: [InterfaceFacts])
    -> [Finding]
  {
    if case .hostUnknown = error {
      return [.broken("destination", error.description, mend: "getent hosts \(request.host ?? "HOST")")]
    }
    let others = interfaces.filter { !$0.isLoopback }
    let device = request.interface ?? others.first { $0.isUp }?.name ?? others.first?.name
    let host = request.host ?? "HOST"
    let mend =
      switch (request.mode, device) {
      case (.multicast, let device?):
        "sudo ip route add 224.0.0.0/4 dev \(device)   # or name the interface: --interface \(device)"
      case (.multicast, nil):
        "gallery doctor --mode multicast --group \(host) --interface lo   # no other interface: receivers on this host hear it"
      case (.broadcast, _): "ip -br address   # its network's broadcast address, with an interface that is up"
      case (.unicast, let device?), (.tcp, let device?):
        "sudo ip route add \(host) dev \(device)   # or the gateway: via ADDRESS"
      case (.unicast, nil), (.tcp, nil): "ip -br link   # this host has no interface but the loopback"
      }
    let down = others.filter { !$0.isUp && $0.name != request.interface }
    return [.broken("route", "no route to \(request.host ?? "?")", mend: mend)]
      + down.map { .doubtful("interface", "\($0.name) is down", mend: "sudo ip link set \($0.name) up") }
  }

  static func found(
    _ route: Route, _ interface: InterfaceFacts, _ request: DoctorRequest, others: [InterfaceFacts]
  ) -> [Finding] {
    let target = request.host ?? "?"
    var findings = [
      Finding.fine("route", "\(target) by \(interface.name), from \(route.source.ipAddress ?? "?")")
    ]
    let rivals = others.filter {
      $0.name != interface.name && $0.isUp && $0.canMulticast && !$0.isLoopback && $0.virtualKind == nil
        && !$0.addresses.isEmpty
    }
    if request.mode == .multicast, request.interface == nil, let rival = rivals.first {
      findings.append(
        .doubtful(
          "route",
          "nobody named an interface: the group goes out of \(interface.name) alone, and this host has also "
            + rivals.map(\.name).joined(separator: ", "),
          mend: "--interface \(interface.name)   # or \(rival.name): say which"))
    }
    return findings + [mtu(route, interface, request)]
  }

  private static func mtu(_ route: Route, _ interface: InterfaceFacts, _ request: DoctorRequest) -> Finding {
    let mtu = route.mtuByteCount
    // In unicast the sender finds out what the path carries.
    if mtu > 1_500, !interface.isLoopback, request.mode.isGroup {
      return .doubtful(
        "MTU",
        "\(interface.name) carries \(mtu) bytes: every host and switch on the way must, or nothing arrives",
        mend:
          "gallery send DIR --mode \(request.mode.rawValue) --to \(request.host ?? "GROUP") --mtu 1500   # when they do not"
      )
    }
    if mtu < 1_280 {
      return .doubtful(
        "MTU",
        "\(mtu) bytes: headers take \(Route.headerByteCount(isIPv6: route.source.isIPv6) + 32) of each packet",
        mend: "sudo ip link set \(interface.name) mtu 1500")
    }
    let isNarrower = mtu < interface.mtuByteCount
    return .fine(
      "MTU",
      isNarrower
        ? "the path carries \(mtu) bytes, \(interface.name) \(interface.mtuByteCount): senders keep to the path's"
        : "\(mtu) bytes")
  }
}
