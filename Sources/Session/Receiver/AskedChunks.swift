/// The requests for each chunk, in pages of neighbours. NACKs ask for runs, so a page is looked up once for
/// all of its chunks.
struct AskedChunks: Sendable {
  /// How a chunk came, as far as it did.
  enum Arrival: Sendable { case none, firstTransmission, repair }

  /// One chunk. It is remembered while some of its requests are not judged. Requests are judged in the order
  /// in which they were made. Example: after three requests of which one is judged, the second is the next to
  /// judge.
  struct State: Sendable {
    var askingCount: UInt32 = 0
    var judgedCount: UInt32 = 0
    var repeatCount: UInt32 = 0
    var arrival = Arrival.none
  }

  /// Chunks of a page. Few, because a hostile sender can make us ask for single chunks in many pages.
  private static let pageChunkCount: UInt64 = 8

  /// Pages side by side; `slots` has where each begins, `freeSlots` those that are free again.
  private var states: [State] = []
  private var slots: [UInt64: Int] = [:]
  private var freeSlots: [Int] = []

  /// Calls `body` for each chunk of a range. Pages without contents afterwards are removed.
  mutating func forEach(in chunks: Range<UInt64>, _ body: (inout State) -> Void) {
    var first = chunks.lowerBound
    while first < chunks.upperBound {
      let page = first / Self.pageChunkCount
      let end = min(chunks.upperBound, (page + 1) * Self.pageChunkCount)
      let slot = slot(of: page)
      for chunk in first..<end {
        let index = slot + Int(chunk % Self.pageChunkCount)
        body(&states[index])
        if states[index].judgedCount == states[index].askingCount { states[index] = State() }
      }
      forgetIfEmpty(page, slot)
      first = end
    }
  }

  /// A chunk came; nothing when nobody asked for it.
  mutating func noteArrival(_ chunk: UInt64, isRepair: Bool) {
    guard let slot = slots[chunk / Self.pageChunkCount] else { return }
    let index = slot + Int(chunk % Self.pageChunkCount)
    guard states[index].askingCount > 0 else { return }
    switch (states[index].arrival, isRepair) {
    case (.none, true): states[index].arrival = .repair
    case (_, false): states[index].arrival = .firstTransmission
    case (_, true): states[index].repeatCount = min(states[index].repeatCount, .max - 1) + 1
    }
  }

  private mutating func slot(of page: UInt64) -> Int {
    if let slot = slots[page] { return slot }
    let slot: Int
    if let free = freeSlots.popLast() {
      slot = free
    } else {
      slot = states.count
      states.append(contentsOf: repeatElement(State(), count: Int(Self.pageChunkCount)))
    }
    slots[page] = slot
    return slot
  }

  private mutating func forgetIfEmpty(_ page: UInt64, _ slot: Int) {
    guard states[slot..<slot + Int(Self.pageChunkCount)].allSatisfy({ $0.askingCount == 0 }) else { return }
    slots[page] = nil
    freeSlots.append(slot)
  }
}
