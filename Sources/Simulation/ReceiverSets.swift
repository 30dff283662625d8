/// Sets of receivers for which one datagram arrives at one time. The sets are used again, so that a delivery
/// costs no allocation.
struct ReceiverSets {
  private var sets: [[UInt64]] = []
  private var free: [Int] = []
  private let wordCount: Int

  init(receiverCount: Int) { wordCount = (receiverCount + 63) / 64 }

  /// An empty set.
  mutating func make() -> Int {
    if let slot = free.popLast() { return slot }
    sets.append([UInt64](repeating: 0, count: wordCount))
    return sets.count - 1
  }

  /// The set's words: receiver i is bit i % 64 of word i / 64.
  subscript(slot: Int) -> [UInt64] {
    get { sets[slot] }
    _modify { yield &sets[slot] }
  }

  mutating func insert(_ receiver: Int, into slot: Int) {
    sets[slot][receiver >> 6] |= 1 << UInt64(receiver & 63)
  }

  /// The set is empty again, and may be used by another datagram.
  mutating func recycle(_ slot: Int) {
    for word in sets[slot].indices { sets[slot][word] = 0 }
    free.append(slot)
  }
}
