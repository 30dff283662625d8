package import Ground

extension ReceiverMachine {
  package struct Configuration: Sendable {
    /// Random; tells this receiver from all others of the session.
    package var receiverID: UInt64
    /// For people: the name that the sender shows for this receiver. At most 64 bytes of it are sent.
    package var hostName: String
    /// The socket's receive buffer as the kernel granted it, bytes: the sender keeps less than that in
    /// flight.
    package var receiveBufferByteCount: Int
    /// Silence of the sender that ends a session, once it has begun.
    package var idleNanoseconds: Nanoseconds
    /// The largest datagram this receiver sends, bytes of UDP payload.
    package var datagramByteCount: Int
    /// The owner keeps symbols and rebuilds blocks. Otherwise parity is ignored, and chunks are asked for.
    package var usesParity: Bool
    /// The owner says which datagrams came marked "congestion experienced" (`noteMarked`), so that the sender
    /// may let its datagrams be marked.
    package var countsMarks: Bool
    /// Sessions that are not taken, whatever announces them: this receiver has had them.
    package var refusedSessions: [UInt64]
    package var seed: UInt64

    package init(
      receiverID: UInt64, hostName: String, receiveBufferByteCount: Int = 212_992,
      idleNanoseconds: Nanoseconds = .seconds(15), datagramByteCount: Int = 1_200,
      usesParity: Bool = false, countsMarks: Bool = false, refusedSessions: [UInt64] = [], seed: UInt64 = 0
    ) {
      self.receiverID = receiverID
      self.hostName = hostName
      self.receiveBufferByteCount = receiveBufferByteCount
      self.idleNanoseconds = idleNanoseconds
      self.datagramByteCount = datagramByteCount
      self.usesParity = usesParity
      self.countsMarks = countsMarks
      self.refusedSessions = refusedSessions
      self.seed = seed
    }
  }
}
