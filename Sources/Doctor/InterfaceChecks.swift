import Ground

/// Whether an interface can carry a mode.
enum InterfaceChecks {
  static func findings(_ interface: InterfaceFacts, _ request: DoctorRequest, isIPv6: Bool) -> [Finding] {
    [
      state(interface), address(interface, isIPv6: isIPv6), group(interface, request),
      wireless(interface, request),
      virtual(interface, request),
    ].compactMap(\.self)
  }

  private static func state(_ interface: InterfaceFacts) -> Finding {
    let name = interface.name
    guard interface.isUp else {
      return .broken("interface", "\(name) is down", mend: "sudo ip link set \(name) up")
    }
    guard interface.hasCarrier || interface.isLoopback else {
      return .broken(
        "interface", "\(name) is up, but has no carrier: no cable, no Wi-Fi, or the other end is down",
        mend: "ip -br link show \(name)")
    }
    return .fine("interface", "\(name) is up")
  }

  private static func address(_ interface: InterfaceFacts, isIPv6: Bool) -> Finding {
    let family = isIPv6 ? "IPv6" : "IPv4"
    let own = interface.addresses.filter { $0.contains(":") == isIPv6 }
    guard own.isEmpty else { return .fine("address", "\(interface.name) has \(own.joined(separator: ", "))") }
    return .broken(
      "address", "\(interface.name) has no \(family) address",
      mend: isIPv6
        ? "sudo sysctl -w net.ipv6.conf.\(interface.name).disable_ipv6=0"
        : "sudo ip address add 192.168.56.10/24 brd + dev \(interface.name)   # an address of that network, or: sudo dhclient \(interface.name)"
    )
  }

  private static func group(_ interface: InterfaceFacts, _ request: DoctorRequest) -> Finding? {
    switch request.mode {
    case .multicast where interface.isLoopback:
      return .doubtful(
        "multicast", "\(interface.name) is the loopback: only receivers on this host hear the group",
        mend: "ip -br link   # others: name one of them with --interface")
    case .multicast where !interface.canMulticast:
      return .broken(
        "multicast", "\(interface.name) has no MULTICAST flag: it neither sends to groups nor joins them",
        mend: "sudo ip link set \(interface.name) multicast on")
    case .multicast: return .fine("multicast", "\(interface.name) has the MULTICAST flag")
    case .broadcast where !interface.canBroadcast:
      return .broken(
        "broadcast", "\(interface.name) has no BROADCAST flag: it is a point-to-point link",
        mend: "gallery doctor --mode unicast --to HOST   # send to each receiver instead")
    default: return nil
    }
  }

  private static func wireless(_ interface: InterfaceFacts, _ request: DoctorRequest) -> Finding? {
    guard interface.isWireless else { return nil }
    guard request.mode.isGroup else {
      return .fine(
        "Wi-Fi", "\(interface.name) is wireless; unicast frames are acknowledged and repeated by the link")
    }
    return .doubtful(
      "Wi-Fi",
      "\(interface.name) is wireless: frames to groups go at the lowest rate and are not repeated when lost; "
        + "unicast is often faster for up to about ten receivers",
      mend: "gallery send DIR --to HOST1 --to HOST2   # or switch on multicast-to-unicast in the access point"
    )
  }

  private static func virtual(_ interface: InterfaceFacts, _ request: DoctorRequest) -> Finding? {
    guard let kind = interface.virtualKind, request.interface == nil else { return nil }
    return .doubtful(
      "route", "the route leads into \(interface.name), a \(kind): are the receivers behind it?",
      mend: request.mode == .multicast
        ? "ip -br address   # name the one that the receivers are on with --interface"
        : "ip route get \(request.host ?? "HOST")")
  }
}
