package import Foundation

/// What nftables' chains do to a packet, from `nft -j list ruleset` (libnftables-json(5)).
///
/// An approximation without false alarms. A rule with a condition besides protocol, port and interface is
/// only a "perhaps".
package struct FirewallRules: Sendable {
  package struct Chain: Equatable, Sendable {
    package var family: String
    package var table: String
    package var name: String
    /// "input", "output"…; nil for a chain that is only jumped to.
    package var hook: String?
    package var dropsByDefault: Bool
    package var rules: [Rule] = []
  }

  package struct Rule: Equatable, Sendable {
    package enum Verdict: String, Sendable { case accept, drop, other }
    package var handle: Int
    package var verdict: Verdict
    package var matches: [Match]
  }

  /// One condition of a rule.
  package enum Match: Equatable, Sendable {
    case transport(Set<String>)
    case destinationPorts(transport: String, [ClosedRange<Int>])
    case interface(String, isInput: Bool)
    case unknown
  }

  /// What would happen to a packet, and where.
  package enum Fate: Equatable, Sendable {
    case passes
    case dropped(chain: Chain, rule: Rule?)
    case perhapsDropped(chain: Chain, rule: Rule?)
  }

  package private(set) var chains: [Chain] = []

  /// Nil when `json` is no listing of nft.
  package init?(json: Data) {
    guard let root = try? JSONSerialization.jsonObject(with: json) as? [String: Any],
      let items = root["nftables"] as? [[String: Any]]
    else { return nil }
    for item in items {
      if let chain = item["chain"] as? [String: Any] { add(chain: chain) }
      if let rule = item["rule"] as? [String: Any] { add(rule: rule) }
    }
  }

  private mutating func add(chain: [String: Any]) {
    guard let family = chain["family"] as? String, let table = chain["table"] as? String,
      let name = chain["name"] as? String
    else { return }
    chains.append(
      Chain(
        family: family, table: table, name: name, hook: chain["hook"] as? String,
        dropsByDefault: chain["policy"] as? String == "drop"))
  }

  private mutating func add(rule: [String: Any]) {
    guard
      let index = chains.firstIndex(where: {
        $0.family == rule["family"] as? String && $0.table == rule["table"] as? String
          && $0.name == rule["chain"] as? String
      }), let expressions = rule["expr"] as? [[String: Any]]
    else { return }
    var verdict = Rule.Verdict.other
    var matches: [Match] = []
    var hasVerdict = false
    for expression in expressions {
      if let match = expression["match"] as? [String: Any] {
        matches.append(FirewallRules.match(match))
      } else if expression["accept"] != nil {
        (verdict, hasVerdict) = (.accept, true)
      } else if expression["drop"] != nil || expression["reject"] != nil {
        (verdict, hasVerdict) = (.drop, true)
      } else if expression["jump"] != nil || expression["goto"] != nil || expression["limit"] != nil
        || expression["vmap"] != nil
      {
        matches.append(.unknown)
        hasVerdict = hasVerdict || expression["limit"] == nil
      }
    }
    guard hasVerdict else { return }  // counters and logs
    chains[index].rules.append(Rule(handle: rule["handle"] as? Int ?? 0, verdict: verdict, matches: matches))
  }
}

// MARK: Reading a condition

extension FirewallRules {
  private static func match(_ match: [String: Any]) -> Match {
    guard let left = match["left"] as? [String: Any], let right = match["right"] else { return .unknown }
    guard match["op"] as? String == "==" || match["op"] as? String == "in" else { return .unknown }
    if let meta = left["meta"] as? [String: Any], let key = meta["key"] as? String {
      switch key {
      case "iifname", "iif": return (right as? String).map { .interface($0, isInput: true) } ?? .unknown
      case "oifname", "oif": return (right as? String).map { .interface($0, isInput: false) } ?? .unknown
      case "l4proto": return transports(right)
      default: return .unknown
      }
    }
    guard let payload = left["payload"] as? [String: Any], let field = payload["field"] as? String,
      let name = payload["protocol"] as? String
    else { return .unknown }
    switch (name, field) {
    case ("udp", "dport"), ("tcp", "dport"), ("th", "dport"):
      return ports(right).map { .destinationPorts(transport: name, $0) } ?? .unknown
    case ("ip", "protocol"), ("ip6", "nexthdr"): return transports(right)
    default: return .unknown
    }
  }

  private static func transports(_ right: Any) -> Match {
    if let name = right as? String { return .transport([name]) }
    if let set = (right as? [String: Any])?["set"] as? [String] { return .transport(Set(set)) }
    return .unknown
  }

  private static func ports(_ right: Any) -> [ClosedRange<Int>]? {
    if let port = right as? Int { return [port...port] }
    guard let object = right as? [String: Any] else { return nil }
    if let range = object["range"] as? [Int], range.count == 2, range[0] <= range[1] {
      return [range[0]...range[1]]
    }
    guard let set = object["set"] as? [Any] else { return nil }
    let parts = set.map { ports($0) }
    return parts.contains { $0 == nil } ? nil : parts.compactMap(\.self).flatMap(\.self)
  }
}

// MARK: A packet's fate

extension FirewallRules {
  /// A packet to `port` of `transport` ("udp", "tcp") through a hook ("input", "output") by an interface.
  package func fate(hook: String, transport: String, port: Int, interface: String, isIPv6: Bool) -> Fate {
    let families = ["inet", isIPv6 ? "ip6" : "ip"]
    var perhaps: Fate?
    for chain in chains where chain.hook == hook && families.contains(chain.family) {
      switch Self.fate(in: chain, transport: transport, port: port, interface: interface) {
      case .passes: continue
      case .dropped(let chain, let rule): return .dropped(chain: chain, rule: rule)
      case .perhapsDropped(let chain, let rule):
        perhaps = perhaps ?? .perhapsDropped(chain: chain, rule: rule)
      }
    }
    return perhaps ?? .passes
  }

  private static func fate(in chain: Chain, transport: String, port: Int, interface: String) -> Fate {
    var mayPass = false
    var mayDrop: Rule?
    for rule in chain.rules {
      switch applies(rule, transport: transport, port: port, interface: interface, hook: chain.hook) {
      case .no: continue
      case .yes where rule.verdict == .accept:
        return mayDrop.map { .perhapsDropped(chain: chain, rule: $0) } ?? .passes
      case .yes where rule.verdict == .drop:
        return mayPass ? .perhapsDropped(chain: chain, rule: rule) : .dropped(chain: chain, rule: rule)
      case .perhaps(let namesUs) where rule.verdict == .drop:
        if namesUs { mayDrop = mayDrop ?? rule }
      default: mayPass = true
      }
    }
    if chain.dropsByDefault {
      return mayPass ? .perhapsDropped(chain: chain, rule: nil) : .dropped(chain: chain, rule: nil)
    }
    return mayDrop.map { .perhapsDropped(chain: chain, rule: $0) } ?? .passes
  }

  private enum Applies {
    case yes, no
    /// `namesUs`: the rule names our port or protocol, and has a further condition.
    case perhaps(namesUs: Bool)
  }

  private static func applies(
    _ rule: Rule, transport: String, port: Int, interface: String, hook: String?
  ) -> Applies {
    var namesUs = false
    var isCertain = true
    for match in rule.matches {
      switch match {
      case .transport(let names):
        guard names.contains(transport) else { return .no }
        namesUs = true
      case .destinationPorts(let name, let ranges):
        guard name == transport || name == "th", ranges.contains(where: { $0.contains(port) }) else {
          return .no
        }
        namesUs = true
      case .interface(let name, let isInput):
        guard isInput == (hook == "input") else {
          isCertain = false
          continue
        }
        let isOurs = name.hasSuffix("*") ? interface.hasPrefix(name.dropLast()) : name == interface
        guard isOurs else { return .no }
      case .unknown: isCertain = false
      }
    }
    return isCertain ? .yes : .perhaps(namesUs: namesUs)
  }
}
