package import Ground
package import Wire

extension SenderMachine {
  package struct Configuration: Sendable {
    package var sessionID: UInt64
    /// The sizes of datagram that are possible, from the largest to the smallest. In unicast the path is
    /// probed for the largest that it carries (§6.9). A group uses the first.
    package var candidates: [PathCandidate]
    package var isGroup: Bool
    /// Receivers to wait for; 1 in unicast.
    package var receiverCount: Int
    /// How long to wait for receivers. Then those that joined are served; without any the session ends.
    package var joinNanoseconds: Nanoseconds
    /// Silence after which a receiver is given up.
    package var silenceNanoseconds: Nanoseconds
    package var controller: RateControllerKind
    /// Upper bound of the rate, bits per second of UDP payload; nil: none.
    package var rateLimitBitsPerSecond: Double?
    /// Datagrams in one train, at most. 44 of 1,472 bytes fill a GSO write; of larger datagrams fewer do.
    package var trainDatagramCount: Int
    /// One-way only: how many times the set is sent; nil: until the owner cancels the session.
    package var roundCount: UInt64?
    /// A group only: time behind the others after which a member is left; nil: the sender waits for all.
    package var stragglerNanoseconds: Nanoseconds?
    /// In a session with parity: symbols for each chunk that leave before a receiver asks, behind each span
    /// or, one-way, in each round; nil: as the loss asks for.
    package var fixedParityShare: Double?
    package var seed: UInt64

    package init(
      sessionID: UInt64, announce: Announce, smaller: [PathCandidate] = [],
      isGroup: Bool = false, receiverCount: Int = 1,
      joinNanoseconds: Nanoseconds = .seconds(10), silenceNanoseconds: Nanoseconds = .seconds(8),
      controller: RateControllerKind = .model, rateLimitBitsPerSecond: Double? = nil,
      trainDatagramCount: Int = 44, roundCount: UInt64? = nil,
      stragglerNanoseconds: Nanoseconds? = nil, fixedParityShare: Double? = nil, seed: UInt64 = 0
    ) {
      self.sessionID = sessionID
      candidates = [PathCandidate(announce: announce)] + smaller
      self.isGroup = isGroup
      self.receiverCount = receiverCount
      self.joinNanoseconds = joinNanoseconds
      self.silenceNanoseconds = silenceNanoseconds
      self.controller = controller
      self.rateLimitBitsPerSecond = rateLimitBitsPerSecond
      self.trainDatagramCount = trainDatagramCount
      self.roundCount = roundCount
      self.stragglerNanoseconds = isGroup ? stragglerNanoseconds : nil
      self.fixedParityShare = fixedParityShare
      self.seed = seed
    }

    /// The announce says that receivers send nothing.
    package var isOneWay: Bool { candidates[0].announce.options.contains(.oneWay) }
  }

  /// As `receiverCount`: wait for the whole time, then serve the receivers that joined.
  package static let anyNumberOfReceivers = Int.max
}
