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

  package init(packetNumber: UInt64, kind: UInt8, byteCount: Int) {
    self.packetNumber = packetNumber
    self.kind = kind
    self.byteCount = byteCount
  }
}

/// A virtual network in virtual time between one sender and its receivers: the sender's interface (a
/// bottleneck that a group shares, because multicast leaves once), then two links for each receiver. Messages
/// are values. The network has the effect that a real one would have on their bytes: a flipped bit fails the
/// checksum, so a damaged copy is counted and not delivered.
package struct VirtualNetwork<Message> {
  package enum Event {
    /// One datagram reaches several receivers at one time: those of `receivers(of:)`.
    case arrivalAtReceivers(set: Int, Message)
    case arrivalAtReceiver(Int, Message)
    case arrivalAtSender(Message)
    /// A machine, or the simulation for it, asked to be called at this time.
    case timer(node: Int)
  }

  package private(set) var queue = EventQueue<Event>()
  package private(set) var digest = TraceDigest()
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
  private var delays: [(nanoseconds: UInt64, set: Int)] = []
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

  package mutating func setTimer(node: Int, at timeNanoseconds: UInt64) {
    queue.push(.timer(node: node), at: timeNanoseconds)
  }

  package mutating func next() -> (timeNanoseconds: UInt64, event: Event)? { queue.pop() }

  /// What the links towards the receivers did, all together.
  package var forwardCounters: ImpairmentCounters {
    forward.reduce(into: plainCounters) { $0 += $1.counters }
  }

  /// The receivers that a datagram reaches at one time: receiver i is bit i % 64 of word i / 64.
  package func receivers(of set: Int) -> [UInt64] { sets[set] }

  /// The datagram has been handed over to all receivers of this set.
  package mutating func recycle(set: Int) { sets.recycle(set) }

  /// The sender sends one datagram to all receivers; `isCarried`: no link on the way is too narrow for it.
  package mutating func sendToReceivers(
    _ message: Message, _ facts: DatagramFacts, isCarried: Bool = true, now: UInt64
  ) {
    let wireByteCount = facts.byteCount + PacketSize.ethernetDatagram
    sentBySender.count(kind: facts.kind, wireByteCount: wireByteCount)
    note(node: 0, facts, now: now)
    var departure = now
    if sharedQueue != nil {
      guard let admitted = sharedQueue?.admit(byteCount: wireByteCount, now: now) else {
        digest.fold(UInt64(DropCause.queueOverflow.rawValue) | 0x100)
        return
      }
      departure = admitted
    }
    guard isCarried else { return }
    if let plain { return deliver(message, facts, over: plain, at: departure) }
    delays.removeAll(keepingCapacity: true)
    for receiver in forward.indices {
      let verdict = forward[receiver].handle(
        packetNumber: facts.packetNumber, kind: facts.kind, byteCount: wireByteCount,
        corruptibleByteCount: facts.byteCount, now: departure)
      if case .delivered(let delivery) = verdict, delivery.isSound,
        forward.count > 1, let set = set(for: delivery.delayNanoseconds, message, at: departure)
      {
        digest.fold(delivery.delayNanoseconds)
        sets.insert(receiver, into: set)
      } else {
        deliver(.arrivalAtReceiver(receiver, message), verdict, at: departure)
      }
    }
  }

  /// The receivers to which a datagram comes after this delay. Nil when it has too many different delays.
  private mutating func set(for delay: UInt64, _ message: Message, at time: UInt64) -> Int? {
    if let known = delays.first(where: { $0.nanoseconds == delay }) { return known.set }
    guard delays.count < Self.setCount else { return nil }
    let set = sets.make()
    delays.append((delay, set))
    queue.push(.arrivalAtReceivers(set: set, message), at: time + delay)
    return set
  }

  /// As with a link for each receiver: the same losses, and the same words for the digest.
  private mutating func deliver(
    _ message: Message, _ facts: DatagramFacts, over plain: PlainLinks, at time: UInt64
  ) {
    let set = sets.make()
    let count = plain.draw(facts.packetNumber, into: &sets[set])
    plainCounters.offeredCount += UInt64(plain.receiverCount)
    plainCounters.randomLossCount += UInt64(plain.receiverCount - count)
    var digest = digest
    let lost = UInt64(DropCause.randomLoss.rawValue) | 0x100
    for receiver in 0..<plain.receiverCount {
      let isReached = sets[set][receiver >> 6] & (1 << UInt64(receiver & 63)) != 0
      digest.fold(isReached ? plain.delayNanoseconds : lost)
    }
    self.digest = digest
    if count == 0 { return sets.recycle(set) }
    queue.push(.arrivalAtReceivers(set: set, message), at: time + plain.delayNanoseconds)
  }

  /// A receiver emits one datagram to the sender.
  package mutating func sendToSender(
    _ message: Message, _ facts: DatagramFacts, from receiver: Int, now: UInt64
  ) {
    let wireByteCount = facts.byteCount + PacketSize.ethernetDatagram
    sentByReceivers.count(kind: facts.kind, wireByteCount: wireByteCount)
    note(node: receiver + 1, facts, now: now)
    let verdict = backward[receiver].handle(
      packetNumber: facts.packetNumber, kind: facts.kind, byteCount: wireByteCount,
      corruptibleByteCount: facts.byteCount, now: now)
    deliver(.arrivalAtSender(message), verdict, at: now)
  }

  private mutating func note(node: Int, _ facts: DatagramFacts, now: UInt64) {
    digest.fold(now)
    digest.fold(UInt64(node) << 32 | UInt64(facts.kind) << 24 | UInt64(facts.byteCount))
    digest.fold(facts.packetNumber)
  }

  /// Adds a word of the owner to the trace digest, beside those of the network itself.
  package mutating func note(_ word: UInt64) { digest.fold(word) }

  private mutating func deliver(_ event: Event, _ verdict: Verdict, at time: UInt64) {
    switch verdict {
    case .dropped(let cause): digest.fold(UInt64(cause.rawValue) | 0x100)
    case .delivered(let delivery): schedule(event, delivery, at: time)
    case .duplicated(let first, let second):
      schedule(event, first, at: time)
      schedule(event, second, at: time)
    }
  }

  private mutating func schedule(_ event: Event, _ delivery: Delivery, at time: UInt64) {
    digest.fold(delivery.delayNanoseconds)
    guard delivery.isSound else {
      corruptedCopyCount += 1
      digest.fold(0x200)
      return
    }
    queue.push(event, at: time + delivery.delayNanoseconds)
  }
}
