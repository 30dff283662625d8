import Ground
package import NIOCore
import Network

/// Narrows a receiver's socket to its sender while chunks stream in. The kernel then finds the socket by one look
/// (connect(2), and `udp_v4_early_demux`), and the route that it would check for each packet with it: seven hundredths of
/// what a packet costs, on one host at the sender's expense.
///
/// A narrowed socket hears nobody else, and not its sender either once that has another address. So it is narrowed only while
/// much arrives, and widened when nothing does; where narrowing itself brought the silence it is not tried again.
package struct PeerNarrowing {
  /// A stream has no such gaps: a sender whose window is full waits for reports, which come each 50 ms at the least.
  private static let silenceNanoseconds: Nanoseconds = .milliseconds(100)

  /// Narrow for so long at a time, then wide for a moment: another sender, which announces each 50 ms at the least, must
  /// hear that this receiver is busy.
  private static let narrowNanoseconds: Nanoseconds = .seconds(2)
  private static let wideNanoseconds: Nanoseconds = .milliseconds(60)

  /// Whom to narrow to; nil for nobody.
  package var peer: SocketAddress?
  private var isNarrow = false
  private var hasHeard = false
  private var isForbidden = false
  private var heardAt = Instant.zero
  private var narrowedAt = Instant.zero
  private var wideUntil = Instant.zero

  /// Something arrived: `isStream` when more is on its way.
  mutating func hear(isStream: Bool, on socket: UDPSocket, now: Instant) {
    heardAt = now
    hasHeard = true
    if isNarrow, now - narrowedAt > Self.narrowNanoseconds {
      widen(socket)
      wideUntil = now + Self.wideNanoseconds
    }
    guard isStream, !isNarrow, !isForbidden, now >= wideUntil, let peer,
      let local = socket.replies.local(for: peer)
    else {
      return
    }
    // A connection has the address that the route back begins at; datagrams to another one would not be heard.
    let source = try? Route.to(peer, interface: socket.interface).source.addressBytes
    isNarrow = source == local && socket.narrow(to: peer)
    isForbidden = !isNarrow
    hasHeard = false
    narrowedAt = now
    if isNarrow { socket.tellDestinations(false) }  // all go to this one now, and each answer costs time
  }

  /// Widens a socket that has become silent.
  mutating func check(_ socket: UDPSocket, now: Instant) {
    guard isNarrow, now - heardAt > Self.silenceNanoseconds else { return }
    widen(socket)
    isForbidden = !hasHeard
  }

  private mutating func widen(_ socket: UDPSocket) {
    socket.widen()
    socket.tellDestinations(true)
    isNarrow = false
  }
}
