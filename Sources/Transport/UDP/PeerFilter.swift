import Datagrams
import NIOCore
import Network

/// Whom a sender hears, Specs/chunked-udp.md §6.2: in unicast only the address and port that it sends to. Any
/// receiver of a group is heard.
struct PeerFilter {
  /// Nil: anybody is heard.
  private let peer: SocketAddress?
  /// The peer's address in the kernel's form, once it was seen: comparing it costs no conversion.
  private var name: KernelName?

  init(_ peer: SocketAddress?) { self.peer = peer }

  mutating func admits(_ arrival: Arrival) -> Bool {
    guard let peer else { return true }
    if arrival.senderName == name { return true }
    guard let sender = arrival.sender, sender.port == peer.port, sender.addressBytes == Self.reached(by: peer)
    else { return false }
    name = arrival.senderName
    return true
  }

  /// The kernel sends what goes to "any address" to this host itself, ip(7).
  private static func reached(by peer: SocketAddress) -> [UInt8] {
    let bytes = peer.addressBytes
    guard bytes.allSatisfy({ $0 == 0 }) else { return bytes }
    return peer.isIPv6 ? Array(repeating: 0, count: 15) + [1] : [127, 0, 0, 1]
  }
}
