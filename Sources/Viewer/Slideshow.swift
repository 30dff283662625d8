/// Decides which image is shown, and when the next one follows. Knows no window, no clock and no file.
///
/// Rules:
/// - The first image that arrives is shown at once.
/// - Each image stays for the interval, counted from the moment at which it is visible.
/// - While images still arrive, the next one is the first unseen image behind the current one, or else the
///   first unseen image at all. If there is none, the current image stays until one arrives.
/// - When all have been seen and no more will arrive, the show starts again.
/// - An image that is not whole is shown only while there is no whole one, or when a person goes to it.
package struct Slideshow {
  /// Instants and intervals are nanoseconds of a monotonic clock.
  package let intervalNanoseconds: UInt64
  /// Index of the item on show, nil while there is none.
  package private(set) var current: Int?
  package private(set) var isPaused: Bool
  /// Whether the current image has been drawn, so that its interval runs.
  package var isVisible: Bool { visibleSince != nil }
  /// Every image has been shown for its interval and no more come.
  package private(set) var isRoundComplete = false
  /// In the order of the show.
  private var indices: [Int] = []
  /// Those of `indices` that are not whole yet.
  private var partial: Set<Int> = []
  /// A person went to the current image.
  private var isChosen = false
  private var isFinished = false
  private var seen: Set<Int> = []
  private var visibleSince: UInt64?

  package init(intervalNanoseconds: UInt64, isPaused: Bool = false) {
    self.intervalNanoseconds = intervalNanoseconds
    self.isPaused = isPaused
  }

  /// Sets which images there are, in the order of the show, and which of them are not whole. No index occurs
  /// twice.
  package mutating func update(indices: [Int], partial: Set<Int> = [], isFinished: Bool) {
    let former = self.indices
    self.indices = indices
    self.partial = partial
    self.isFinished = isFinished
    if !isFinished { isRoundComplete = false }
    if seen.count > indices.count { seen.formIntersection(indices) }
    let firstWhole = partial.isEmpty ? indices.first : indices.first { !partial.contains($0) }
    if let current, position(of: current) != nil {
      if !isChosen, partial.contains(current), let firstWhole { show(firstWhole) }
      return
    }
    guard let current else { return show(firstWhole ?? indices.first) }
    // It was removed: its successor takes its place.
    let left = Set(indices)
    let place = former.firstIndex(of: current) ?? former.endIndex
    show(former[place...].first(where: left.contains) ?? indices.last)
  }

  /// Starts the interval of the current image. Call it when the image has been drawn.
  package mutating func didBecomeVisible(now: UInt64) {
    guard let current, visibleSince == nil, !partial.contains(current) else { return }
    visibleSince = now
    seen.insert(current)
  }

  package mutating func togglePause(now: UInt64) {
    isPaused.toggle()
    if visibleSince != nil { visibleSince = now }
  }

  /// Goes to the next image in order; from the last to the first.
  package mutating func goForward() { step(by: 1) }
  /// Goes to the previous image in order; from the first to the last.
  package mutating func goBack() { step(by: -1) }

  /// Goes to an image. Nothing happens if there is no such image.
  package mutating func go(to index: Int) {
    guard position(of: index) != nil else { return }
    if index != current { show(index) }
    isChosen = true
  }

  /// Goes to the first image in order, or to the last.
  package mutating func goToFirst() { indices.first.map { go(to: $0) } }
  package mutating func goToLast() { indices.last.map { go(to: $0) } }

  /// Goes on to the next image if its time has come. Returns whether it went on.
  @discardableResult
  package mutating func tick(now: UInt64) -> Bool {
    guard let due = nextDeadline, now >= due else { return false }
    if isFinished, indices.allSatisfy({ seen.contains($0) || partial.contains($0) }) {
      isRoundComplete = true
    }
    guard let upcoming, upcoming != current else {
      visibleSince = now
      return false
    }
    show(upcoming)
    return true
  }

  /// When `tick` will have something to do; nil if only an input can change anything.
  package var nextDeadline: UInt64? {
    guard !isPaused, let visibleSince else { return nil }
    guard isFinished || upcoming != nil else { return nil }
    return visibleSince &+ intervalNanoseconds
  }

  /// The image that will be shown after this one, if it is known.
  package var upcoming: Int? {
    guard let current else { return nil }
    if seen.count < indices.count {
      let unseen = indices[(position(of: current) ?? indices.endIndex)...].first {
        isUnseen($0)
      }
      if let index = unseen ?? indices.first(where: isUnseen) { return index }
    }
    return isFinished ? following(current) : nil
  }

  private func isUnseen(_ index: Int) -> Bool {
    index != current && !seen.contains(index) && !partial.contains(index)
  }

  /// The next whole image in order.
  private func following(_ current: Int) -> Int? {
    guard !partial.isEmpty, let position = position(of: current) else { return neighbour(by: 1) }
    let order = indices[(position + 1)...] + indices[..<position]
    return order.first { !partial.contains($0) }
  }

  /// The image `offset` places from this one in order, continued from the last to the first; nil if there is
  /// no other.
  package func neighbour(by offset: Int) -> Int? {
    guard let current, let position = position(of: current), indices.count > 1 else { return nil }
    let count = indices.count
    return indices[((position + offset) % count + count) % count]
  }

  private mutating func step(by offset: Int) {
    guard let index = neighbour(by: offset) else { return }
    show(index)
    isChosen = true
  }

  private mutating func show(_ index: Int?) {
    current = index
    isChosen = false
    visibleSince = nil
  }

  /// The images in an order that looks like chance. Each has its place by its index alone, so that images
  /// which arrive later do not move the others.
  package static func mixed(_ indices: [Int]) -> [Int] {
    func rank(_ index: Int) -> UInt64 {
      // SplitMix64, Steele, Lea and Flood, 2014.
      var value = UInt64(truncatingIfNeeded: index) &* 0x9E37_79B9_7F4A_7C15
      value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
      value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
      return value ^ value >> 31
    }
    return indices.map { (rank($0), $0) }.sorted { $0 < $1 }.map(\.1)
  }

  private func position(of index: Int) -> Int? { indices.firstIndex(of: index) }
}
