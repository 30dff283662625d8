/// Packets on one layer, and their bytes with the headers of this layer and of the layers above.
package struct PacketCount: Equatable, Codable, Sendable {
  package var packets: UInt64
  package var bytes: UInt64

  package static let none = PacketCount(packets: 0, bytes: 0)

  package init(packets: UInt64, bytes: UInt64) {
    self.packets = packets
    self.bytes = bytes
  }

  package static func + (left: Self, right: Self) -> Self {
    Self(packets: left.packets + right.packets, bytes: left.bytes + right.bytes)
  }

  package static func * (count: Self, factor: UInt64) -> Self {
    Self(packets: count.packets * factor, bytes: count.bytes * factor)
  }
}

/// The layers of an account, from the top.
package enum Layer: String, CaseIterable, Codable, Sendable {
  /// UDP datagrams or TCP segments.
  case transport
  /// IPv4 packets: a fragment is one.
  case network
  /// Ethernet frames, without preamble, padding and frame check sequence.
  case link
}

/// One kind of traffic on each layer.
package struct LayerCounts: Equatable, Codable, Sendable {
  /// Bytes that the application gave to its socket, without any header of the layers below.
  package var payloadByteCount: UInt64
  package var transport: PacketCount
  package var network: PacketCount
  package var link: PacketCount

  package static let none = LayerCounts(payloadByteCount: 0, transport: .none, network: .none, link: .none)

  package init(payloadByteCount: UInt64, transport: PacketCount, network: PacketCount, link: PacketCount) {
    self.payloadByteCount = payloadByteCount
    self.transport = transport
    self.network = network
    self.link = link
  }

  package subscript(layer: Layer) -> PacketCount {
    switch layer {
    case .transport: transport
    case .network: network
    case .link: link
    }
  }

  package static func + (left: Self, right: Self) -> Self {
    Self(
      payloadByteCount: left.payloadByteCount + right.payloadByteCount,
      transport: left.transport + right.transport, network: left.network + right.network,
      link: left.link + right.link)
  }

  package static func * (counts: Self, factor: UInt64) -> Self {
    Self(
      payloadByteCount: counts.payloadByteCount * factor, transport: counts.transport * factor,
      network: counts.network * factor, link: counts.link * factor)
  }
}
