package import Ground
package import Wire

/// Which chunks a receiver misses, and the state of each: suspected, asked for, promised, lost again.
///
/// A gap is loss when three later packets have arrived and the time for the path's reordering has passed (RFC
/// 9002 §6.1, RFC 8985). A repair notice promises a requested chunk and names the packet number that will
/// carry it. When three later packets arrive without this one, the repair is lost too. So a lost repair is
/// found without a timer. A timer is only needed for a lost NACK or notice.
package struct LossDetector: Sendable {
  /// Later packets that make a gap a loss, RFC 9002 §6.1.1.
  package static let packetThreshold: UInt64 = 3
  /// Most chunks that are asked for and not here yet. This bounds memory, and the repairs that one receiver
  /// can request at a time.
  package static let maximumOutstanding = 65_536
  /// Most chunks that one notice may promise, and how far behind its own number. A train has far fewer.
  package static let maximumPromised: UInt64 = 4_096
  /// Most suspicions, promises and ranges to ask for. Beyond this the newest are merged, which bounds memory.
  package static let maximumQueued = 16_384

  /// Chunks first ..< first+count that a packet numbered below `boundary` should have carried.
  private struct Suspicion { var first: UInt64, count: UInt64, boundary: UInt64 }
  /// Chunks first ..< first+count that packets firstPacket ..< firstPacket+count will carry.
  private struct Promise { var first: UInt64, count: UInt64, firstPacket: UInt64 }
  /// What was asked for in one NACK, and when.
  private struct Request { var ranges: [ChunkRange], at: Instant }
  private struct Asked { var at: Instant, promisedPacket: UInt64 }

  private static let unpromised = UInt64.max

  package private(set) var received: ChunkMap
  /// Every chunk below it has arrived, or is a gap that was noticed.
  package private(set) var frontier: UInt64 = 0

  /// Gaps and repairs found lost, so far.
  package private(set) var lossCount = 0

  private var suspicions = Queue<Suspicion>()
  private var promises = Queue<Promise>()
  private var requests = Queue<Request>()
  private var asked: [UInt64: Asked] = [:]
  /// All chunks in `asked` are below it: new chunks, which arrive above it, need no look-up.
  private var askedLimit: UInt64 = 0
  var answers = AnswerClock()
  /// Lost chunks to ask for, in the order in which the losses were found.
  private var wanted = Queue<Range<UInt64>>()

  /// Chunks were here before the session. A sender that knows does not send them.
  private var hasEarlier = false

  package init(chunkCount: UInt64) { received = ChunkMap(capacity: chunkCount) }

  /// Chunks that were here before the session.
  mutating func hold(_ chunks: [Range<UInt64>]) {
    for range in chunks { received.insert(range) }
    for chunk in asked.keys where received.contains(chunk) { asked[chunk] = nil }
    hasEarlier = true
  }

  package var isComplete: Bool { received.isFull }
  package var wantsNack: Bool { !wanted.isEmpty && asked.count < Self.maximumOutstanding }
  /// Nothing is suspected, wanted, asked for or promised.
  package var isIdle: Bool { suspicions.isEmpty && wanted.isEmpty && requests.isEmpty && promises.isEmpty }

  // MARK: What arrives

  /// A chunk arrived and is kept. False when it was here already.
  package mutating func noteChunk(_ chunk: UInt64, packet: UInt64, isRepair: Bool) -> Bool {
    guard received.insert(chunk) else { return false }
    if chunk < askedLimit, !asked.isEmpty { asked[chunk] = nil }
    if !isRepair, chunk >= frontier {
      suspect(upTo: chunk, boundary: packet)
      frontier = chunk + 1
    }
    return true
  }

  /// A chunk arrived, and the receiver had no room for it. It counts as lost. A repair is not asked for again
  /// before a notice's patience has passed, because there may be room by then.
  package mutating func noteRefused(_ chunk: UInt64, packet: UInt64, isRepair: Bool, now: Instant) {
    if !isRepair, chunk >= frontier {
      suspect(upTo: chunk + 1, boundary: packet + 1)
      frontier = chunk + 1
    } else if asked[chunk] != nil {
      asked[chunk] = Asked(at: now, promisedPacket: Self.unpromised)
      requests.append(Request(ranges: [ChunkRange(first: UInt32(chunk), count: 1)], at: now))
    }
  }

  /// All chunks were sent once by packets below `boundary`, as an end message says.
  package mutating func noteEnd(packet: UInt64) {
    suspect(upTo: received.capacity, boundary: packet)
    frontier = received.capacity
  }

  private mutating func suspect(upTo limit: UInt64, boundary: UInt64) {
    guard limit > frontier else { return }
    if hasEarlier, received.firstMissing(from: frontier, limit: limit, maximumCount: 1) == nil { return }
    let boundary = max(1, boundary)
    if suspicions.count >= Self.maximumQueued, let last = suspicions.last {
      suspicions.replaceLast(Suspicion(first: last.first, count: limit - last.first, boundary: boundary))
    } else {
      suspicions.append(Suspicion(first: frontier, count: limit - frontier, boundary: boundary))
    }
  }

  package mutating func notePromise(first: UInt64, count: UInt64, firstPacket: UInt64, now: Instant) {
    guard first < received.capacity, (1...Self.maximumPromised).contains(count),
      promises.count < Self.maximumQueued
    else { return }
    let end = min(first + count, received.capacity)
    var concerns = false
    for chunk in first..<end where !received.contains(chunk) {
      // Also chunks that were not asked for yet: in a group another receiver may have asked.
      guard asked[chunk] != nil || (chunk < frontier && asked.count < Self.maximumOutstanding) else {
        continue
      }
      if let at = asked[chunk]?.at, at > .zero { answers.noteAnswer(toRequestAt: at, now: now) }
      asked[chunk, default: Asked(at: .zero, promisedPacket: Self.unpromised)].promisedPacket =
        firstPacket + (chunk - first)
      askedLimit = max(askedLimit, chunk + 1)
      concerns = true
    }
    if concerns { promises.append(Promise(first: first, count: end - first, firstPacket: firstPacket)) }
  }

  // MARK: What is lost

  /// Chunks that are not here after all; returns how many were.
  package mutating func forget(_ chunks: Range<UInt64>) -> UInt64 {
    var count: UInt64 = 0
    for chunk in chunks where received.remove(chunk) {
      count += 1
      want(chunk..<chunk + 1)
    }
    return count
  }

  /// The packet numbers begin anew. Chunks that the old numbers suspected or promised are asked for.
  package mutating func noteRestart() {
    while let head = suspicions.first {
      suspicions.removeFirst()
      want(head.first..<head.first + head.count)
    }
    while let head = promises.first {
      promises.removeFirst()
      for chunk in head.first..<head.first + head.count where asked[chunk] != nil {
        asked[chunk] = nil
        want(chunk..<chunk + 1)
      }
    }
  }

  /// Moves chunks that are lost by now to `wanted`. Returns whether a NACK had no notice for longer than the
  /// patience.
  package mutating func detect(ledger: PacketLedger, windows: Windows, now: Instant) -> Bool {
    while let head = suspicions.first,
      now >= ledger.lossTime(of: head.boundary - 1, windows: windows)
    {
      suspicions.removeFirst()
      lossCount += 1
      want(head.first..<head.first + head.count)
    }
    while let head = promises.first,
      now >= ledger.lossTime(of: head.firstPacket + head.count - 1, windows: windows)
    {
      promises.removeFirst()
      for i in 0..<head.count {
        guard let state = asked[head.first + i], state.promisedPacket == head.firstPacket + i else {
          continue
        }
        asked[head.first + i] = nil
        lossCount += 1
        want(head.first + i..<head.first + i + 1)
      }
    }
    return giveUpRequests(before: now, windows)
  }

  /// Asks again for chunks that were asked for and not promised in time. Returns whether there was such a
  /// request.
  private mutating func giveUpRequests(before now: Instant, _ windows: Windows) -> Bool {
    var isUnanswered = false
    while let head = requests.first, now >= answers.expiry(ofRequestAt: head.at, windows) {
      requests.removeFirst()
      for range in head.ranges {
        for chunk in range.chunks {
          guard let state = asked[chunk], state.at == head.at, state.promisedPacket == Self.unpromised
          else { continue }
          isUnanswered = true
          asked[chunk] = nil
          want(chunk..<chunk + 1)
        }
      }
    }
    return isUnanswered
  }

  /// When `detect` has something to do even if nothing arrives.
  package func nextDeadline(ledger: PacketLedger, windows: Windows) -> Instant {
    var deadline = Instant.never
    if let head = suspicions.first {
      deadline = ledger.lossTime(of: head.boundary - 1, windows: windows)
    }
    if let head = promises.first {
      deadline = min(
        deadline, ledger.lossTime(of: head.firstPacket + head.count - 1, windows: windows))
    }
    if let head = requests.first {
      deadline = min(deadline, answers.expiry(ofRequestAt: head.at, windows))
    }
    return deadline
  }

  private mutating func want(_ range: Range<UInt64>) {
    if let last = wanted.last, last.upperBound == range.lowerBound {
      wanted.replaceLast(last.lowerBound..<range.upperBound)
    } else if wanted.count >= Self.maximumQueued, let last = wanted.last {
      wanted.replaceLast(
        min(last.lowerBound, range.lowerBound)..<max(last.upperBound, range.upperBound))
    } else {
      wanted.append(range)
    }
  }

  /// The last resort: everything missing below the frontier, when nothing else is under way.
  package mutating func wantAllMissing() {
    var start: UInt64 = 0
    while let gap = received.firstMissing(from: start, limit: frontier) {
      want(gap)
      start = gap.upperBound
      if wanted.count > 4_096 { return }  // the rest follows when these are here
    }
  }

  // MARK: What to ask for

  /// The next lost chunks that are still missing, at most this many, for an owner that asks for blocks and
  /// not for chunks.
  mutating func takeLost(maximumCount: UInt64) -> Range<UInt64>? {
    while let range = wanted.first {
      wanted.removeFirst()
      guard
        let gap = received.firstMissing(
          from: range.lowerBound, limit: range.upperBound, maximumCount: maximumCount)
      else { continue }
      if gap.upperBound < range.upperBound { wanted.prepend(gap.upperBound..<range.upperBound) }
      return gap
    }
    return nil
  }

  /// The next NACK's ranges: still missing and not promised meanwhile; ascending; at most `maximumRanges`.
  package mutating func takeWanted(maximumRanges: Int, now: Instant) -> [ChunkRange] {
    var ranges: [ChunkRange] = []
    while let range = wanted.first {
      wanted.removeFirst()
      var start = range.lowerBound
      while let gap = received.firstMissing(
        from: start, limit: range.upperBound, maximumCount: UInt64(Self.maximumOutstanding))
      {
        start = take(gap, into: &ranges, maximumRanges: maximumRanges, now: now)
        if start < gap.upperBound {  // this NACK is full
          wanted.prepend(start..<range.upperBound)
          return finish(&ranges, now: now)
        }
      }
    }
    return finish(&ranges, now: now)
  }

  /// Adds those chunks of a gap that are neither asked for nor promised. Returns where it had to stop.
  private mutating func take(
    _ gap: Range<UInt64>, into ranges: inout [ChunkRange], maximumRanges: Int, now: Instant
  ) -> UInt64 {
    for chunk in gap where asked[chunk] == nil {
      guard asked.count < Self.maximumOutstanding else { return chunk }
      if let last = ranges.last, UInt64(last.first) + UInt64(last.count) == chunk {
        ranges[ranges.count - 1].count += 1
      } else if ranges.count < maximumRanges {
        ranges.append(ChunkRange(first: UInt32(chunk), count: 1))
      } else {
        return chunk
      }
      asked[chunk] = Asked(at: now, promisedPacket: Self.unpromised)
      askedLimit = max(askedLimit, chunk + 1)
    }
    return gap.upperBound
  }

  private mutating func finish(_ ranges: inout [ChunkRange], now: Instant) -> [ChunkRange] {
    guard !ranges.isEmpty else { return [] }
    ranges.sort { $0.first < $1.first }
    requests.append(Request(ranges: ranges, at: now))
    return ranges
  }
}
