import ArgumentParser
import Ground
import NIOCore
import Network

/// `host`, `host:port`, `[address]:port`, or an IPv6 address without a port.
enum HostText {
  /// Nil when it is none of these.
  static func split(_ text: String, defaultPort: Int) -> (host: String, port: Int)? {
    if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
      let host = String(text[text.index(after: text.startIndex)..<end])
      let rest = text[text.index(after: end)...]
      guard !host.isEmpty else { return nil }
      if rest.isEmpty { return (host, defaultPort) }
      return rest.first == ":" ? port(rest.dropFirst()).map { (host, $0) } : nil
    }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    if parts.count != 2 { return text.isEmpty ? nil : (text, defaultPort) }
    return parts[0].isEmpty ? nil : port(parts[1]).map { (String(parts[0]), $0) }
  }

  private static func port(_ text: Substring) -> Int? {
    Int(text).flatMap { (1...65_535).contains($0) ? $0 : nil }
  }

  /// Throws for what looks like an IPv4 address and is none. inet_aton(3) would take 10.1.1 for 10.1.0.1:
  /// another host.
  static func checkNumbers(_ host: String, option: String) throws {
    guard !host.isEmpty, host.allSatisfy({ $0 == "." || ("0"..."9").contains($0) }) else { return }
    let numbers = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    guard numbers.count == 4, numbers.allSatisfy({ $0 != nil }) else {
      throw ValidationError(
        "\(option) \(host): an IPv4 address has four numbers from 0 to 255, as in 10.1.1.34")
    }
  }

  /// Throws when this address, as a group to join, is none.
  static func checkGroup(_ group: String) throws {
    guard let address = try? SocketAddress(ipAddress: group, port: 0), AddressKind(address) != .group else {
      return
    }
    throw ValidationError(
      "--group \(group) is no group: those are 224.0.0.0 to 239.255.255.255, and ff00::/8 in IPv6")
  }

  /// Throws when the address is not of the kind that the mode sends to. A name is looked up later.
  static func checkKind(_ host: String, mode: TransferMode) throws {
    guard let address = try? SocketAddress(ipAddress: host, port: 0) else { return }
    let kind = AddressKind(address)
    switch mode {
    case .unicast, .tcp:
      guard kind != .oneHost else { return }
      let name = kind == .group ? "multicast" : "broadcast"
      throw ValidationError(
        "--to \(host) is a \(kind == .group ? "group" : "broadcast address"), which reaches several hosts: add --mode \(name)"
      )
    case .multicast:
      guard kind != .group else { return }
      throw ValidationError(
        "--to \(host) is no group: those are 224.0.0.0 to 239.255.255.255, and ff00::/8 in IPv6; for one host leave out --mode multicast"
      )
    case .broadcast:
      guard kind == .group || address.protocol == .inet6 || AddressKind.isHostHere(address) else { return }
      throw ValidationError(
        "--to \(host) is no broadcast address: ‘ip address’ shows them behind ‘brd’, as in 192.168.56.255; for one host leave out --mode broadcast"
      )
    }
  }
}
