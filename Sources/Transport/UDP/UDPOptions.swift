package import Ground
package import Impairment
package import Keys
package import NIOCore
package import Session
package import Trace

/// How a sender reaches its receivers over UDP.
package struct UDPSendOptions: Sendable {
  package var mode: TransferMode = .unicast
  /// The receiver, the broadcast address or the group.
  package var host: String
  package var port: Int
  /// The receiver's or the group's address, when it is known already: `host` is not looked up then.
  package var address: SocketAddress?
  /// Name or address of the interface to send from; nil: the route's.
  package var interface: String?
  /// Links a multicast datagram may cross, 0...255.
  package var hopCount = 1
  /// Receivers on this host hear a group too.
  package var loopsBack = true
  /// Bytes of a whole IP packet; nil: what the path is found to carry, in a group what the route says.
  package var mtuByteCount: Int?
  package var parity = ParityChoice.auto
  /// The blocks of a group in the place of those that `parity` chooses, for comparisons; nil: none.
  package var parityBlocks: ParityChoice.Blocks?
  /// Nil: receivers answer.
  package var oneWay: OneWay?
  /// Receivers to wait for; nil: one in unicast, whoever comes within the wait in a group.
  package var receiverCount: Int?
  /// How long to wait for them; nil: 10 s in unicast, 5 s in a group, 60 s for a group of known size.
  package var joinSeconds: Double?
  /// A group only: time behind the others after which a receiver is left behind; nil: the sender waits for
  /// all.
  package var stragglerNanoseconds: Nanoseconds?
  /// Whether the user wants to start with the members of the group that have joined, since the last call.
  /// Asked ten times a second while the sender waits; nil: there is no way to say so.
  package var takeStart: (@Sendable () -> Bool)?
  /// Hears ten times a second how the receivers fare, on the session's thread; nil where nobody looks.
  package var onSample: (@Sendable (SendingSample) -> Void)?
  package var controller = RateControllerKind.model
  /// Upper bound, bits per second of UDP payload.
  package var rateLimitBitsPerSecond: Double?
  /// What the receivers must have as well; nil: everyone can read and send.
  package var secret: SessionSecret?
  /// The sender's own key. The set then has the digests of its segments; nil: nothing is signed.
  package var signing: SigningKey?
  package var impairments = UDPImpairments()
  package var trace = TraceOptions()

  package init(host: String, port: Int = 25_000) {
    self.host = host
    self.port = port
  }
}

/// A session in which receivers send nothing, Specs/chunked-udp.md §6.12.
package struct OneWay: Sendable, Equatable {
  /// Bits per second, where the user states no rate. No receiver can say that this is too fast; a wireless
  /// network carries it even to a group.
  package static let defaultRate = 10e6
  package static let defaultRoundCount: UInt64 = 2

  /// How many times the set is sent; nil: until the user ends it.
  package var roundCount: UInt64?

  package init(roundCount: UInt64?) { self.roundCount = roundCount }
}

/// Induced impairment of what this side sends and of what it receives.
package struct UDPImpairments: Sendable {
  package var outgoing: Impairment = .none
  package var incoming: Impairment = .none
  package var seed: UInt64 = 0
  /// Whose fates these are, of the receivers that share a seed: each loses other datagrams.
  package var receiver: UInt64 = 0

  package init() {}
}
