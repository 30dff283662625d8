import NIOCore
import Session

/// Where the announces of sessions that have not begun came from. The receiver answers there.
struct Announcers {
  private var addresses: [UInt64: SocketAddress] = [:]

  subscript(sessionID: UInt64) -> SocketAddress? { addresses[sessionID] }

  /// Remembers the address while the machine keeps the session. Sessions that it has forgotten are forgotten
  /// here too.
  mutating func note(_ address: SocketAddress, sessionID: UInt64, machine: ReceiverMachine) {
    guard machine.isAnnounced(sessionID) else { return }
    addresses[sessionID] = address
    guard addresses.count > 2 * ReceiverMachine.maximumAnnouncedCount else { return }
    addresses = addresses.filter { machine.isAnnounced($0.key) }
  }

  mutating func forgetAll() { addresses = [:] }
}
