import Datagrams
import Ground
import NIOCore
import Network

/// Whom a receiver hears in its session: the address and port of the announce that it joined, while datagrams
/// arrive from there, Specs/chunked-udp.md §9. So others that know the session's id can neither end it nor
/// place chunks. A translator of addresses (NAT) may give the sender another address during a session.
struct SenderFilter {
  /// After this time without a datagram from the sender another address is heard. No sender has such gaps:
  /// one that waits repeats *end* each 250 ms.
  static let quietNanoseconds: Nanoseconds = .seconds(1)

  /// Nil until a session has begun.
  private(set) var sender: SocketAddress?
  /// The sender's address in the kernel's form, once it was seen: comparing it costs no conversion.
  private var name: KernelName?
  private var heardAt = Instant.zero

  mutating func use(_ address: SocketAddress, now: Instant) {
    sender = address
    name = nil
    heardAt = now
  }

  /// Whether the session is not to hear this datagram or train.
  mutating func refuses(_ arrival: Arrival, now: Instant) -> Bool {
    guard let sender else { return false }
    if arrival.senderName == name {
      heardAt = now
      return false
    }
    if arrival.sender == sender {
      name = arrival.senderName
      heardAt = now
      return false
    }
    return now - heardAt < Self.quietNanoseconds
  }

  /// Whether no datagram came from the session's sender for this time.
  func isQuiet(for nanoseconds: Nanoseconds, now: Instant) -> Bool {
    sender != nil && now - heardAt >= nanoseconds
  }

  /// This process did not run: that is no silence of the sender's.
  mutating func postpone(by nanoseconds: Nanoseconds) { heardAt = heardAt + nanoseconds }
}
