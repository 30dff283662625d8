package import Wire

/// Judges each NACK: whether the chunks that it asked for had been lost.
///
/// | what arrived of a chunk | judgement |
/// | --- | --- |
/// | its repair, and never its first transmission | it was lost, and the request was necessary |
/// | its first transmission, before or after the repair | it was only late, and the request was spurious |
/// | its repair several times | as many of the later requests were spurious |
/// | nothing | open |
///
/// A NACK is necessary if one of its requests is; otherwise open if one is; otherwise spurious.
package struct NackLedger: Sendable {
  /// Most requests that are remembered. The oldest are judged by what is known when they are dropped.
  package static let memoryCount = 131_072

  /// The judgements of NACKs, and of the requests for single chunks in them.
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
  /// Neighbouring chunks of one NACK, because a NACK after a long silence asks for tens of thousands.
  private struct Asking { var chunks: Range<UInt64>, nack: UInt64 }
  /// The NACK whose requests are being judged. They lie side by side.
  private struct Judging { var nack: UInt64, isNecessary = false, isOpen = false }

  private var askings = Queue<Asking>()
  /// Of single chunks, in `askings`.
  private var askingCount = 0
  private var chunks = AskedChunks()
  private var judging: Judging?
  private var nackCount: UInt64 = 0
  private var judged = Verdicts()

  package init() {}

  /// A NACK was sent.
  package mutating func noteSent(_ ranges: [ChunkRange]) {
    nackCount += 1
    for range in ranges {
      var rest = range.chunks
      while !rest.isEmpty {
        let piece = rest.prefix(Self.memoryCount)
        rest = piece.upperBound..<rest.upperBound
        judgeOldest(max(0, askingCount + piece.count - Self.memoryCount))
        askings.append(Asking(chunks: piece, nack: nackCount))
        askingCount += piece.count
        chunks.forEach(in: piece) { $0.askingCount += 1 }
      }
    }
  }

  /// A chunk arrived, new or not; `isRepair` as its datagram says.
  package mutating func noteArrival(_ chunk: UInt64, isRepair: Bool) {
    guard askingCount > 0 else { return }
    chunks.noteArrival(chunk, isRepair: isRepair)
  }

  /// All NACKs so far, judged by what is known now.
  package var verdicts: Verdicts {
    var copy = self
    copy.judgeOldest(copy.askingCount)
    copy.closeJudging()
    return copy.judged
  }

  /// The oldest askings for `count` chunks.
  private mutating func judgeOldest(_ count: Int) {
    var left = count
    while left > 0, let asking = askings.first {
      let piece = asking.chunks.prefix(left)
      if piece.upperBound == asking.chunks.upperBound {
        askings.removeFirst()
      } else {
        askings.replaceFirst(Asking(chunks: piece.upperBound..<asking.chunks.upperBound, nack: asking.nack))
      }
      left -= piece.count
      judge(Asking(chunks: piece, nack: asking.nack))
    }
  }

  private mutating func judge(_ asking: Asking) {
    askingCount -= asking.chunks.count
    if judging?.nack != asking.nack {
      closeJudging()
      judging = Judging(nack: asking.nack)
    }
    var counts = (necessary: 0 as UInt64, spurious: 0 as UInt64, open: 0 as UInt64)
    chunks.forEach(in: asking.chunks) { chunk in
      switch Self.verdict(chunk) {
      case .necessary: counts.necessary += 1
      case .spurious: counts.spurious += 1
      case .open: counts.open += 1
      }
      chunk.judgedCount += 1
    }
    judged.necessaryChunks += counts.necessary
    judged.spuriousChunks += counts.spurious
    judged.openChunks += counts.open
    if counts.necessary > 0 { judging?.isNecessary = true }
    if counts.open > 0 { judging?.isOpen = true }
  }

  /// On the oldest asking for a chunk that is not judged yet.
  private static func verdict(_ chunk: AskedChunks.State) -> Verdict {
    switch chunk.arrival {
    case .none: return .open
    case .firstTransmission: return .spurious
    case .repair:
      // The last requests were spurious, but never the first, because some request brought the chunk.
      let fromLast = chunk.askingCount - chunk.judgedCount
      return chunk.judgedCount > 0 && fromLast <= chunk.repeatCount ? .spurious : .necessary
    }
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
