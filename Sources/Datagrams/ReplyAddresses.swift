import Glibc
package import NIOCore

/// From which address of this host to answer each of the last peers: from the one that the peer wrote to. A host may have
/// several, and its routing table chooses one without looking at what is answered; a firewall at the peer, or a router that
/// translates addresses, lets in only what comes from the address that was written to.
package struct ReplyAddresses {
  /// Peers that are remembered. An answer follows closely on what it answers.
  private static let limit = 16

  /// The parts of a peer's address that tell it apart, in the kernel's form (`struct sockaddr_in`, `sockaddr_in6`).
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

  /// A peer's address in the kernel's form, and the address of this host that it wrote to, 4 or 16 bytes.
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

  /// The address to answer this peer from; nil leaves it to the routing table.
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
