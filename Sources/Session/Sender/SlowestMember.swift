/// The member of a group whose path the rate follows, and whether it is far narrower than that rate,
/// Specs/chunked-udp.md §6.8. The rate that others' samples gave says nothing of it then, and to come down
/// step by step would take longer than the set.
package struct SlowestMember: Sendable {
  /// Its path carries less than this part of what is sent.
  private static let farNarrower = 0.25
  /// In as many samples, one after the other: what a member missed while it was away is in one.
  private static let sampleCount = 2

  /// Its place; nil before a sample, and when it was given up.
  package private(set) var index: Int?
  private var narrowCount = 0
  private var passage = QueuePassage()

  package init() {}

  package mutating func note(_ index: Int) {
    guard index != self.index else { return }
    self = Self()
    self.index = index
  }

  /// True once when it takes no part any more.
  mutating func takeGivenUp(_ peers: PeerTable) -> Bool {
    guard let index, peers[index].isGivenUp else { return false }
    self = Self()
    return true
  }

  /// Its sample. What its full queue lets through, datagrams per second, when its path is far too narrow and
  /// enough is known.
  package mutating func narrowRate(_ sample: RateSample) -> Double? {
    guard let fraction = sample.carriedFraction, fraction < Self.farNarrower else {
      (narrowCount, passage) = (0, QueuePassage())
      return nil
    }
    narrowCount += 1
    passage.add(sample)
    guard narrowCount >= Self.sampleCount, let rate = passage.rate else { return nil }
    (narrowCount, passage) = (0, QueuePassage())
    return rate
  }
}
