import Accounting
import Ground
import Wire

/// The packet numbers of a session's datagrams. They serve to find duplicates and losses, and for nothing
/// else: a forged number far ahead or behind must not make the sender's own numbers look old or impossible,
/// Specs/chunked-udp.md §6.2.
struct PacketArrivals: Sendable {
  /// What a packet number says of its datagram.
  enum Arrival: Equatable {
    case new(UInt64)
    /// The network delivered the same packet twice.
    case duplicate
    /// The number cannot be the sender's next one. The contents of the datagram count, and its number is
    /// ignored.
    case unnumbered

    var packet: UInt64? { if case .new(let packet) = self { packet } else { nil } }
  }

  /// Strange numbers in a row, near each other, that are believed.
  private static let believedStrangeCount = 4

  var ledger = PacketLedger()
  /// The newest time stamp of the sender, for RTT samples.
  private(set) var echo = Echo()
  /// The lowest packet number that arrived. Earlier ones are not lost.
  private var first: UInt64?
  /// The newest packet number that is far from all others, and how many successive ones were near it.
  private var strange: (newest: UInt64, count: Int)?

  /// The number of packet numbers from the first to the last that arrived, both included: what the sender
  /// sent meanwhile. Nil before there are any.
  var span: UInt64? {
    guard let highest = ledger.highest, let first else { return nil }
    return highest - first + 1
  }

  func spans(_ packet: UInt64) -> Bool {
    guard let highest = ledger.highest, let first else { return false }
    return packet >= first && packet <= highest
  }

  /// Notes a datagram's packet number. `detector` and `blocks` are told when the numbers begin
  /// anew.
  mutating func note(
    _ truncated: UInt32, byteCount: Int, timestamp: UInt32?, _ counters: inout ReceiverCounters,
    _ detector: inout LossDetector, _ blocks: inout BlockLedger?, now: Instant
  ) -> Arrival {
    let packet = PacketNumber.reconstruct(truncated: truncated, expected: ledger.expected)
    if let highest = ledger.highest,
      max(packet, highest) - min(packet, highest) >= PacketLedger.windowPacketCount
    {
      counters.strangeNumbers += 1
      guard isBelieved(packet) else { return .unnumbered }
      ledger.restart()
      detector.noteRestart()
      blocks?.noteRestart()
      first = packet
    }
    strange = nil
    let isNewest = ledger.highest.map { packet > $0 } ?? true
    guard ledger.insert(packet, now: now) else {
      counters.duplicateDatagrams += 1
      counters.duplicate.add(byteCount: byteCount)
      return .duplicate
    }
    first = min(first ?? packet, packet)
    counters.datagrams += 1
    counters.byteCount += UInt64(byteCount)
    if isNewest, let timestamp { echo = Echo(timestamp: timestamp, arrival: now) }
    return .new(packet)
  }

  /// After an outage the sender's packets follow each other far ahead of the last one. Several successive
  /// ones are believed, as RFC 3550 §A.1 does.
  private mutating func isBelieved(_ packet: UInt64) -> Bool {
    var count = 1
    if let strange, strange.newest != packet,
      max(strange.newest, packet) - min(strange.newest, packet) < PacketLedger.windowPacketCount
    {
      count = strange.count + 1
    }
    strange = (packet, count)
    return count >= Self.believedStrangeCount
  }
}
