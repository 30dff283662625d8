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
  package private(set) var forward: [ImpairedLink]
  package private(set) var backward: [ImpairedLink]

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
    self.forward = links(forward, .towardsReceiver)
    self.backward = links(backward, .towardsSender)
  }

  package mutating func setTimer(node: Int, at timeNanoseconds: UInt64) {
    queue.push(.timer(node: node), at: timeNanoseconds)
  }

  package mutating func next() -> (timeNanoseconds: UInt64, event: Event)? { queue.pop() }

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
    for receiver in forward.indices {
      let verdict = forward[receiver].handle(
        packetNumber: facts.packetNumber, kind: facts.kind, byteCount: wireByteCount,
        corruptibleByteCount: facts.byteCount, now: departure)
      deliver(.arrivalAtReceiver(receiver, message), verdict, at: departure)
    }
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
    guard delivery.flippedBitIndex == nil else {
      corruptedCopyCount += 1
      digest.fold(0x200)
      return
    }
    queue.push(event, at: time + delivery.delayNanoseconds)
  }
}
