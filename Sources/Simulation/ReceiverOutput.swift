import Session

/// What receivers did in a window of time.
struct ReceiverOutput: Sendable {
  /// A datagram that a receiver sent.
  struct Sent: Sendable {
    var timeNanoseconds: UInt64
    var receiver: Int
    var transmission: ReceiverTransmission
  }

  /// One receiver after the other, each in the order of time.
  var sent: [Sent] = []
  /// Arrivals and wake-ups.
  var eventCount: UInt64 = 0
  /// Deadlines that were due right after the machine was drained.
  var overdueCount: UInt64 = 0
  /// The last arrival or wake-up so far.
  var lastNanoseconds: UInt64 = 0

  mutating func begin() {
    sent.removeAll(keepingCapacity: true)
    eventCount = 0
    overdueCount = 0
  }
}
