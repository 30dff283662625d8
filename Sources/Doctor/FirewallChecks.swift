import Figures
import FoundationEssentials
import Ground

/// Whether this host's own firewall lets the port through.
enum FirewallChecks {
  /// The listing of nft, or the reason why there is none.
  enum Listing {
    case rules(FirewallRules)
    case notPermitted
    case noProgram
    case unreadable(String)
  }

  static func findings(_ request: DoctorRequest, interface: String, isIPv6: Bool, _ files: HostFiles)
    -> [Finding]
  {
    var findings: [Finding] = []
    switch list() {
    case .rules(let rules): findings = check(rules, request, interface: interface, isIPv6: isIPv6)
    case .notPermitted:
      findings = [
        .doubtful("firewall", "its rules are shown to root only: not checked", mend: "sudo nft list ruleset")
      ]
    case .noProgram:
      findings = [
        .doubtful("firewall", "nft is not installed: not checked", mend: "sudo apt-get install nftables")
      ]
    case .unreadable(let text):
      findings = [.doubtful("firewall", "nft said “\(text)”: not checked", mend: "sudo nft list ruleset")]
    }
    if let tables = files.text("/proc/net/ip_tables_names"), !tables.isEmpty {
      findings.append(
        .doubtful(
          "firewall", "rules of the old iptables are in use: not checked",
          mend: "sudo iptables-legacy -L -n -v"))
    }
    return findings
  }

  static func check(
    _ rules: FirewallRules, _ request: DoctorRequest, interface: String, isIPv6: Bool
  ) -> [Finding] {
    let transport = request.mode == .tcp ? "tcp" : "udp"
    let word = "\(transport.uppercased()) port \(request.port)"
    let findings = ["input", "output"].compactMap { hook -> Finding? in
      let direction = hook == "input" ? "to" : "from this host to"
      switch rules.fate(
        hook: hook, transport: transport, port: request.port, interface: interface, isIPv6: isIPv6)
      {
      case .passes: return nil
      case .dropped(let chain, let rule):
        return .broken(
          "firewall", "\(name(chain, rule)) drops what goes \(direction) \(word)",
          mend: allow(chain, rule, transport, request.port))
      case .perhapsDropped(let chain, let rule):
        return .doubtful(
          "firewall", "\(name(chain, rule)) may drop what goes \(direction) \(word)",
          mend: allow(chain, rule, transport, request.port))
      }
    }
    return findings.isEmpty ? [.fine("firewall", "lets \(word) through")] : findings
  }

  private static func name(_ chain: FirewallRules.Chain, _ rule: FirewallRules.Rule?) -> String {
    let place = "\(chain.family) \(chain.table) \(chain.name)"
    return rule.map { "rule \($0.handle) of \(place)" } ?? "the policy of \(place)"
  }

  /// A command for a new first rule: it lets the port through before any other rule decides.
  private static func allow(
    _ chain: FirewallRules.Chain, _ rule: FirewallRules.Rule?, _ transport: String, _ port: Int
  ) -> String {
    "sudo nft insert rule \(chain.family) \(chain.table) \(chain.name) \(transport) dport \(port) accept"
  }

  private static func list() -> Listing {
    guard
      let path = ["/usr/sbin/nft", "/sbin/nft", "/usr/bin/nft"].first(where: {
        FileManager.default.isExecutableFile(atPath: $0)
      })
    else { return .noProgram }
    let outcome: OtherProgram.Outcome
    do { outcome = try OtherProgram.run(path, ["-j", "list", "ruleset"]) } catch {
      return .unreadable(ErrorReason.text(error))
    }
    guard outcome.status == 0 else {
      let text = String(decoding: outcome.errors, as: UTF8.self)
      return text.contains("not permitted")
        ? .notPermitted
        : .unreadable(
          text.split(separator: "\n").first.map(String.init) ?? "status \(outcome.status)")
    }
    return FirewallRules(json: outcome.output).map { .rules($0) } ?? .unreadable("no JSON")
  }
}
