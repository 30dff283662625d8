import Ground
import NIOCore
import Network
import Wire

/// Where a session's datagrams go, and how large they may be.
struct UDPPath {
  /// Bytes of an IP packet that are tried where the interface carries them: jumbo frames, Ethernet, Ethernet
  /// with a tunnel's headers, and what every IPv6 link carries (RFC 8200 §5).
  private static let usualMtuByteCounts = [9_000, 1_500, 1_400, 1_280]

  var address: SocketAddress
  /// By which datagrams leave.
  var interface: NetworkInterface?
  let isInterfaceNamed: Bool
  var route: Route
  /// The sizes of chunk to choose from, from the largest to the smallest; never empty. Several where the path
  /// is probed.
  let chunkByteCounts: [Int]
  /// Fixed by `--mtu`.
  let isFixed: Bool
  /// By which each datagram is longer than the session's own, which has a key.
  let tagByteCount: Int

  init(to address: SocketAddress, options: UDPSendOptions) throws(TransportError) {
    do {
      let named = try options.interface.map { (name) throws(NetworkError) in try NetworkInterface.named(name)
      }
      route = try Route.to(address, interface: named)
      isInterfaceNamed = named != nil
      interface = route.interface
    } catch { throw TransportError(error) }
    self.address = options.mode == .multicast ? address.scoped(toInterface: interface?.index ?? 0) : address
    let isIPv6 = address.isIPv6
    let largest = route.datagramByteCount
    var datagrams = [largest]
    isFixed = options.mtuByteCount != nil
    if let mtu = options.mtuByteCount {
      let fixed = Route.datagramByteCount(mtuByteCount: mtu, isIPv6: isIPv6)
      guard fixed <= largest else {
        throw .pathTooNarrow(
          address: address.text, byteCount: mtu, carriedByteCount: route.mtuByteCount, isFixed: true)
      }
      datagrams = [fixed]
    } else if !options.mode.isGroup, options.oneWay == nil {
      datagrams += Self.usualMtuByteCounts.map { Route.datagramByteCount(mtuByteCount: $0, isIPv6: isIPv6) }
        .filter { $0 < largest }
    }
    let tagByteCount = options.secret == nil ? 0 : SealedDatagram.tagByteCount
    self.tagByteCount = tagByteCount
    chunkByteCounts = datagrams.map { SetShape.chunkByteCount(inDatagramOf: $0 - tagByteCount) }
  }

  /// Bytes of a packet beside the session's datagram: the headers of IP and UDP, and the tag.
  var headerByteCount: Int { Route.headerByteCount(isIPv6: address.isIPv6) + tagByteCount }

  /// Bytes of a chunk in packets of this size.
  func chunkByteCount(mtuByteCount: Int) -> Int {
    SetShape.chunkByteCount(
      inDatagramOf: Route.datagramByteCount(mtuByteCount: mtuByteCount, isIPv6: address.isIPv6) - tagByteCount
    )
  }

  /// The size of packet that this host knows the path to carry, when that is less than `datagramByteCount`
  /// needs.
  func carriedByteCount(below datagramByteCount: Int) -> Int? {
    Route.mtuByteCount(to: address, interface: isInterfaceNamed ? interface : nil).flatMap {
      $0 < datagramByteCount + headerByteCount ? $0 : nil
    }
  }
}
