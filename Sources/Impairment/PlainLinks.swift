/// One direction of the paths from one sender to many receivers, where each path only delays by a fixed time
/// and loses each datagram by itself. Decides exactly as an ``ImpairedLink`` to each receiver does, at a
/// hundredth of the memory, and for all receivers in one pass.
package struct PlainLinks: Sendable {
  /// From the sender's interface to each receiver.
  package let delayNanoseconds: UInt64
  private let probability: Double
  private let losses: [Fate.Stream]

  /// Nil when the impairment does more than that.
  package init?(_ impairment: Impairment, seed: UInt64, direction: Direction, receiverCount: Int) {
    var plain = Impairment.none
    plain.delayNanoseconds = impairment.delayNanoseconds
    switch impairment.loss {
    case .none: probability = 0
    case .random(let probability): self.probability = probability
    case .burst, .gilbertElliott: return nil
    }
    plain.loss = impairment.loss
    guard plain == impairment else { return nil }
    delayNanoseconds = impairment.delayNanoseconds
    losses = (0..<receiverCount).map {
      Fate(seed: seed, direction: direction, receiver: UInt64($0)).stream(.loss)
    }
  }

  package var receiverCount: Int { losses.count }

  /// Sets the bit of each receiver that a datagram reaches: bit i % 64 of word i / 64. `words` has a word for
  /// each 64 receivers. Returns the number of receivers.
  package func draw(_ packetNumber: UInt64, into words: inout [UInt64]) -> Int {
    var count = 0
    for word in words.indices {
      let first = word * 64
      var bits: UInt64 = 0
      for receiver in first..<min(first + 64, losses.count)
      where !losses[receiver].happens(packetNumber, probability: probability) {
        bits |= 1 << UInt64(receiver - first)
      }
      words[word] = bits
      count += bits.nonzeroBitCount
    }
    return count
  }
}
