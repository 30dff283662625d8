/// How datagrams reach their receivers.
package enum UDPMode: String, Sendable, Codable, CaseIterable {
  case unicast
  case broadcast
  case multicast

  package var isGroup: Bool { self != .unicast }
}
