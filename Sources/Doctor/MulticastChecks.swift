/// Settings besides the interface that decide whether a group's datagrams reach the members.
enum MulticastChecks {
  static func findings(_ interface: InterfaceFacts, _ files: HostFiles) -> [Finding] {
    [version(interface, files), snooping(interface, files), reversePath(interface, files)].compactMap(\.self)
  }

  /// /proc/net/igmp: `4  eth0 : 1  V3`.
  static func igmpVersion(of interface: String, in text: String) -> Int? {
    for line in text.split(separator: "\n") {
      let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == ":" })
      guard words.count >= 4, words[1] == interface, words[3].first == "V" else { continue }
      return Int(words[3].dropFirst())
    }
    return nil
  }

  private static func version(_ interface: InterfaceFacts, _ files: HostFiles) -> Finding? {
    guard let text = files.text("/proc/net/igmp"), let version = igmpVersion(of: interface.name, in: text)
    else { return nil }
    let forced = max(
      files.number("/proc/sys/net/ipv4/conf/all/force_igmp_version") ?? 0,
      files.number("/proc/sys/net/ipv4/conf/\(interface.name)/force_igmp_version") ?? 0)
    guard forced == 0 else {
      return .doubtful(
        "IGMP",
        "version \(forced) is forced on \(interface.name): switches that expect another may ignore the joins",
        mend:
          "sudo sysctl -w net.ipv4.conf.all.force_igmp_version=0 net.ipv4.conf.\(interface.name).force_igmp_version=0"
      )
    }
    return .fine(
      "IGMP",
      "version \(version) on \(interface.name); if a group falls silent after some minutes, a switch snoops without a querier"
    )
  }

  /// A snooping bridge forgets a join when no querier asks for it again.
  private static func snooping(_ interface: InterfaceFacts, _ files: HostFiles) -> Finding? {
    let own = "/sys/class/net/\(interface.name)"
    let folder = files.exists(own + "/bridge") ? own + "/bridge" : own + "/master/bridge"
    guard files.exists(folder), files.number(folder + "/multicast_snooping") == 1,
      files.number(folder + "/multicast_querier") == 0
    else { return nil }
    let name = folder.hasPrefix(own + "/master") ? "its bridge" : interface.name
    return .doubtful(
      "IGMP",
      "\(name) snoops but sends no queries: without another querier on the link it stops groups after 260 s",
      mend: "sudo ip link set dev \(name == interface.name ? name : "BRIDGE") type bridge mcast_querier 1")
  }

  /// rp_filter 1 silently drops datagrams from addresses that are routed by another interface: ip-sysctl.
  private static func reversePath(_ interface: InterfaceFacts, _ files: HostFiles) -> Finding? {
    let modes = ["all", interface.name].map { files.number("/proc/sys/net/ipv4/conf/\($0)/rp_filter") ?? 0 }
    guard modes.max() == 1 else { return nil }
    return .doubtful(
      "rp_filter",
      "strict on \(interface.name): datagrams from senders that are routed another way are dropped unseen",
      mend: "sudo sysctl -w net.ipv4.conf.\(interface.name).rp_filter=2")
  }
}
