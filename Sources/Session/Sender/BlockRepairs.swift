package import Ground
package import Wire

/// Blocks that receivers asked to be repaired by symbols or chunks, whichever the sender prefers,
/// Specs/chunked-udp.md §6.6. A symbol repairs a different loss at each receiver, so a block costs as many
/// symbols as its largest need, and not the union of what the receivers miss.
package struct BlockRepairs: Sendable {
  /// Blocks of which the last symbols' packet numbers are remembered, to distinguish a NACK that crossed them
  /// on the way, and numbers of one block.
  private static let memory: (blocks: Int, packets: Int) = (8_192, 64)

  /// What a NACK asks of one block.
  package struct Request {
    package var block: UInt64
    /// Ascending.
    package var chunks: [UInt64]
  }

  private struct Demand {
    /// The largest need of a receiver, less what has been sent for it.
    var need: Int
    /// The union of the chunks that were named.
    var chunks: Set<UInt64>
  }

  let geometry: BlockGeometry
  private let isGroup: Bool
  /// Symbols for each chunk of a block that follow its span, as the sender's user wants; nil: as many as the
  /// loss asks for, at the end.
  private let fixedShare: Double?
  /// The chunks before it are of spans that have these symbols.
  private var coveredEnd: UInt64 = 0
  private var demands: [UInt64: Demand] = [:]
  /// Blocks with a demand. Symbols are taken from one after the other, so that a burst takes few of one
  /// block.
  private var order = Queue<UInt64>()
  /// The first unused symbol of each block; empty until one is sent.
  private var nextSymbols: [UInt8] = []
  private var sentPackets: [UInt64: [UInt64]] = [:]
  private var remembered = Queue<UInt64>()
  /// Nil before every chunk was sent once.
  private var tail: Tail?

  /// Symbols to send.
  package private(set) var count: UInt64 = 0
  package private(set) var oldestAt = Instant.never
  /// Chunks that were named, and those of them for which nothing more is sent.
  package private(set) var requestedCount: UInt64 = 0
  /// Symbols that were queued before a receiver asked.
  package private(set) var unaskedCount: UInt64 = 0
  private var suppressed = 0
  package var suppressedCount: UInt64 { UInt64(suppressed) }

  package init(_ geometry: BlockGeometry, isGroup: Bool, fixedShare: Double? = nil) {
    self.geometry = geometry
    self.isGroup = isGroup
    self.fixedShare = fixedShare
  }

  package var isEmpty: Bool { demands.isEmpty }

  // MARK: What is asked for

  /// The chunks of a NACK below `limit` by block; at most `maximumCount`.
  package func requests(_ ranges: MissingRanges, limit: UInt64, maximumCount: UInt64) -> [Request] {
    var rows: [UInt64: [UInt64]] = [:]
    var left = maximumCount
    for range in ranges where left > 0 {
      let first = UInt64(range.first)
      for chunk in first..<max(first, min(range.end, limit, first + left)) {
        rows[geometry.block(of: chunk), default: []].append(chunk)
        left -= 1
      }
    }
    return rows.keys.sorted().map { Request(block: $0, chunks: rows[$0] ?? []) }
  }

  /// As `requests`, for a receiver without a budget: its chunks are counted, and nothing is done for them.
  /// So a flood of NACKs costs a pass over their ranges, and not over their chunks.
  package mutating func suppress(_ ranges: MissingRanges, limit: UInt64, maximumCount: UInt64) {
    var left = maximumCount
    for range in ranges where left > 0 {
      let first = UInt64(range.first)
      left -= max(first, min(range.end, limit, first + left)) - first
    }
    requestedCount += maximumCount - left
    suppressed += Int(maximumCount - left)
  }

  /// A receiver asks; it had seen packets up to `highestPacket` then. What cannot be repaired by symbols, or
  /// not for less, goes to `repairs`. At most `budget` repairs are queued. Returns how many were.
  package mutating func note(
    _ request: Request, _ repairs: inout RepairQueue, highestPacket: UInt64, budget: UInt64, now: Instant
  ) -> UInt64 {
    requestedCount += UInt64(request.chunks.count)
    suppressed += request.chunks.count
    let open = request.chunks.filter { !repairs.isUnderWay($0, highestPacket: highestPacket) }
    let inFlight = sentPackets[request.block]?.count { $0 > highestPacket } ?? 0
    let need = open.count - inFlight
    guard need > 0 else { return 0 }
    let former = demands[request.block]
    guard need > former?.need ?? 0, budget > 0 else {
      demands[request.block]?.chunks.formUnion(open)
      return 0
    }
    let allowed = min(need, (former?.need ?? 0) + Int(clamping: budget))
    let demand = Demand(need: allowed, chunks: (former?.chunks ?? []).union(open))
    let queued =
      isRepairedBySymbols(demand, of: request.block)
      ? put(demand, of: request.block, now: now)
      : putChunks(demand, of: request.block, &repairs, budget: budget, now: now)
    suppressed -= queued
    // Chunks that others had named before: symbols left for them, and now there are no more.
    unaskedCount += UInt64(max(0, -suppressed))
    suppressed = max(0, suppressed)
    addSpares(to: request.block, now: now)
    return UInt64(max(0, queued))
  }

  /// Symbols, if the block has enough that were not sent, and they cost less than the chunks. At equal cost
  /// they serve also the members of a group that have not asked yet; but a receiver that misses most of a
  /// block is served by its chunks, which need no arithmetic.
  private func isRepairedBySymbols(_ demand: Demand, of index: UInt64) -> Bool {
    let block = geometry[index]
    guard demand.need <= geometry.symbolCount(of: block) - firstUnusedSymbol(of: index) else { return false }
    return demand.need < demand.chunks.count || (isGroup && 2 * demand.need <= block.chunkCount)
  }

  private func firstUnusedSymbol(of block: UInt64) -> Int {
    nextSymbols.isEmpty ? 0 : Int(nextSymbols[Int(block)])
  }

  /// Returns by how many repairs the queue grows.
  private mutating func put(_ demand: Demand, of block: UInt64, now: Instant) -> Int {
    let former = demands.updateValue(demand, forKey: block)
    if former == nil { order.append(block) }
    if oldestAt == .never { oldestAt = now }
    let more = demand.need - (former?.need ?? 0)
    count += UInt64(more)
    return more
  }

  /// The block's demand is met by its chunks. Returns by how many repairs both queues grow together.
  private mutating func putChunks(
    _ demand: Demand, of block: UInt64, _ repairs: inout RepairQueue, budget: UInt64, now: Instant
  ) -> Int {
    let former = demands.removeValue(forKey: block)?.need ?? 0
    count -= UInt64(former)
    if demands.isEmpty { oldestAt = .never }
    var queued = 0
    for chunk in demand.chunks.sorted() where queued < former + Int(clamping: budget) {
      if repairs.queue(chunk, now: now) { queued += 1 }
    }
    return queued - former
  }

  // MARK: What is sent unasked

  /// The chunks before `next` were sent once. The blocks of the spans among them get the user's symbols.
  package mutating func coverSpans(sentUpTo next: UInt64, now: Instant) {
    guard let fixedShare else { return }
    while coveredEnd < geometry.chunkCount, geometry.spanEnd(of: coveredEnd) <= next {
      let end = geometry.spanEnd(of: coveredEnd)
      var index = geometry.block(of: coveredEnd)
      while index < geometry.blockCount, geometry[index].firstChunk < end {
        let block = geometry[index]
        let count = TailSymbols.fixedCount(chunkCount: block.chunkCount, share: fixedShare)
        queueUnasked(min(count, geometry.symbolCount(of: block)), of: index, now: now)
        index += 1
      }
      coveredEnd = end
    }
  }

  /// What receivers may still lack although they have had no time to ask for it.
  private struct Tail: Sendable {
    /// Of this block and the later ones, some chunks.
    var firstBlock: UInt64
    /// Of these blocks, symbols that left lately, or that are queued. Empty when they have spare ones.
    var repaired: [(block: UInt64, symbolCount: Int)]
    /// The probability that a datagram gets lost, as it was given last.
    var loss = 0.0
  }

  /// Every chunk was sent once. The chunks from `chunk` on and the symbols behind `packet` are so new that no
  /// receiver can have asked for what it misses of them.
  package mutating func beginTail(chunk: UInt64, packet: UInt64) {
    let first =
      chunk < geometry.chunkCount
      ? geometry.block(of: geometry.spanStart(of: chunk)) : geometry.blockCount
    let repaired = (0..<first).map { index in
      let sentCount = sentPackets[index]?.count { $0 > packet } ?? 0
      return (block: index, symbolCount: sentCount + (demands[index]?.need ?? 0))
    }
    tail = Tail(firstBlock: first, repaired: repaired.filter { $0.symbolCount > 0 })
  }

  /// The last blocks get as many symbols, with those that were sent, as cover a loss of this probability at
  /// this many receivers; the earlier ones, as cover the loss of their latest symbols.
  package mutating func coverTail(loss: Double, receiverCount: Double, now: Instant) {
    guard let tail, loss > 0, fixedShare == nil else { return }
    self.tail?.loss = loss
    self.tail?.repaired = []
    for (index, count) in tail.repaired {
      queueUnasked(
        (demands[index]?.need ?? 0) + TailSymbols.spareCount(need: count, loss: loss), of: index, now: now)
    }
    let trialCount = Double(geometry.blockCount - tail.firstBlock) * receiverCount
    for index in tail.firstBlock..<geometry.blockCount {
      let count = TailSymbols.count(
        chunkCount: geometry[index].chunkCount, loss: loss, trialCount: trialCount)
      queueUnasked(count - firstUnusedSymbol(of: index), of: index, now: now)
    }
  }

  /// As below, less the symbols that left behind this packet.
  mutating func queueUnasked(_ need: Int, of index: UInt64, sentBehind packet: UInt64, now: Instant) {
    queueUnasked(need - (sentPackets[index]?.count { $0 > packet } ?? 0), of: index, now: now)
  }

  /// The block's demand becomes this, if that is more, and the block has as many symbols.
  private mutating func queueUnasked(_ need: Int, of index: UInt64, now: Instant) {
    let unused = geometry.symbolCount(of: geometry[index]) - firstUnusedSymbol(of: index)
    guard need > demands[index]?.need ?? 0, need <= unused else { return }
    let demand = Demand(need: need, chunks: demands[index]?.chunks ?? [])
    unaskedCount += UInt64(put(demand, of: index, now: now))
  }

  /// At the end a symbol that gets lost costs the session a round of repairs.
  private mutating func addSpares(to block: UInt64, now: Instant) {
    guard let tail, tail.loss > 0, let need = demands[block]?.need else { return }
    let unused = geometry.symbolCount(of: geometry[block]) - firstUnusedSymbol(of: block)
    let spare = TailSymbols.spareCount(need: need, loss: tail.loss)
    queueUnasked(min(need + spare, unused), of: block, now: now)
  }

  // MARK: What leaves

  /// The next symbols, which packets from `firstPacket` on will carry: one of each block in turn.
  package mutating func take(maximumCount: Int, maximumRuns: Int, firstPacket: UInt64, now: Instant)
    -> [SymbolRun]
  {
    var runs: [SymbolRun] = []
    var packet = firstPacket
    if nextSymbols.isEmpty { nextSymbols = Array(repeating: 0, count: Int(geometry.blockCount)) }
    while packet - firstPacket < UInt64(maximumCount), let block = order.first {
      order.removeFirst()
      // A block whose demand went to the chunks, or came back later, may stand here twice.
      guard let demand = demands[block] else { continue }
      let symbol = Int(nextSymbols[Int(block)])
      if let last = runs.last, last.index == block, last.firstSymbol + last.count == symbol {
        runs[runs.count - 1].count += 1
      } else if runs.count < maximumRuns {
        runs.append(SymbolRun(index: block, block: geometry[block], firstSymbol: symbol, count: 1))
      } else {
        order.prepend(block)
        break
      }
      nextSymbols[Int(block)] += 1
      remember(packet, of: block)
      packet += 1
      count -= 1
      demands[block]?.need -= 1
      if demand.need > 1 { order.append(block) } else { demands[block] = nil }
    }
    if demands.isEmpty { oldestAt = .never }
    return runs
  }

  private mutating func remember(_ packet: UInt64, of block: UInt64) {
    if sentPackets[block] == nil {
      remembered.append(block)
      if remembered.count > Self.memory.blocks, let forgotten = remembered.first {
        remembered.removeFirst()
        sentPackets[forgotten] = nil
      }
    }
    sentPackets[block, default: []].append(packet)
    if sentPackets[block]?.count ?? 0 > Self.memory.packets { sentPackets[block]?.removeFirst() }
  }
}
