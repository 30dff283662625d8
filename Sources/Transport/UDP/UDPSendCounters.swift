import Accounting
import Session

/// What the sender's driver counted, below the machine.
struct UDPSendCounters: Sendable, Equatable {
  /// What the session let go, counted where it goes to the impairment or the socket.
  var sent = Tally()
  /// Its bytes by kind, counted where they are encoded.
  var bytes = SenderMachine.SentBytes()
  /// Datagrams that went on to the socket.
  var handedCount: UInt64 = 0
  /// Out of the socket, and behind the induced impairment.
  var arrived = Tally()
  var received = Tally()
  /// Damaged on the way; not of this protocol or of another version of it.
  var corrupt = Tally()
  var foreign = Tally()

  var unreadableCount: UInt64 { corrupt.count + foreign.count }
}
