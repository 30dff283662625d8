import Ground
import NIOCore
import Network

/// Checks everything on this host that a mode of Gallery needs. It changes nothing and sends nothing.
package struct Doctor: Sendable {
  private let request: DoctorRequest
  private let files: HostFiles

  package init(_ request: DoctorRequest, files: HostFiles = HostFiles()) {
    self.request = request
    self.files = files
  }

  /// All findings, in the order a datagram meets them.
  package func examine() -> [Finding] {
    let interfaces = InterfaceFacts.all(files)
    var findings: [Finding] = []
    var named: InterfaceFacts?
    if let name = request.interface {
      named = interfaces.first { $0.name == name || $0.addresses.contains(name) }
      guard named != nil else {
        return [
          .broken(
            "interface",
            "there is no interface “\(name)”: there are \(interfaces.map(\.name).joined(separator: ", "))",
            mend: "ip -br link")
        ]
      }
    }
    findings += path(interfaces, named: named)
    findings += SocketChecks.buffers(request)
    if request.mode != .tcp {
      findings += SocketChecks.offloads()
      if request.protocolName == .naive, let finding = SocketChecks.reassembly(files) {
        findings.append(finding)
      }
    }
    if isReceiver { findings.append(SocketChecks.port(request)) }
    return findings
  }

  /// With a group this host may be sender or receiver; with any other address it is the sender.
  private var isReceiver: Bool { request.host == nil || request.mode == .multicast }

  /// Interface, route and firewall on the way to the destination.
  private func path(_ interfaces: [InterfaceFacts], named: InterfaceFacts?) -> [Finding] {
    guard let host = request.host else { return listening(interfaces, named: named) }
    let destination: SocketAddress
    do throws(NetworkError) {
      let addresses = try HostResolver.addresses(host: host, port: request.port)
      guard let first = addresses.first else { return [] }
      destination = first
    } catch { return RouteChecks.missing(error, request, interfaces) }
    if let finding = RouteChecks.destination(destination, request), finding.status == .broken {
      return [finding]
    }
    var findings = [RouteChecks.destination(destination, request)].compactMap(\.self)
    let isIPv6 = destination.isIPv6
    // An interface that cannot carry anything has no route: say so first.
    if let named { findings += InterfaceChecks.findings(named, request, isIPv6: isIPv6) }
    do throws(NetworkError) {
      let route = try Route.to(
        destination,
        interface: request.mode == .multicast
          ? named.map { (facts) throws(NetworkError) in try NetworkInterface.named(facts.name) } : nil)
      findings += leaving(by: route, destination, interfaces, named: named, isIPv6: isIPv6)
    } catch {
      findings += RouteChecks.missing(error, request, interfaces)
    }
    return findings
  }

  private func leaving(
    by route: Route, _ destination: SocketAddress, _ interfaces: [InterfaceFacts], named: InterfaceFacts?,
    isIPv6: Bool
  ) -> [Finding] {
    guard let device = interfaces.first(where: { $0.name == route.interface?.name }) else {
      return [
        .doubtful(
          "route", "from \(route.source.ipAddress ?? "?"), an address of no interface",
          mend: "ip route get \(request.host ?? "HOST")")
      ]
    }
    var findings: [Finding] = []
    if let named, named.name != device.name {
      findings.append(
        .broken(
          "route", "\(request.host ?? "?") is routed by \(device.name), not by \(named.name)",
          mend: "sudo ip route add \(request.host ?? "HOST") dev \(named.name)"))
    }
    if named == nil { findings += InterfaceChecks.findings(device, request, isIPv6: isIPv6) }
    findings += RouteChecks.found(route, device, request, others: interfaces)
    if request.mode == .broadcast { findings.append(RouteChecks.broadcast(destination, device)) }
    if request.mode == .multicast, !isIPv6 { findings += MulticastChecks.findings(device, files) }
    return findings + FirewallChecks.findings(request, interface: device.name, isIPv6: isIPv6, files)
  }

  /// A receiver of unicast or broadcast hears on every interface, or on the one it names.
  private func listening(_ interfaces: [InterfaceFacts], named: InterfaceFacts?) -> [Finding] {
    let others = interfaces.filter { !$0.isLoopback && $0.virtualKind == nil }
    let candidates = named.map { [$0] } ?? (others.isEmpty ? interfaces.filter(\.isLoopback) : others)
    guard !candidates.isEmpty else {
      return [.broken("interface", "this host has none, not even the loopback", mend: "ip -br link")]
    }
    // One that works is enough, unless somebody asked about this one.
    let each = candidates.map { InterfaceChecks.findings($0, request, isIPv6: false) }
    let working = each.filter { !$0.contains { $0.status == .broken } }
    var findings = working.isEmpty ? each.flatMap(\.self) : working.flatMap(\.self)
    let name = candidates.first { $0.isUp }?.name ?? candidates[0].name
    if named == nil, candidates[0].isLoopback {
      findings.append(
        .doubtful(
          "interface", "this host has none but the loopback: only senders on this host reach a receiver here",
          mend: "ip -br link"))
    }
    return findings + FirewallChecks.findings(request, interface: name, isIPv6: false, files)
  }
}
