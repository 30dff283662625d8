package import FoundationEssentials

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
    guard let items = (try? JSONDecoder().decode(JSONValue.self, from: json))?["nftables"]?.list else {
      return nil
    }
    for item in items {
      if let chain = item["chain"] { add(chain: chain) }
      if let rule = item["rule"] { add(rule: rule) }
    }
  }

  private mutating func add(chain: JSONValue) {
    guard let family = chain["family"]?.text, let table = chain["table"]?.text, let name = chain["name"]?.text
    else { return }
    chains.append(
      Chain(
        family: family, table: table, name: name, hook: chain["hook"]?.text,
        dropsByDefault: chain["policy"]?.text == "drop"))
  }

  private mutating func add(rule: JSONValue) {
    guard
      let index = chains.firstIndex(where: {
        $0.family == rule["family"]?.text && $0.table == rule["table"]?.text && $0.name == rule["chain"]?.text
      }), let expressions = rule["expr"]?.list
    else { return }
    var verdict = Rule.Verdict.other
    var matches: [Match] = []
    var hasVerdict = false
    for expression in expressions {
      if let match = expression["match"] {
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
    chains[index].rules.append(Rule(handle: rule["handle"]?.number ?? 0, verdict: verdict, matches: matches))
  }
}

// MARK: Reading a condition

extension FirewallRules {
  private static func match(_ match: JSONValue) -> Match {
    guard let left = match["left"], let right = match["right"] else { return .unknown }
    guard match["op"]?.text == "==" || match["op"]?.text == "in" else { return .unknown }
    if let key = left["meta"]?["key"]?.text {
      switch key {
      case "iifname", "iif": return right.text.map { .interface($0, isInput: true) } ?? .unknown
      case "oifname", "oif": return right.text.map { .interface($0, isInput: false) } ?? .unknown
      case "l4proto": return transports(right)
      default: return .unknown
      }
    }
    guard let payload = left["payload"], let field = payload["field"]?.text,
      let name = payload["protocol"]?.text
    else { return .unknown }
    switch (name, field) {
    case ("udp", "dport"), ("tcp", "dport"), ("th", "dport"):
      return ports(right).map { .destinationPorts(transport: name, $0) } ?? .unknown
    case ("ip", "protocol"), ("ip6", "nexthdr"): return transports(right)
    default: return .unknown
    }
  }

  private static func transports(_ right: JSONValue) -> Match {
    let values = right["set"]?.list ?? [right]
    let names = values.compactMap(\.text)
    return names.count == values.count ? .transport(Set(names)) : .unknown
  }

  private static func ports(_ right: JSONValue) -> [ClosedRange<Int>]? {
    if let port = right.number { return [port...port] }
    if let ends = right["range"]?.list, ends.count == 2, let first = ends[0].number,
      let last = ends[1].number,
      first <= last
    {
      return [first...last]
    }
    guard let set = right["set"]?.list else { return nil }
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
