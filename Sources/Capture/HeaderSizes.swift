import Ground

/// Bytes that each layer adds, and how IPv4 cuts. Specs/accounting.md §2.
package struct HeaderSizes: Equatable, Codable, Sendable {
  /// The largest IP packet of the link, 68 ... 65,535 bytes (RFC 791's minimum).
  package var mtuByteCount: Int
  /// Whether both ends use TCP's time stamps (RFC 7323); Linux does unless told otherwise.
  package var usesTCPTimestamps: Bool
  /// Ethernet: two addresses and a type.
  package var linkHeaderByteCount: Int

  package static let mtuRange = 68...PacketSize.largest

  package init(
    mtuByteCount: Int = 1_500, usesTCPTimestamps: Bool = true, linkHeaderByteCount: Int = PacketSize.ethernet
  ) {
    self.mtuByteCount = mtuByteCount
    self.usesTCPTimestamps = usesTCPTimestamps
    self.linkHeaderByteCount = linkHeaderByteCount
  }

  /// Header of a TCP segment of an open connection: 20 bytes, and 12 bytes of options with time stamps.
  package var tcp: Int { usesTCPTimestamps ? 32 : 20 }

  /// Of SYN and SYN-ACK as Linux sends them: maximum segment size (4), SACK permitted (2), time stamps (10),
  /// window scale (3), and padding: 20 bytes of options; without time stamps 12.
  package var tcpSyn: Int { usesTCPTimestamps ? 40 : 32 }

  /// The payload of a full TCP segment: 1,448 at an MTU of 1,500 with time stamps.
  package var segmentByteCount: Int { max(1, mtuByteCount - PacketSize.ipv4 - tcp) }

  /// The largest payload of an IP packet.
  private var packetPayload: UInt64 { UInt64(max(0, mtuByteCount - PacketSize.ipv4)) }
  /// The payload of every fragment but the last: offsets count in units of 8 bytes (RFC 791 §3.1).
  private var fragmentPayload: UInt64 { packetPayload / 8 * 8 }

  /// IPv4 packets of one datagram with this many bytes of payload: 1, or its fragments. The last fragment
  /// need not be a multiple of 8, so it may fill the packet.
  package func packetCount(ofDatagram payloadByteCount: UInt64) -> UInt64 {
    let total = payloadByteCount + UInt64(PacketSize.udp)
    guard total > packetPayload else { return 1 }
    return 1 + (total - packetPayload + fragmentPayload - 1) / fragmentPayload
  }

  /// One UDP datagram on each layer.
  package func datagram(payloadByteCount: UInt64) -> LayerCounts {
    let packets = packetCount(ofDatagram: payloadByteCount)
    return counts(
      payload: payloadByteCount, messages: 1, headers: UInt64(PacketSize.udp), packets: packets)
  }

  /// Segments of TCP, none of them fragmented, that carry `payloadByteCount` bytes in all.
  package func segments(_ count: UInt64, payloadByteCount: UInt64, headerByteCount: Int) -> LayerCounts {
    counts(
      payload: payloadByteCount, messages: count, headers: count * UInt64(headerByteCount), packets: count)
  }

  private func counts(payload: UInt64, messages: UInt64, headers: UInt64, packets: UInt64) -> LayerCounts {
    let transport = PacketCount(packets: messages, bytes: payload + headers)
    let network = PacketCount(packets: packets, bytes: transport.bytes + packets * UInt64(PacketSize.ipv4))
    let link = PacketCount(packets: packets, bytes: network.bytes + packets * UInt64(linkHeaderByteCount))
    return LayerCounts(payloadByteCount: payload, transport: transport, network: network, link: link)
  }
}
