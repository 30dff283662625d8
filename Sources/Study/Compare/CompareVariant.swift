/// One way to send the set that a comparison runs.
package enum CompareVariant: String, CaseIterable, Codable, Sendable {
  case naive
  case chunked
  /// The chunked protocol with parity: symbols that replace any chunk of their block.
  case parity
  /// The naive protocol over TCP: a connection per image.
  case naiveTCP = "naive-tcp"
  /// The chunked protocol over TCP: one connection.
  case chunkedTCP = "chunked-tcp"

  /// TCP runs only without induced loss: below TCP we cannot reach the packets.
  package var isTCP: Bool { self == .naiveTCP || self == .chunkedTCP }
  /// Whether receivers ask for repairs.
  package var isChunkedUDP: Bool { self == .chunked || self == .parity }
  package var isNaive: Bool { self == .naive || self == .naiveTCP }

  /// As tables and legends write it.
  package var title: String {
    switch self {
    case .naive: "naive, UDP"
    case .chunked: "chunked, UDP"
    case .parity: "parity, UDP"
    case .naiveTCP: "naive, TCP"
    case .chunkedTCP: "chunked, TCP"
    }
  }
}
