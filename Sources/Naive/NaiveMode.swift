import Ground

/// How the baseline programs reach a receiver, Specs/naive.md §2.
package enum NaiveMode: String, CaseIterable, Encodable, Sendable {
  /// One UDP datagram per image, to one host.
  case unicast
  /// One UDP datagram per image, to an IPv4 broadcast address.
  case broadcast
  /// One UDP datagram per image, to an IPv4 or IPv6 multicast group.
  case multicast
  /// One TCP connection per image, to one host.
  case tcp

  /// Whether images travel as datagrams. A datagram can be lost, and its size is limited.
  package var usesDatagrams: Bool { self != .tcp }
}

/// Numbers both sides of the baseline share, Specs/naive.md §3.
package enum NaiveLimit {
  /// The largest image in one datagram, in bytes: 65,535 − 20 (IPv4 header) − 8 (UDP header). IPv6 would
  /// allow 65,527, but the course's receiver reads no more than 65,507 bytes, and neither do we.
  package static let datagramByteCount = PacketSize.largestDatagram
  /// The port of the course's programs.
  package static let defaultPort = 25_000
}
