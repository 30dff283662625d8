import Ground

/// Numbers both sides of the baseline share, Specs/naive.md §3.
package enum NaiveLimit {
  /// The largest image in one datagram, in bytes: 65,535 − 20 (IPv4 header) − 8 (UDP header). IPv6 would
  /// allow 65,527, but the course's receiver reads no more than 65,507 bytes, and neither do we.
  package static let datagramByteCount = PacketSize.largestDatagram
  /// The port of the course's programs.
  package static let defaultPort = 25_000
}
