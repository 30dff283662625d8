/// One direction of the path to one receiver. Sans-I/O: the owner asks about each datagram and gets a
/// ``Verdict``. The owner schedules the deliveries, flips the bits and logs the drops. O(1) memory, no
/// allocation per datagram.
///
/// The order is: the bottleneck's queue, an outage, drops by list, random loss, then the delays. So a
/// datagram that is lost at random has used the bottleneck, as on a radio link behind a router.
package struct ImpairedLink: Sendable {
  package let impairment: Impairment
  package private(set) var counters = ImpairmentCounters()
  /// The link's own queue; nil without a bottleneck.
  package private(set) var queue: BottleneckQueue?

  private let losses: Fate.Stream
  private var chain: GilbertElliottChain?
  private let copies: Copies
  private let delaysOrDoubles: Bool
  private var occurrences = InlineArray<16, UInt32>(repeating: 0)
  /// When the last datagram in order is handed over. Jitter does not let a later datagram overtake it.
  private var lastDeliveryNanoseconds: UInt64 = 0

  /// - Parameters:
  ///   - impairment: validated.
  ///   - seed: the run's seed.
  ///   - direction: which way this link goes.
  ///   - receiver: which receiver it belongs to, counted from 0.
  package init(_ impairment: Impairment, seed: UInt64, direction: Direction, receiver: UInt64) {
    let fate = Fate(seed: seed, direction: direction, receiver: receiver)
    self.impairment = impairment
    queue = impairment.bottleneck.map { BottleneckQueue($0) }
    losses = fate.stream(.loss)
    chain = GilbertElliottChain.Parameters(impairment.loss).map {
      GilbertElliottChain(parameters: $0, fate: fate)
    }
    copies = Copies(fate)
    delaysOrDoubles =
      !impairment.isInstant || impairment.corruption > 0 || impairment.truncation > 0
      || impairment.duplication > 0
  }

  /// Decides about one datagram.
  /// - Parameters:
  ///   - packetNumber: the sending endpoint's packet number; any counter where the protocol has none.
  ///   - kind: message type, as in ``MessageKind``; only its low 4 bits count.
  ///   - byteCount: bytes on the wire, for the bottleneck's rate and buffer. The index of a bit to flip is
  ///     below 8 times `corruptibleByteCount`.
  ///   - corruptibleByteCount: the datagram's own bytes, without headers below UDP; `byteCount` if nil.
  ///   - now: nanoseconds of the owner's clock.
  package mutating func handle(
    packetNumber: UInt64, kind: UInt8, byteCount: Int, corruptibleByteCount: Int? = nil, now: UInt64
  ) -> Verdict {
    counters.offeredCount += 1
    var departure = now
    if queue != nil {
      guard let admitted = queue?.admit(byteCount: byteCount, now: now) else { return drop(.queueOverflow) }
      departure = admitted
    }
    if let outage = impairment.outage, outage.covers(now) { return drop(.listed) }
    if isListed(packetNumber: packetNumber, kind: kind) { return drop(.listed) }
    if isLost(packetNumber) { return drop(.randomLoss) }
    guard delaysOrDoubles else { return .untouched }
    let ownByteCount = UInt64(max(0, corruptibleByteCount ?? byteCount))
    return deliver(packetNumber, byteCount: ownByteCount, departure: departure, now: now)
  }

  private mutating func drop(_ cause: DropCause) -> Verdict {
    counters.count(cause)
    return .dropped(cause)
  }

  private mutating func isListed(packetNumber: UInt64, kind: UInt8) -> Bool {
    guard !impairment.drops.isEmpty else { return false }
    let index = Int(kind & (MessageKind.limit - 1))
    occurrences[index] &+= 1
    for rule in impairment.drops
    where rule.matches(packetNumber: packetNumber, kind: UInt8(index), occurrence: occurrences[index]) {
      return true
    }
    return false
  }

  private mutating func isLost(_ packetNumber: UInt64) -> Bool {
    switch impairment.loss {
    case .none: return false
    case .random(let probability): return losses.happens(packetNumber, probability: probability)
    case .burst: return chain?.isBad(at: packetNumber) ?? false
    case .gilbertElliott(_, _, let lossGood, let lossBad):
      let isBad = chain?.isBad(at: packetNumber) ?? false
      return losses.happens(packetNumber, probability: isBad ? lossBad : lossGood)
    }
  }

  private mutating func deliver(
    _ packetNumber: UInt64, byteCount: UInt64, departure: UInt64, now: UInt64
  ) -> Verdict {
    var arrival = departure + impairment.delayNanoseconds
    let jitter = impairment.jitterNanoseconds
    if jitter > 0 { arrival += copies.jitter.below(jitter + 1, packetNumber) }
    arrival = max(arrival, lastDeliveryNanoseconds)
    var isHeldBack = false
    let isMarked = queue?.isMarking ?? false
    if isMarked { counters.markedCount += 1 }
    if let reordering = impairment.reordering,
      copies.reordering.happens(packetNumber, probability: reordering.probability)
    {
      counters.reorderedCount += 1
      isHeldBack = true
      arrival += reordering.extraDelayNanoseconds
    } else {
      lastDeliveryNanoseconds = arrival
    }
    let first = Delivery(
      delayNanoseconds: arrival - now,
      flippedBitIndex: flip(packetNumber, copies.corruption, copies.corruptedBit, byteCount: byteCount),
      truncatedByteCount: cut(packetNumber, copies.truncation, copies.truncatedLength, byteCount: byteCount),
      isHeldBack: isHeldBack, isMarked: isMarked)
    guard copies.duplication.happens(packetNumber, probability: impairment.duplication) else {
      return .delivered(first)
    }
    counters.duplicatedCount += 1
    let behind = jitter > 0 ? copies.duplicateJitter.below(jitter + 1, packetNumber) : 0
    return .duplicated(
      first,
      Delivery(
        delayNanoseconds: arrival - now + behind,
        flippedBitIndex: flip(
          packetNumber, copies.duplicateCorruption, copies.duplicateCorruptedBit, byteCount: byteCount),
        truncatedByteCount: cut(
          packetNumber, copies.duplicateTruncation, copies.duplicateTruncatedLength, byteCount: byteCount),
        isMarked: isMarked))
  }

  /// At least one byte stays: an empty datagram means something of its own to some programs.
  private mutating func cut(
    _ packetNumber: UInt64, _ chance: Fate.Stream, _ length: Fate.Stream, byteCount: UInt64
  ) -> Int? {
    guard byteCount > 1, chance.happens(packetNumber, probability: impairment.truncation) else { return nil }
    counters.truncatedCount += 1
    return 1 + Int(length.below(byteCount - 1, packetNumber))
  }

  private mutating func flip(
    _ packetNumber: UInt64, _ chance: Fate.Stream, _ bit: Fate.Stream, byteCount: UInt64
  ) -> Int? {
    guard byteCount > 0, chance.happens(packetNumber, probability: impairment.corruption) else {
      return nil
    }
    counters.corruptedCount += 1
    return Int(bit.below(byteCount &* 8, packetNumber))
  }

  /// The streams that decide about delivered copies.
  private struct Copies: Sendable {
    let corruption: Fate.Stream
    let corruptedBit: Fate.Stream
    let duplication: Fate.Stream
    let reordering: Fate.Stream
    let jitter: Fate.Stream
    let duplicateCorruption: Fate.Stream
    let duplicateCorruptedBit: Fate.Stream
    let duplicateJitter: Fate.Stream
    let truncation: Fate.Stream
    let truncatedLength: Fate.Stream
    let duplicateTruncation: Fate.Stream
    let duplicateTruncatedLength: Fate.Stream

    init(_ fate: Fate) {
      corruption = fate.stream(.corruption)
      corruptedBit = fate.stream(.corruptedBit)
      duplication = fate.stream(.duplication)
      reordering = fate.stream(.reordering)
      jitter = fate.stream(.jitter)
      duplicateCorruption = fate.stream(.duplicateCorruption)
      duplicateCorruptedBit = fate.stream(.duplicateCorruptedBit)
      duplicateJitter = fate.stream(.duplicateJitter)
      truncation = fate.stream(.truncation)
      truncatedLength = fate.stream(.truncatedLength)
      duplicateTruncation = fate.stream(.duplicateTruncation)
      duplicateTruncatedLength = fate.stream(.duplicateTruncatedLength)
    }
  }
}
