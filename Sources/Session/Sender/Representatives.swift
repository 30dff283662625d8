import Ground

/// The receivers of a large group that the announce names: they report often, they limit the window, and the
/// rate follows them, Specs/chunked-udp.md §6.8. As in TFMCC (RFC 4654 §2.6) and NORM (RFC 5740 §5.5.2) these
/// are the ones with the least of what was sent, and the farthest one; the others are drawn.
struct Representatives: Sendable {
  /// A receiver takes the place of one of the slowest when it gets this part of what that one gets.
  private static let clearlySlower = 0.95
  /// One that is not named and gets this part of what each named one gets is named soon.
  private static let farSlower = 0.5
  private static let slowestCount = 2
  /// Between two choices.
  private static let choiceNanoseconds: Nanoseconds = .milliseconds(250)
  /// Likewise, when one that is far slower has reported.
  private static let hastenedNanoseconds: Nanoseconds = .milliseconds(20)

  /// Their places.
  private(set) var indices: [Int] = []
  private var chosenAt: Instant?
  /// The next choice is due sooner.
  private var isHastened = false
  /// The receiver that has asked for most since the last choice: perhaps its path is narrow, and its next
  /// report is far away.
  private var needy: (index: Int, chunkCount: UInt64)?
  private var generator = SplitMix64(seed: 0)

  func contains(_ index: Int) -> Bool { indices.contains(index) }

  mutating func noteNeed(_ index: Int, chunkCount: UInt64) {
    if chunkCount > needy?.chunkCount ?? 0 { needy = (index, chunkCount) }
  }

  func isDue(now: Instant) -> Bool {
    let interval = isHastened ? Self.hastenedNanoseconds : Self.choiceNanoseconds
    return chosenAt.map { now >= $0 + interval } ?? true
  }

  /// A receiver that is not named has reported. When it gets far less than each that is named, the rate is
  /// too high for it, and it is named soon.
  mutating func noteUnnamed(_ index: Int, _ peers: [SenderPeer]) {
    guard let fraction = peers[index].carried.fraction else { return }
    let least = indices.compactMap { peers[$0].carried.fraction }.min() ?? 1
    if fraction < Self.farSlower * least { isHastened = true }
  }

  /// The group is small again: nobody is named.
  mutating func clear() {
    indices = []
    chosenAt = nil
  }

  /// Chooses anew. True when others are named than before. `isFit`: the receiver is under way, and was heard
  /// lately if it was named before.
  mutating func choose(_ peers: [SenderPeer], now: Instant, isFit: (SenderPeer) -> Bool) -> Bool {
    chosenAt = now
    isHastened = false
    var chosen = slowest(peers, isFit)
    func add(_ index: Int) {
      if chosen.count < FeedbackShare.representativeCount, !chosen.contains(index), isFit(peers[index]) {
        chosen.append(index)
      }
    }
    if let farthest = farthest(peers, isFit) { add(farthest) }
    if let needy { add(needy.index) }
    needy = nil
    // One that was named and has not reported yet: perhaps a queue holds its reports up.
    for index in indices where peers[index].carried.fraction == nil { add(index) }
    for index in indices { add(index) }
    // Some tries, because most of a large table may have left.
    for _ in 0..<4 * FeedbackShare.representativeCount where !peers.isEmpty {
      add(Int(generator.next() % UInt64(peers.count)))
    }
    defer { indices = chosen }
    return Set(chosen) != Set(indices)
  }

  private func slowest(_ peers: [SenderPeer], _ isFit: (SenderPeer) -> Bool) -> [Int] {
    var slowest: [(share: Double, index: Int)] = []
    for index in peers.indices where isFit(peers[index]) {
      guard let fraction = peers[index].carried.fraction else { continue }
      // One that is named stays, if no other is clearly slower.
      let share = indices.contains(index) ? fraction * Self.clearlySlower : fraction
      guard slowest.count < Self.slowestCount || share < slowest[slowest.count - 1].share else { continue }
      slowest.append((share, index))
      slowest.sort { $0.share < $1.share }
      if slowest.count > Self.slowestCount { slowest.removeLast() }
    }
    return slowest.map(\.index)
  }

  private func farthest(_ peers: [SenderPeer], _ isFit: (SenderPeer) -> Bool) -> Int? {
    var farthest: (rtt: Nanoseconds, index: Int)?
    for index in peers.indices where peers[index].rtt.hasSample && isFit(peers[index]) {
      if peers[index].rtt.minimum > farthest?.rtt ?? 0 { farthest = (peers[index].rtt.minimum, index) }
    }
    return farthest?.index
  }
}
