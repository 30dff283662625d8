/// How images travel.
package enum AccountMode: String, CaseIterable, Codable, Sendable {
  case unicast, broadcast, multicast, tcp

  /// One copy on the wire serves every receiver.
  package var isGroup: Bool { self == .broadcast || self == .multicast }

  package var text: String { self == .tcp ? "TCP" : "UDP \(rawValue)" }
}

/// Which of the two protocols.
package enum AccountProtocol: String, CaseIterable, Codable, Sendable {
  case naive, chunked
}
