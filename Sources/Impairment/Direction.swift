/// Which way a datagram travels. The two directions have separate packet numbers and separate random streams.
package enum Direction: UInt64, Sendable, CaseIterable {
  /// From the sender to a receiver: data, parity, notices, end.
  case towardsReceiver = 1
  /// From a receiver to the sender: NACKs, reports, complete.
  case towardsSender = 2
}
