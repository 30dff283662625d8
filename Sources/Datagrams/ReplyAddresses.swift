import Glibc
package import NIOCore

/// The address of this host from which to answer each of the last peers: the address to which the peer wrote.
/// A host may have several addresses, and its routing table chooses one without regard to the question. A
/// firewall at the peer, or a NAT, admits only datagrams from the address to which the peer wrote.
package struct ReplyAddresses {
  /// The number of peers that are remembered. An answer follows soon after the question.
  private static let limit = 16

  /// The parts of a peer's address that identify it, in the kernel's form (`struct sockaddr_in`,
  /// `sockaddr_in6`).
  private struct Peer: Equatable {
    var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    init?(_ name: UnsafeRawBufferPointer) {
      guard name.count >= MemoryLayout<sa_family_t>.size else { return nil }
      let isIPv6 = Int32(name.loadUnaligned(as: sa_family_t.self)) == AF_INET6
      let count = min(name.count, isIPv6 ? 28 : 8)  // of an IPv4 address the rest is padding
      withUnsafeMutableBytes(of: &words) {
        $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: name[..<count]))
      }
    }

    static func == (a: Peer, b: Peer) -> Bool { a.words == b.words }
  }

  private var entries: [(peer: Peer, local: [UInt8])] = []
  /// The entry to replace next.
  private var oldest = 0

  package init() {}

  package var isEmpty: Bool { entries.isEmpty }

  /// Notes a peer's address in the kernel's form, and the address of this host to which it wrote, 4 or 16
  /// bytes.
  package mutating func note(peer name: UnsafeRawBufferPointer, local: UnsafeRawBufferPointer) {
    guard let peer = Peer(name) else { return }
    if let at = entries.firstIndex(where: { $0.peer == peer }) {
      if !entries[at].local.elementsEqual(local) { entries[at].local = Array(local) }
    } else if entries.count < Self.limit {
      entries.append((peer, Array(local)))
    } else {
      entries[oldest] = (peer, Array(local))
      oldest = (oldest + 1) % Self.limit
    }
  }

  /// The address from which to answer this peer; nil: the routing table chooses.
  package func local(for name: UnsafeRawBufferPointer) -> [UInt8]? {
    guard !entries.isEmpty, let peer = Peer(name) else { return nil }
    return entries.first { $0.peer == peer }?.local
  }

  /// The same, by the peer's address as a value.
  package func local(for peer: SocketAddress) -> [UInt8]? {
    peer.withSockAddr { local(for: UnsafeRawBufferPointer(start: $0, count: $1)) }
  }

  /// The kernel does not send from that address.
  package mutating func forget(_ name: UnsafeRawBufferPointer) {
    guard let peer = Peer(name), let at = entries.firstIndex(where: { $0.peer == peer }) else { return }
    entries.remove(at: at)
    oldest = 0
  }
}
