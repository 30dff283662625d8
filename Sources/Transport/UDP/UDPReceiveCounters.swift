import Accounting

/// What the receiver's driver counted, below the machine; Specs/accounting.md §10 defines the terms.
struct UDPReceiveCounters: Sendable, Equatable {
  /// Out of the socket.
  private(set) var arrived = Tally()
  /// Behind the induced impairment: what the session was given, or what could not be read.
  private(set) var received = Tally()
  /// Damaged on the way: the CRC32 is wrong.
  var corrupt = Tally()
  /// Not of this protocol, or of another version of it.
  var foreign = Tally()
  /// What the session sent, before the induced impairment, and what went on to the socket.
  var sent = Tally()
  var handedCount: UInt64 = 0
  /// Dropped on purpose by the sender, as its close says.
  var droppedBySender: UInt32 = 0
  /// Dropped by the kernel at our own socket, because its buffer was full.
  var socketDrops: UInt32 = 0

  /// A train of datagrams of `segment` bytes, the last perhaps shorter.
  mutating func arrive(train byteCount: Int, segment: Int) {
    arrived.add(count: Self.count(byteCount, segment), byteCount: byteCount)
  }

  mutating func receive(train byteCount: Int, segment: Int) {
    received.add(count: Self.count(byteCount, segment), byteCount: byteCount)
  }

  /// A datagram without a byte: nothing of ours.
  mutating func receiveEmpty() {
    received.add(byteCount: 0)
    foreign.add(byteCount: 0)
  }

  /// A datagram that could not be decoded.
  mutating func countUnreadable(byteCount: Int, isCorrupt: Bool) {
    if isCorrupt { corrupt.add(byteCount: byteCount) } else { foreign.add(byteCount: byteCount) }
  }

  private static func count(_ byteCount: Int, _ segment: Int) -> Int {
    segment > 0 ? (byteCount + segment - 1) / segment : 1
  }
}
