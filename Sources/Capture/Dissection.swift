/// One captured packet, taken apart down to the IPv4 header.
struct Dissection {
  enum Content {
    case ipv4(IPv4Packet)
    case arp, ipv6, other
  }

  var content: Content
  /// Sent to every host of the link.
  var isLinkBroadcast = false
  /// The frame's whole length on the wire.
  var frameByteCount: UInt64

  init(_ packet: CapturedPacket, linkType: LinkType) {
    frameByteCount = UInt64(packet.byteCount)
    let bytes = packet.bytes[...]
    var type: UInt16?
    var header: Int
    switch linkType {
    case .ethernet:
      isLinkBroadcast = bytes.count >= 6 && bytes.prefix(6).allSatisfy { $0 == 0xFF }
      (type, header) = Self.etherType(bytes)
    case .linuxCooked:
      isLinkBroadcast = bytes.bigEndian16(at: 0) == 1
      (type, header) = (bytes.bigEndian16(at: 14), 16)
    case .linuxCooked2:
      isLinkBroadcast = bytes.byte(at: 10) == 1
      (type, header) = (bytes.bigEndian16(at: 0), 20)
    case .rawIP, .rawIPv4:
      type = bytes.first.map { $0 >> 4 == 6 ? 0x86DD : 0x0800 }
      header = 0
    }
    switch type {
    case 0x0800:
      let packet = IPv4Packet(bytes.dropFirst(header), wireByteCount: Int(packet.byteCount) - header)
      content = packet.map { .ipv4($0) } ?? .other
    case 0x0806: content = .arp
    case 0x86DD: content = .ipv6
    default: content = .other
    }
  }

  /// The type of what an Ethernet frame carries, and where it starts, behind up to two VLAN tags.
  private static func etherType(_ bytes: ArraySlice<UInt8>) -> (UInt16?, Int) {
    var offset = 12
    for _ in 0..<2 {
      guard let type = bytes.bigEndian16(at: offset), type == 0x8100 || type == 0x88A8 else { break }
      offset += 4
    }
    return (bytes.bigEndian16(at: offset), offset + 2)
  }
}

/// The fields of an IPv4 packet that an account needs, RFC 791 §3.1. Lengths are checked against each other
/// and the wire.
struct IPv4Packet {
  static let icmp: UInt8 = 1
  static let igmp: UInt8 = 2
  static let tcp: UInt8 = 6
  static let udp: UInt8 = 17

  var source: UInt32
  var destination: UInt32
  var identification: UInt16
  var protocolNumber: UInt8
  /// Header and payload.
  var byteCount: Int
  /// Bytes of the payload on the wire; `payload` may have fewer.
  var payloadByteCount: Int
  /// Where the payload belongs in its datagram, bytes.
  var fragmentOffset: Int
  var hasMoreFragments: Bool
  /// The part of the payload that the capture kept.
  var payload: ArraySlice<UInt8>

  var isFragment: Bool { hasMoreFragments || fragmentOffset > 0 }
  /// 224.0.0.0/4
  var isMulticast: Bool { destination >> 28 == 0xE }

  /// Nil when the bytes are no whole IPv4 header. `wireByteCount`: length of the frame's payload on the wire,
  /// of which the capture may have kept less.
  init?(_ bytes: ArraySlice<UInt8>, wireByteCount: Int) {
    guard let first = bytes.byte(at: 0), first >> 4 == 4, let total = bytes.bigEndian16(at: 2),
      let identification = bytes.bigEndian16(at: 4), let fragment = bytes.bigEndian16(at: 6),
      let protocolNumber = bytes.byte(at: 9), let source = bytes.bigEndian32(at: 12),
      let destination = bytes.bigEndian32(at: 16)
    else { return nil }
    let header = Int(first & 0x0F) * 4
    // 0: the kernel left the length to segmentation offload.
    let byteCount = total == 0 ? wireByteCount : Int(total)
    guard header >= 20, byteCount >= header, byteCount <= wireByteCount, bytes.count >= header else {
      return nil
    }
    self.source = source
    self.destination = destination
    self.identification = identification
    self.protocolNumber = protocolNumber
    self.byteCount = byteCount
    payloadByteCount = byteCount - header
    fragmentOffset = Int(fragment & 0x1FFF) * 8
    hasMoreFragments = fragment & 0x2000 != 0
    payload = bytes.dropFirst(header).prefix(byteCount - header)
  }
}
