package import Ground
package import Wire

/// The blocks of which a receiver misses chunks, in a session with parity, Specs/chunked-udp.md §6.5: which
/// symbols are here, what was asked for, and what was promised. It takes the place of the requests for single
/// chunks. It counts; the symbols themselves are with the owner.
///
/// The *need* of a block is its missing chunks less its symbols. A block is asked for when all its chunks
/// were sent once, so that one request covers all its losses, and asked for again only when what was promised
/// has passed and did not suffice.
package struct BlockLedger: Sendable {
  /// Most blocks under way. The chunks of others wait, as ranges.
  static let maximumCount = 4_096
  /// Lost chunks that are sorted into blocks at a time.
  private static let lostAtOnce: UInt64 = 4_096

  /// What a chunk or a symbol changes for the owner.
  package enum Change: Equatable, Sendable {
    /// As many symbols are here as chunks are missing.
    case canRebuild(block: UInt64)
    /// The block is whole without its symbols.
    case isWhole(block: UInt64)
  }

  private struct Promise { var block: UInt64, count: Int, lastPacket: UInt64 }
  private struct Request { var blocks: [UInt64], at: Instant }

  package let geometry: BlockGeometry
  private var states: [UInt64: BlockState] = [:]
  /// Symbols here that stand for missing chunks.
  package private(set) var usefulSymbolCount: UInt64 = 0
  /// Every chunk below it was sent once.
  private var frontier: UInt64 = 0
  /// Blocks to ask for: those whose last chunks have not been sent, and the others.
  private var open = Queue<UInt64>()
  private var due = Queue<UInt64>()
  private var promises = Queue<Promise>()
  private var requests = Queue<Request>()
  var answers = AnswerClock()

  package init(_ geometry: BlockGeometry) { self.geometry = geometry }

  package var wantsNack: Bool { !due.isEmpty }
  /// Nothing is asked for, promised, or to be asked for.
  package var isIdle: Bool { open.isEmpty && due.isEmpty && promises.isEmpty && requests.isEmpty }

  // MARK: What arrives

  /// A chunk arrived that was missing.
  package mutating func noteChunk(_ chunk: UInt64) -> Change? {
    guard !states.isEmpty else { return nil }
    let block = geometry.block(of: chunk)
    // The place is looked up once: most chunks of a set with losses belong to a block that lacks some.
    guard let place = states.index(forKey: block) else { return nil }
    guard states.values[place].missing > 1 else {
      let hasSymbols = states.values[place].symbols.count > 0
      forget(block)
      return hasSymbols ? .isWhole(block: block) : nil
    }
    setMissing(states.values[place].missing - 1, at: place)
    return beginRebuilding(block, at: place)
  }

  /// A symbol arrived. False when it is not needed: the block is whole without it, or has it.
  package mutating func noteSymbol(_ index: UInt8, of block: UInt64, received: ChunkMap) -> Bool {
    guard let state = state(of: block, received), state.need > 0,
      states[block]?.symbols.insert(index) ?? false
    else { return false }
    usefulSymbolCount += 1
    return true
  }

  /// The block has as many symbols as it needs, for the first time.
  package mutating func beginRebuilding(_ block: UInt64) -> Change? {
    states.index(forKey: block).flatMap { beginRebuilding(block, at: $0) }
  }

  private mutating func beginRebuilding(
    _ block: UInt64, at place: Dictionary<UInt64, BlockState>.Index
  ) -> Change? {
    guard states.values[place].need == 0, states.values[place].symbols.count > 0,
      !states.values[place].isRebuilding
    else { return nil }
    states.values[place].isRebuilding = true
    return .canRebuild(block: block)
  }

  /// The owner has rebuilt a block: its missing chunks are here.
  package mutating func noteRebuilt(_ block: UInt64, received: ChunkMap) -> [UInt64] {
    guard let state = states[block], state.isRebuilding else { return [] }
    forget(block)
    return missingChunks(of: block, received, limit: .max)
  }

  /// There was no room for a chunk or a symbol of this block. It is asked for again when a patience has
  /// passed.
  package mutating func noteRefused(_ block: UInt64, now: Instant) {
    guard let state = states[block], state.isLost, !state.isDue else { return }
    states[block]?.askedAt = now
    states[block]?.unpromised = max(1, state.unpromised)
    requests.append(Request(blocks: [block], at: now))
  }

  /// Chunks that were here are not here after all.
  package mutating func noteForgotten(_ chunks: Range<UInt64>, received: ChunkMap) {
    for block in states.keys {
      let cut = geometry[block]
      guard cut.firstChunk < chunks.upperBound, cut.lastChunk >= chunks.lowerBound else { continue }
      setMissing(missingChunks(of: block, received, limit: .max).count, of: block)
      if states[block]?.need ?? 0 > 0 { states[block]?.isRebuilding = false }
    }
  }

  /// Many chunks are here at once, from an earlier session.
  package mutating func noteHeld(received: ChunkMap) -> [Change] {
    states.keys.sorted().compactMap { block in
      let count = missingChunks(of: block, received, limit: .max).count
      guard count == 0, let state = states[block] else {
        setMissing(count, of: block)
        return beginRebuilding(block)
      }
      forget(block)
      return state.symbols.count > 0 ? .isWhole(block: block) : nil
    }
  }

  /// One-way: there was no room for a symbol of this block. The block whose turn comes last gives up its
  /// symbols, if that is another: they come again, and this block becomes whole sooner. Nil: there is none.
  package mutating func giveUpSymbols(for block: UInt64) -> UInt64? {
    let others = states.lazy.filter { $0.key > block && $0.value.symbols.count > 0 && !$0.value.isRebuilding }
    guard let last = others.map(\.key).max() else { return nil }
    forget(last)
    return last
  }

  private mutating func setMissing(_ count: Int, of block: UInt64) {
    guard let place = states.index(forKey: block) else { return }
    setMissing(count, at: place)
  }

  private mutating func setMissing(_ count: Int, at place: Dictionary<UInt64, BlockState>.Index) {
    usefulSymbolCount -= UInt64(states.values[place].useful)
    states.values[place].missing = count
    usefulSymbolCount += UInt64(states.values[place].useful)
  }

  private mutating func forget(_ block: UInt64) {
    usefulSymbolCount -= UInt64(states[block]?.useful ?? 0)
    states[block] = nil
  }

  /// The state of a block that is not whole. A new one has a place only while there are few.
  private mutating func state(of block: UInt64, _ received: ChunkMap) -> BlockState? {
    if let state = states[block] { return state }
    guard states.count < 2 * Self.maximumCount else { return nil }
    let missing = missingChunks(of: block, received, limit: .max).count
    guard missing > 0 else { return nil }
    let state = BlockState(missing: missing)
    states[block] = state
    return state
  }

  private func missingChunks(of block: UInt64, _ received: ChunkMap, limit: Int) -> [UInt64] {
    var missing: [UInt64] = []
    for chunk in geometry[block].chunks where missing.count < limit && !received.contains(chunk) {
      missing.append(chunk)
    }
    return missing
  }

  // MARK: What is promised

  /// Packets up to `lastPacket` will carry symbols of a block, or chunks of it. Also of a block that was not
  /// asked for here, if all its chunks were sent once: another receiver may have asked.
  package mutating func notePromise(
    of block: UInt64, count: Int, lastPacket: UInt64, _ detector: LossDetector, now: Instant
  ) {
    frontier = detector.frontier
    guard promises.count < LossDetector.maximumQueued,
      states[block] != nil || isClosed(block), let state = state(of: block, detector.received)
    else { return }
    if state.isAskedFor { answers.noteAnswer(toRequestAt: state.askedAt, now: now) }
    states[block]?.unpromised = max(0, state.unpromised - count)
    states[block]?.promised += count
    promises.append(Promise(block: block, count: count, lastPacket: lastPacket))
  }

  private func isClosed(_ block: UInt64) -> Bool {
    geometry.spanEnd(of: geometry[block].firstChunk) <= frontier
  }

  // MARK: What is lost

  /// Sorts lost chunks into blocks.
  package mutating func takeLost(from detector: inout LossDetector) {
    frontier = detector.frontier
    while states.count < Self.maximumCount, let lost = detector.takeLost(maximumCount: Self.lostAtOnce) {
      for chunk in lost {
        let block = geometry.block(of: chunk)
        guard state(of: block, detector.received) != nil else { continue }
        states[block]?.isLost = true
        want(block)
      }
    }
    while let block = open.first, isClosed(block) {
      open.removeFirst()
      due.append(block)
    }
  }

  /// Asks for a block, unless that is under way.
  private mutating func want(_ block: UInt64) {
    guard let state = states[block], state.isLost, !state.isDue, !state.isAskedFor,
      state.need > state.promised
    else { return }
    states[block]?.isDue = true
    if isClosed(block) { due.append(block) } else { open.append(block) }
  }

  /// Asks again for blocks whose promises have passed and did not suffice. Returns whether a request had no
  /// notice for longer than the patience.
  package mutating func detect(
    ledger: PacketLedger, windows: LossDetector.Windows, now: Instant
  ) -> Bool {
    while let head = promises.first, now >= ledger.lossTime(of: head.lastPacket, windows: windows) {
      promises.removeFirst()
      passPromise(head)
    }
    var isUnanswered = false
    while let head = requests.first,
      now >= answers.expiry(ofRequestAt: head.at, windows)
    {
      requests.removeFirst()
      for block in head.blocks {
        guard let state = states[block], state.askedAt == head.at, state.isAskedFor else { continue }
        states[block]?.unpromised = 0
        isUnanswered = isUnanswered || state.need > state.promised
        want(block)
      }
    }
    return isUnanswered
  }

  private mutating func passPromise(_ promise: Promise) {
    guard let state = states[promise.block] else { return }
    states[promise.block]?.promised = max(0, state.promised - promise.count)
    want(promise.block)
    // Nothing was lost of it here: others asked.
    if !state.isLost, state.symbols.count == 0, state.promised <= promise.count { forget(promise.block) }
  }

  /// The packet numbers begin anew: nothing that was promised by the old ones comes.
  package mutating func noteRestart() {
    while let head = promises.first {
      promises.removeFirst()
      passPromise(head)
    }
  }

  /// When `detect` has something to do even if nothing arrives.
  package func nextDeadline(ledger: PacketLedger, windows: LossDetector.Windows) -> Instant {
    min(
      promises.first.map { ledger.lossTime(of: $0.lastPacket, windows: windows) } ?? .never,
      requests.first.map { answers.expiry(ofRequestAt: $0.at, windows) } ?? .never)
  }

  // MARK: What to ask for

  /// The next NACK, of at most this many bytes: of each block that is due, as many missing chunks as it
  /// needs. The sender subtracts what it has sent since the last packet that arrived here, so what is only
  /// promised is named as well.
  package mutating func takeRequest(byteCount: Int, received: ChunkMap, now: Instant) -> Nack.Body? {
    var named = NamedChunks()
    var blocks: [UInt64] = []
    while let block = due.first {
      guard let state = states[block], state.isDue else {
        due.removeFirst()
        continue
      }
      if state.need > state.promised {
        let count = named.add(missingChunks(of: block, received, limit: state.need), byteCount: byteCount)
        guard count > 0 else { break }
        blocks.append(block)
        states[block]?.askedAt = now
        states[block]?.unpromised = max(1, count - state.promised)
      }
      states[block]?.isDue = false
      due.removeFirst()
    }
    if !blocks.isEmpty { requests.append(Request(blocks: blocks, at: now)) }
    return named.body
  }
}
