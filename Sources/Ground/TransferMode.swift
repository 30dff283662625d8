/// How files reach the receivers.
package enum TransferMode: String, CaseIterable, Codable, Sendable {
  /// UDP, to each receiver by itself.
  case unicast
  /// UDP, to every host of a link.
  case broadcast
  /// UDP, to the members of a group.
  case multicast
  /// A connection to each receiver.
  case tcp

  /// One copy on the wire serves every receiver.
  package var isGroup: Bool { self == .broadcast || self == .multicast }

  /// Whether data travel as datagrams. A datagram can be lost, and its size is limited.
  package var usesDatagrams: Bool { self != .tcp }

  /// In tables and sentences: `UDP multicast`, `TCP`.
  package var text: String { self == .tcp ? "TCP" : "UDP \(rawValue)" }
}
