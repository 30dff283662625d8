import Ground
package import Impairment

/// What the network must know of a datagram to carry it.
package struct DatagramFacts: Sendable {
  /// The sending endpoint's own 64-bit packet number, from which its fate is drawn.
  package var packetNumber: UInt64
  /// Message type.
  package var kind: UInt8
  /// UDP payload bytes.
  package var byteCount: Int
  /// A queue may mark it "congestion experienced".
  package var mayBeMarked: Bool

  package init(packetNumber: UInt64, kind: UInt8, byteCount: Int, mayBeMarked: Bool = false) {
    self.packetNumber = packetNumber
    self.kind = kind
    self.byteCount = byteCount
    self.mayBeMarked = mayBeMarked
  }
}

/// A virtual network in virtual time between one sender and its receivers: the sender's interface (a
/// bottleneck that a group shares, because multicast leaves once), then two links for each receiver. Messages
/// are values. The network has the effect that a real one would have on their bytes: a flipped bit fails the
/// checksum, so a damaged copy is counted and not delivered.
///
/// What the sender sends may be given to it ahead of what receivers send at the same times. The trace digest
/// is of all datagrams in the order of time all the same.
package struct VirtualNetwork<Message> {
  /// Whom one datagram reaches at one time.
  package enum Destination {
    /// Several receivers: those of `receivers(of:)`.
    case set(Int)
    case receiver(Int)
  }

  private var towardsReceivers = EventQueue<(Destination, isMarked: Bool, Message)>()
  private var towardsSender = EventQueue<Message>()
  private var folded = TraceDigest()
  private var log = DigestLog()
  package private(set) var sentBySender = TypeCounts()
  package private(set) var sentByReceivers = TypeCounts()
  package private(set) var corruptedCopyCount: UInt64 = 0
  package private(set) var sharedQueue: BottleneckQueue?
  /// The path to each receiver; empty when all are `plain`.
  package private(set) var forward: [ImpairedLink] = []
  package private(set) var backward: [ImpairedLink]
  /// The paths to the receivers of a group, when all of them are alike and only lose and delay.
  private var plain: PlainLinks?
  private var plainCounters = ImpairmentCounters()
  private var sets: ReceiverSets
  /// The delays of the newest datagram, and the receivers of each.
  private var delays: [(nanoseconds: UInt64, isMarked: Bool, set: Int)] = []
  /// Different delays of one datagram that have a set each. Jitter gives each receiver its own delay; a set
  /// for each would not pay.
  private static var setCount: Int { 4 }

  /// - Parameters:
  ///   - shared: the sender's interface; nil for one without limit.
  ///   - forward: the path to each receiver, validated; receiver i takes element i modulo the count.
  ///   - backward: the path from each receiver.
  package init(
    receiverCount: Int, shared: Impairment.Bottleneck?, forward: [Impairment], backward: [Impairment],
    seed: UInt64
  ) {
    func links(_ impairments: [Impairment], _ direction: Direction) -> [ImpairedLink] {
      (0..<receiverCount).map {
        ImpairedLink(
          impairments.isEmpty ? .none : impairments[$0 % impairments.count], seed: seed,
          direction: direction, receiver: UInt64($0))
      }
    }
    sharedQueue = shared.map { BottleneckQueue($0) }
    sets = ReceiverSets(receiverCount: receiverCount)
    if receiverCount > 1, forward.count < 2 {
      plain = PlainLinks(
        forward.first ?? .none, seed: seed, direction: .towardsReceiver, receiverCount: receiverCount)
    }
    if plain == nil { self.forward = links(forward, .towardsReceiver) }
    self.backward = links(backward, .towardsSender)
  }

  // MARK: What arrives

  /// When a datagram arrives at the sender, and at a receiver, nanoseconds; nil: none is on the way.
  package var nextTimeAtSender: UInt64? { towardsSender.nextTimeNanoseconds }
  package var nextTimeAtReceivers: UInt64? { towardsReceivers.nextTimeNanoseconds }

  /// The next datagram that arrives at the sender up to this time, in the order of time and then of sending.
  package mutating func arrivalAtSender(through timeNanoseconds: UInt64) -> (
    timeNanoseconds: UInt64, message: Message
  )? {
    guard let next = nextTimeAtSender, next <= timeNanoseconds, let (time, message) = towardsSender.pop()
    else {
      return nil
    }
    return (time, message)
  }

  /// Likewise at receivers.
  package mutating func arrivalAtReceivers(through timeNanoseconds: UInt64) -> (
    timeNanoseconds: UInt64, destination: Destination, isMarked: Bool, message: Message
  )? {
    guard let next = nextTimeAtReceivers, next <= timeNanoseconds, let (time, event) = towardsReceivers.pop()
    else { return nil }
    return (time, event.0, event.isMarked, event.2)
  }

  /// The fingerprint of all datagrams sent so far.
  package var digest: TraceDigest {
    var (digest, log) = (folded, log)
    log.fold(through: .max, into: &digest)
    return digest
  }

  /// Nobody sends any more at this time or before it.
  package mutating func close(through timeNanoseconds: UInt64) {
    log.fold(through: timeNanoseconds, into: &folded)
  }

  /// What the links towards the receivers did, all together.
  package var forwardCounters: ImpairmentCounters {
    forward.reduce(into: plainCounters) { $0 += $1.counters }
  }

  /// The receivers that a datagram reaches at one time: receiver i is bit i % 64 of word i / 64.
  package func receivers(of set: Int) -> [UInt64] { sets[set] }

  /// The datagram has been handed over to all receivers of this set.
  package mutating func recycle(set: Int) { sets.recycle(set) }

  // MARK: What is sent

  /// The sender sends one datagram to all receivers; `isCarried`: no link on the way is too narrow for it.
  package mutating func sendToReceivers(
    _ message: Message, _ facts: DatagramFacts, isCarried: Bool = true, now: UInt64
  ) {
    let wireByteCount = facts.byteCount + PacketSize.ethernetDatagram
    sentBySender.count(kind: facts.kind, wireByteCount: wireByteCount)
    Self.forEachWord(node: 0, facts, now: now) { log.append($0, at: now) }
    var departure = now
    var isMarked = false
    if sharedQueue != nil {
      guard let admitted = sharedQueue?.admit(byteCount: wireByteCount, now: now) else {
        log.append(UInt64(DropCause.queueOverflow.rawValue) | 0x100, at: now)
        return
      }
      departure = admitted
      isMarked = facts.mayBeMarked && sharedQueue?.isMarking ?? false
      if isMarked { log.append(Self.markWord, at: now) }
    }
    guard isCarried else { return }
    if let plain {
      return deliver(message, isMarked, over: plain, facts, now: now, departure: departure)
    }
    delays.removeAll(keepingCapacity: true)
    for receiver in forward.indices {
      let verdict = forward[receiver].handle(
        packetNumber: facts.packetNumber, kind: facts.kind, byteCount: wireByteCount,
        corruptibleByteCount: facts.byteCount, now: departure)
      func isMarkedNow(_ copy: Delivery) -> Bool { isMarked || (facts.mayBeMarked && copy.isMarked) }
      if case .delivered(let delivery) = verdict, delivery.isSound, forward.count > 1,
        let set = set(
          for: delivery.delayNanoseconds, isMarkedNow(delivery), message, at: departure)
      {
        log.append(delivery.delayNanoseconds, at: now)
        if facts.mayBeMarked, delivery.isMarked { log.append(Self.markWord, at: now) }
        sets.insert(receiver, into: set)
      } else {
        Self.forEachWord(verdict, mayBeMarked: facts.mayBeMarked) { log.append($0, at: now) }
        forEachSoundCopy(verdict) { network, copy in
          network.towardsReceivers.push(
            (.receiver(receiver), isMarkedNow(copy), message), at: departure + copy.delayNanoseconds)
        }
      }
    }
  }

  /// The receivers to which a datagram comes after this delay. Nil when it has too many different delays.
  private mutating func set(
    for delay: UInt64, _ isMarked: Bool, _ message: Message, at time: UInt64
  ) -> Int? {
    if let known = delays.first(where: { $0.nanoseconds == delay && $0.isMarked == isMarked }) {
      return known.set
    }
    guard delays.count < Self.setCount else { return nil }
    let set = sets.make()
    delays.append((delay, isMarked, set))
    towardsReceivers.push((.set(set), isMarked, message), at: time + delay)
    return set
  }

  /// As with a link for each receiver: the same losses, and the same words for the digest.
  private mutating func deliver(
    _ message: Message, _ isMarked: Bool, over plain: PlainLinks, _ facts: DatagramFacts, now: UInt64,
    departure: UInt64
  ) {
    let set = sets.make()
    let count = plain.draw(facts.packetNumber, into: &sets[set])
    plainCounters.offeredCount += UInt64(plain.receiverCount)
    plainCounters.randomLossCount += UInt64(plain.receiverCount - count)
    log.append(
      set: sets[set], receiverCount: plain.receiverCount, reached: plain.delayNanoseconds,
      lost: UInt64(DropCause.randomLoss.rawValue) | 0x100, at: now)
    if count == 0 { return sets.recycle(set) }
    towardsReceivers.push((.set(set), isMarked, message), at: departure + plain.delayNanoseconds)
  }

  /// A receiver sends one datagram to the sender. Receivers send in the order of time.
  package mutating func sendToSender(
    _ message: Message, _ facts: DatagramFacts, from receiver: Int, now: UInt64
  ) {
    close(through: now)
    let wireByteCount = facts.byteCount + PacketSize.ethernetDatagram
    sentByReceivers.count(kind: facts.kind, wireByteCount: wireByteCount)
    Self.forEachWord(node: receiver + 1, facts, now: now) { folded.fold($0) }
    let verdict = backward[receiver].handle(
      packetNumber: facts.packetNumber, kind: facts.kind, byteCount: wireByteCount,
      corruptibleByteCount: facts.byteCount, now: now)
    Self.forEachWord(verdict) { folded.fold($0) }
    forEachSoundCopy(verdict) { network, copy in
      network.towardsSender.push(message, at: now + copy.delayNanoseconds)
    }
  }

  // MARK: What the digest and the queues get

  private static func forEachWord(node: Int, _ facts: DatagramFacts, now: UInt64, _ body: (UInt64) -> Void) {
    body(now)
    body(UInt64(node) << 32 | UInt64(facts.kind) << 24 | UInt64(facts.byteCount))
    body(facts.packetNumber)
  }

  private static var markWord: UInt64 { 0x400 }

  private static func forEachWord(
    _ verdict: Verdict, mayBeMarked: Bool = false, _ body: (UInt64) -> Void
  ) {
    forEachCopy(verdict) { copy in
      body(copy.delayNanoseconds)
      if mayBeMarked, copy.isMarked { body(markWord) }
      if !copy.isSound { body(0x200) }
    }
    if case .dropped(let cause) = verdict { body(UInt64(cause.rawValue) | 0x100) }
  }

  private static func forEachCopy(_ verdict: Verdict, _ body: (Delivery) -> Void) {
    switch verdict {
    case .dropped: break
    case .delivered(let delivery): body(delivery)
    case .duplicated(let first, let second):
      body(first)
      body(second)
    }
  }

  /// Counts the damaged copies. The body gets each other one.
  private mutating func forEachSoundCopy(
    _ verdict: Verdict, _ body: (inout VirtualNetwork, Delivery) -> Void
  ) {
    Self.forEachCopy(verdict) { copy in
      if copy.isSound { body(&self, copy) } else { corruptedCopyCount += 1 }
    }
  }
}
