package import Wire

/// Judges each NACK by what came of it: whether the chunks it asked for had been lost.
///
/// A chunk's arrivals decide about those who asked for it. It came by a repair: it was lost, and the asking necessary. Its first
/// transmission came after all, before or behind the repair: it was only late, and the asking spurious. It was asked for
/// n times and repeats of its repair came: as many of the later askings were spurious, for the first repair would have
/// done. A chunk that never came leaves the matter open. A NACK is necessary if one of its askings was, else open if one
/// is, else spurious. Specs/accounting.md §10.
package struct NackLedger: Sendable {
  /// Askings remembered, at most; the oldest are judged by what is known then.
  package static let memoryCount = 131_072

  /// What NACKs, and the askings for single chunks in them, turned out to be.
  package struct Verdicts: Equatable, Sendable {
    package var necessaryNacks: UInt64 = 0
    package var spuriousNacks: UInt64 = 0
    package var openNacks: UInt64 = 0
    package var necessaryChunks: UInt64 = 0
    package var spuriousChunks: UInt64 = 0
    package var openChunks: UInt64 = 0

    package init() {}
  }

  private enum Verdict { case necessary, spurious, open }
  private enum Arrival: Sendable { case none, firstTransmission, repair }
  /// One chunk asked for by one NACK; `ordinal`: how often it had been asked for before.
  private struct Asking { var chunk: UInt64, nack: UInt64, ordinal: UInt32 }
  private struct Chunk { var askingCount: UInt32, judgedCount: UInt32, repeatCount: UInt32, arrival: Arrival }
  /// The NACK of which askings are being judged: they lie side by side.
  private struct Judging { var nack: UInt64, isNecessary = false, isOpen = false }

  private var askings = Queue<Asking>()
  private var askingCount = 0
  private var chunks: [UInt64: Chunk] = [:]
  private var judging: Judging?
  private var nackCount: UInt64 = 0
  private var judged = Verdicts()

  package init() {}

  /// A NACK was sent.
  package mutating func noteSent(_ ranges: [ChunkRange]) {
    nackCount += 1
    for range in ranges {
      for chunk in range.chunks {
        let before = chunks[chunk]
        var state = before ?? Chunk(askingCount: 0, judgedCount: 0, repeatCount: 0, arrival: .none)
        askings.append(Asking(chunk: chunk, nack: nackCount, ordinal: state.askingCount))
        askingCount += 1
        state.askingCount += 1
        chunks[chunk] = state
        if askingCount > Self.memoryCount { judgeOldest() }
      }
    }
  }

  /// A chunk arrived, new or not; `isRepair` as its datagram says.
  package mutating func noteArrival(_ chunk: UInt64, isRepair: Bool) {
    guard !chunks.isEmpty, var state = chunks[chunk] else { return }
    switch (state.arrival, isRepair) {
    case (.none, true): state.arrival = .repair
    case (_, false): state.arrival = .firstTransmission
    case (_, true): state.repeatCount += 1
    }
    chunks[chunk] = state
  }

  /// All NACKs so far, judged by what is known now.
  package var verdicts: Verdicts {
    var copy = self
    while !copy.askings.isEmpty { copy.judgeOldest() }
    copy.closeJudging()
    return copy.judged
  }

  private mutating func judgeOldest() {
    guard let asking = askings.first else { return }
    askings.removeFirst()
    askingCount -= 1
    if judging?.nack != asking.nack {
      closeJudging()
      judging = Judging(nack: asking.nack)
    }
    switch verdict(asking) {
    case .necessary:
      judged.necessaryChunks += 1
      judging?.isNecessary = true
    case .spurious: judged.spuriousChunks += 1
    case .open:
      judged.openChunks += 1
      judging?.isOpen = true
    }
    forget(asking.chunk)
  }

  private func verdict(_ asking: Asking) -> Verdict {
    guard let chunk = chunks[asking.chunk] else { return .open }
    switch chunk.arrival {
    case .none: return .open
    case .firstTransmission: return .spurious
    case .repair:
      // The last ones were those too many; never the first, for something had to bring the chunk.
      let fromLast = chunk.askingCount - asking.ordinal
      return asking.ordinal > 0 && fromLast <= chunk.repeatCount ? .spurious : .necessary
    }
  }

  private mutating func forget(_ chunk: UInt64) {
    guard var state = chunks[chunk] else { return }
    state.judgedCount += 1
    chunks[chunk] = state.judgedCount == state.askingCount ? nil : state
  }

  private mutating func closeJudging() {
    guard let nack = judging else { return }
    judging = nil
    if nack.isNecessary {
      judged.necessaryNacks += 1
    } else if nack.isOpen {
      judged.openNacks += 1
    } else {
      judged.spuriousNacks += 1
    }
  }
}
