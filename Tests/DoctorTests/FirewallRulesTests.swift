import Foundation
import Doctor
import Testing

/// Rules as `nft -j list ruleset` prints them (nftables 1.0.6), cut to what matters.
@Suite struct FirewallRulesTests {
  private enum Fate { case passes, dropped, perhaps }

  private static func rule(_ expressions: String) -> String {
    #"{"rule": {"family": "inet", "table": "filter", "chain": "input", "handle": 4, "expr": [\#(expressions)]}}"#
  }
  private static func port(_ name: String, _ right: String, op: String = "==") -> String {
    #"{"match": {"op": "\#(op)", "left": {"payload": {"protocol": "\#(name)", "field": "dport"}}, "right": \#(right)}}"#
  }
  private static func meta(_ key: String, _ right: String) -> String {
    #"{"match": {"op": "==", "left": {"meta": {"key": "\#(key)"}}, "right": \#(right)}}"#
  }
  private static let state =
    #"{"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}}"#
  private static let (drop, accept) = (#"{"drop": null}"#, #"{"accept": null}"#)

  private func fate(policy: String = "accept", _ rules: [String]) throws -> Fate {
    let chain =
      #"{"chain": {"family": "inet", "table": "filter", "name": "input", "type": "filter", "hook": "input", "prio": 0, "policy": "\#(policy)"}}"#
    let json = #"{"nftables": [{"metainfo": {}}, \#(([chain] + rules).joined(separator: ","))]}"#
    let parsed = try #require(FirewallRules(json: Data(json.utf8)))
    switch parsed.fate(hook: "input", transport: "udp", port: 25_000, interface: "eth1", isIPv6: false) {
    case .passes: return .passes
    case .dropped: return .dropped
    case .perhapsDropped: return .perhaps
    }
  }

  @Test func rulesThatDropThePortAreFound() throws {
    #expect(try fate([Self.rule(Self.port("udp", "25000") + "," + Self.drop)]) == .dropped)
    #expect(
      try fate([Self.rule(Self.port("udp", #"{"range": [20000, 30000]}"#) + "," + Self.drop)]) == .dropped)
    #expect(
      try fate([Self.rule(Self.port("th", #"{"set": [53, {"range": [24999, 25001]}]}"#) + "," + Self.drop)])
        == .dropped)
    #expect(try fate([Self.rule(Self.meta("l4proto", #""udp""#) + #", {"reject": null}"#)]) == .dropped)
    #expect(try fate(policy: "drop", []) == .dropped)
  }

  @Test func rulesForOthersAreNot() throws {
    #expect(try fate([]) == .passes)
    #expect(try fate([Self.rule(Self.port("udp", "53") + "," + Self.drop)]) == .passes)
    #expect(try fate([Self.rule(Self.port("tcp", "25000") + "," + Self.drop)]) == .passes)
    #expect(try fate([Self.rule(Self.meta("iifname", #""eth0""#) + "," + Self.drop)]) == .passes)
    #expect(try fate([Self.rule(#"{"counter": {"packets": 0, "bytes": 0}}"#)]) == .passes)
    // What asks about something else entirely, as “ct state invalid drop” does, is no alarm.
    #expect(try fate([Self.rule(Self.state + "," + Self.drop)]) == .passes)
  }

  @Test func theFirstRuleThatFitsDecides() throws {
    let accept = Self.rule(Self.port("udp", "25000") + "," + Self.accept)
    let drop = Self.rule(Self.drop)
    #expect(try fate(policy: "drop", [accept]) == .passes)
    #expect(try fate([accept, drop]) == .passes)
    #expect(try fate([drop, accept]) == .dropped)
  }

  @Test func whatCannotBeKnownIsPerhaps() throws {
    #expect(try fate(policy: "drop", [Self.rule(Self.state + "," + Self.accept)]) == .perhaps)
    #expect(try fate([Self.rule(Self.port("udp", "25000") + "," + Self.state + "," + Self.drop)]) == .perhaps)
    #expect(try fate(policy: "drop", [Self.rule(#"{"jump": {"target": "allow"}}"#)]) == .perhaps)
  }

  @Test(arguments: ["", "[]", "{}", #"{"nftables": 3}"#, "nonsense"])
  func whatIsNoListingIsRefused(text: String) {
    #expect(FirewallRules(json: Data(text.utf8)) == nil)
  }

  @Test(arguments: [
    #"{"nftables": [{"rule": {}}, {"chain": {"family": 1}}, {"rule": {"family": "x", "expr": 3}}]}"#,
    #"{"nftables": [{"chain": {"family": "inet", "table": "t", "name": "c", "hook": "input"}}, {"rule": {"family": "inet", "table": "t", "chain": "c", "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "udp", "field": "dport"}}, "right": {"range": [9, 1]}}}, {"drop": null}]}}]}"#,
  ])
  func oddListingsAreReadWithoutATrap(text: String) throws {
    let rules = try #require(FirewallRules(json: Data(text.utf8)))
    let fate = rules.fate(hook: "input", transport: "udp", port: 25_000, interface: "eth1", isIPv6: false)
    if case .dropped = fate { Issue.record("dropped for certain, by a rule that says nothing clear") }
  }
}
