/// Bytes that each layer adds in front of its payload, without options (Specs/accounting.md §2).
package enum PacketSize {
  /// Two addresses and a type.
  package static let ethernet = 14
  package static let ipv4 = 20
  package static let ipv6 = 40
  package static let udp = 8
  /// All headers of a UDP datagram over IPv4 on Ethernet. A bottleneck counts them, as the kernel's tbf does.
  package static let ethernetDatagram = ethernet + ipv4 + udp
  /// The largest IP packet, its header included.
  package static let largest = 65_535
  /// The largest payload of a UDP datagram over IPv4. IPv6 would allow 20 bytes more; no side uses them.
  package static let largestDatagram = largest - ipv4 - udp
}
