package import Ground
package import Impairment
package import NIOCore

/// Where a relay stands, and what it does to the datagrams.
package struct RelayOptions: Sendable {
  /// Where clients send to; port 0: a free one.
  package var listen: SocketAddress
  /// Where their datagrams go.
  package var target: SocketAddress
  /// The path of each client, a host, counted from 0: `forward` leads to the target, `backward` to the
  /// client.
  package var path: @Sendable (Int) -> ImpairedRoundTrip
  package var seed: UInt64
  /// A capture of the datagrams that the relay handed on.
  package var pcapPath: String?
  /// What the impairment did, Specs/trace.md §6.
  package var dropTracePath: String?
  /// Decides about each datagram in place of `path`. It is given the datagram, and whether it goes to the
  /// target, and returns the datagrams to hand on, with any bytes: none loses it. One thread calls it.
  package var script: (@Sendable (_ datagram: [UInt8], _ isToTarget: Bool) -> [[UInt8]])?
  /// When it ends by itself; nil: when it is cancelled.
  package var durationNanoseconds: Nanoseconds?

  package init(
    listen: SocketAddress, target: SocketAddress, seed: UInt64,
    path: @escaping @Sendable (Int) -> ImpairedRoundTrip
  ) {
    self.listen = listen
    self.target = target
    self.seed = seed
    self.path = path
  }
}
