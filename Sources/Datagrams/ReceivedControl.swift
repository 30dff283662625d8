/// What the control messages beside an arrived message say, cmsg(3).
struct ReceivedControl {
  /// Room for one of each kind.
  static let byteCount = 128
  private static let headerByteCount = 16
  /// Level and type: `SOL_UDP`, `UDP_GRO` (linux/udp.h); `IP_PKTINFO`, `IP_TOS` (ip(7)); `IPV6_PKTINFO`,
  /// `IPV6_TCLASS` (ipv6(7)).
  private struct Kind: Equatable {
    var level: Int32, type: Int32
    static let offload = Kind(level: 17, type: 104)
    static let packetInfo = Kind(level: 0, type: 8)
    static let packetInfo6 = Kind(level: 41, type: 50)
    static let service = Kind(level: 0, type: 1)
    static let service6 = Kind(level: 41, type: 67)
  }

  /// The size of a train's datagrams; nil for a single datagram.
  private(set) var segmentByteCount: Int?
  /// The address to which the message was sent, 4 or 16 bytes.
  private(set) var destination: UnsafeRawBufferPointer?
  /// The ECN field: the lowest two bits of the type of service, whose byte comes alone with IPv4 and in an
  /// int with IPv6.
  private(set) var congestionField: UInt8 = 0

  /// The `byteCount` bytes of `memory` from `start` on, which is a multiple of 8.
  @inline(__always)
  init(_ memory: UnsafeRawBufferPointer, from start: Int, byteCount: Int) {
    var rest = UnsafeRawBufferPointer(rebasing: memory[start..<start + byteCount])
    // struct cmsghdr: its length (size_t), level and type (int), all in the host's order; then the data,
    // padded to 8.
    while rest.count >= Self.headerByteCount {
      let byteCount = rest.load(as: Int.self)
      guard byteCount > Self.headerByteCount, byteCount <= rest.count else { break }
      let data = UnsafeRawBufferPointer(rebasing: rest[Self.headerByteCount..<byteCount])
      switch Kind(
        level: rest.load(fromByteOffset: 8, as: Int32.self),
        type: rest.load(fromByteOffset: 12, as: Int32.self))
      {
      case .offload where data.count >= 4:
        let segment = Int(data.load(as: Int32.self))
        if segment > 0 { segmentByteCount = segment }
      case .packetInfo where data.count >= 12:  // index, our address, the header's destination; 4 bytes each
        destination = UnsafeRawBufferPointer(rebasing: data[4..<8])
      case .packetInfo6 where data.count >= 16:
        destination = UnsafeRawBufferPointer(rebasing: data[..<16])
      case .service: congestionField = data[0] & 3
      case .service6 where data.count >= 4:
        congestionField = UInt8(truncatingIfNeeded: data.load(as: Int32.self) & 3)
      default: break
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[min((byteCount + 7) & ~7, rest.count)...])
    }
  }
}
