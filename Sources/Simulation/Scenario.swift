import Checksum
package import Ground
package import Impairment
package import Session
import Wire

/// One simulated session: its receivers, its paths and its set. A value: running it twice gives the same
/// trace digest.
package struct Scenario: Sendable {
  /// Receivers, 1...100,000.
  package var receiverCount: Int
  /// Served as a group, by multicast; several receivers always are.
  package var isGroup: Bool
  /// The paths to the receivers: receiver i has element i modulo the count. No element: a path without
  /// impairment. Validated.
  package var forward: [Impairment]
  /// The path back from each receiver, likewise.
  package var backward: [Impairment]
  /// The sender's own interface, which the datagrams to all receivers share.
  package var shared: Impairment.Bottleneck?
  /// Half of it is added to each direction's own delay.
  package var rttNanoseconds: Nanoseconds
  /// Chunks of the one file and its digest; the manifest adds one.
  package var fileChunkCount: UInt64
  /// Payload bytes of a chunk, 64...65,475.
  package var chunkByteCount: Int
  /// Smaller sizes of chunk for which the path is probed in unicast, from the largest to the smallest.
  package var smallerChunkByteCounts: [Int] = []
  /// The blocks of parity; nil: no parity is sent.
  package var parity: Parity?
  /// Nil: receivers answer.
  package var oneWay: OneWay?
  /// Time behind the others after which a member of a group is left behind; nil: the sender waits for each.
  package var stragglerNanoseconds: Nanoseconds?
  /// When each receiver starts; all of them at 0 if empty.
  package var startsNanoseconds: [Nanoseconds] = []
  /// A black hole: datagrams with more bytes of UDP payload than this reach no receiver, and no side is told.
  package var pathByteCount: Int?
  /// The receivers count marks, so that the queues may mark.
  package var countsMarks = true
  package var controller: RateControllerKind
  /// Upper bound of the rate, bits per second of UDP payload.
  package var rateLimitBitsPerSecond: Double?
  /// Each receiver's socket buffer as the receiver reports it to the sender, bytes. The simulation itself
  /// reads at once and never fills it.
  package var receiveBufferByteCount: Int
  /// How long a receiver takes to verify its files.
  package var verificationNanoseconds: Nanoseconds
  package var seed: UInt64
  /// The length of the intervals in which arrivals are counted, for a curve over time; 0: they are not
  /// counted.
  package var seriesNanoseconds: Nanoseconds = 0
  /// Parts into which the receivers are shared out among the processors; nil: as many as pay. The result does
  /// not depend on it.
  package var partCount: Int?

  package init(
    receiverCount: Int = 1, isGroup: Bool? = nil, forward: [Impairment] = [], backward: [Impairment] = [],
    shared: Impairment.Bottleneck? = nil, rttNanoseconds: Nanoseconds = .milliseconds(10),
    fileChunkCount: UInt64 = 200, chunkByteCount: Int = 1_440, controller: RateControllerKind = .model,
    rateLimitBitsPerSecond: Double? = nil, receiveBufferByteCount: Int = 8_388_608,
    verificationNanoseconds: Nanoseconds = 0, seed: UInt64
  ) {
    self.receiverCount = max(1, min(receiverCount, 100_000))
    self.isGroup = (isGroup ?? false) || receiverCount > 1
    self.forward = forward
    self.backward = backward
    self.shared = shared
    self.rttNanoseconds = rttNanoseconds
    self.fileChunkCount = min(fileChunkCount, ChunkRange.sequenceSpace - 1)
    self.chunkByteCount = max(64, min(chunkByteCount, SetShape.chunkByteCounts.upperBound))
    self.controller = controller
    self.rateLimitBitsPerSecond = rateLimitBitsPerSecond
    self.receiveBufferByteCount = receiveBufferByteCount
    self.verificationNanoseconds = verificationNanoseconds
    self.seed = seed
  }

  /// A session to whose sender nothing comes back, Specs/chunked-udp.md §6.12.
  package struct OneWay: Sendable, Equatable {
    package var roundCount: UInt64

    package init(roundCount: UInt64) { self.roundCount = roundCount }
  }

  /// What the announce says of parity, Specs/chunked-udp.md §2.1.
  package struct Parity: Sendable, Equatable {
    /// k, 1...200.
    package var blockChunkCount: UInt8
    /// k + this ≤ 255.
    package var maxSymbolCount: UInt8
    /// D, 1...255.
    package var stride: UInt8
    /// Symbols for each chunk that leave before a receiver asks; nil: as the loss asks for.
    package var fixedShare: Double?

    package init(blockChunkCount: UInt8, stride: UInt8 = 16, fixedShare: Double? = nil) {
      self.blockChunkCount = blockChunkCount
      maxSymbolCount = 255 - blockChunkCount
      self.stride = stride
      self.fixedShare = fixedShare
    }
  }

  /// The session's id on its virtual wire.
  package var sessionID: UInt64 { SplitMix64.combine(seed, 0) }

  /// Runs the scenario for at most `limit` of virtual time and `eventLimit` events, by default enough for any
  /// number of receivers. A session that has not ended by then has a fault.
  package func run(
    limit: Nanoseconds = .seconds(600), eventLimit: UInt64? = nil, observer: SenderObserver? = nil
  ) -> SimulationResult {
    var run = SimulationRun(self, observer: observer)
    let most = max(50_000_000, UInt64(receiverCount) * Self.eventsPerReceiver)
    return run.run(limitNanoseconds: limit, eventLimit: eventLimit ?? most)
  }

  /// Most events of one receiver: ten thousand that receive 1,000 chunks have 12,000 each, most of them while
  /// one after the other says that it is complete.
  private static let eventsPerReceiver: UInt64 = 100_000
  /// The manifest of a simulated set, bytes: one chunk.
  private static let manifestByteCount = 64
  /// The file and its digest fill their chunks, at the largest size.
  private var rowByteCount: UInt64 { fileChunkCount * UInt64(chunkByteCount) }
  /// The file's size.
  private var fileByteCount: UInt64 { rowByteCount - min(rowByteCount, UInt64(SetShape.digestByteCount)) }

  /// The set at each size, the largest first.
  var shapes: [SetShape] {
    ([chunkByteCount] + smallerChunkByteCounts).map {
      SetShape(
        chunkByteCount: $0, manifestByteCount: Self.manifestByteCount, fileByteCounts: [fileByteCount])
    }
  }

  /// The announce at one of the sizes.
  func announce(of shape: SetShape) -> Announce {
    var options: AnnounceOptions = []
    if isGroup { options.insert(.group) }
    if parity != nil { options.insert(.parity) }
    if oneWay != nil { options.insert(.oneWay) }
    return Announce(
      setIdentity: SetIdentity(high: sessionID, low: 0), shape: shape, groupSize: UInt32(receiverCount),
      timestamp: 0, options: options, grttCode: GrttCode(nanoseconds: 100_000_000),
      blockChunkCount: parity?.blockChunkCount ?? 0, maxParityCount: parity?.maxSymbolCount ?? 0,
      blockStride: parity?.stride ?? 0)
  }

  /// Payload bytes of a chunk.
  func payloadByteCount(of chunk: UInt64, in shape: SetShape) -> Int {
    if chunk == 0 { return Self.manifestByteCount }
    let rest = rowByteCount - (chunk - 1) * UInt64(shape.chunkByteCount)
    return Int(min(rest, UInt64(shape.chunkByteCount)))
  }

  /// A path of this scenario: its own impairment and half of the round trip.
  func path(_ impairments: [Impairment]) -> [Impairment] {
    (impairments.isEmpty ? [.none] : impairments).map {
      var path = $0
      path.delayNanoseconds += rttNanoseconds / 2
      return path
    }
  }
}
