/// The words for the trace digest of datagrams that the sender has sent and whose turn has not come:
/// receivers may have sent others before them, which is known later. In the order of time.
struct DigestLog {
  private struct Entry {
    var timeNanoseconds: UInt64
    /// Where its words end.
    var end: Int
    /// Nil: each word is folded as it is.
    var plain: Plain?
  }
  /// The words are a set of receivers: for each receiver one of two words is folded.
  private struct Plain {
    var receiverCount: Int
    /// For a receiver in the set, and for one outside it.
    var reached: UInt64
    var lost: UInt64
  }

  private var words: [UInt64] = []
  private var entries: [Entry] = []
  private var nextEntry = 0
  private var nextWord = 0

  mutating func append(_ word: UInt64, at timeNanoseconds: UInt64) {
    words.append(word)
    if let last = entries.last, entries.count > nextEntry, last.plain == nil,
      last.timeNanoseconds == timeNanoseconds
    {
      entries[entries.count - 1].end = words.count
    } else {
      entries.append(Entry(timeNanoseconds: timeNanoseconds, end: words.count))
    }
  }

  /// For each of the receivers `reached` if it is in the set, and otherwise `lost`.
  mutating func append(
    set: [UInt64], receiverCount: Int, reached: UInt64, lost: UInt64, at timeNanoseconds: UInt64
  ) {
    words.append(contentsOf: set)
    entries.append(
      Entry(
        timeNanoseconds: timeNanoseconds, end: words.count,
        plain: Plain(receiverCount: receiverCount, reached: reached, lost: lost)))
  }

  /// Folds all words up to this time into the digest, and forgets them.
  mutating func fold(through timeNanoseconds: UInt64, into digest: inout TraceDigest) {
    while nextEntry < entries.count, entries[nextEntry].timeNanoseconds <= timeNanoseconds {
      let entry = entries[nextEntry]
      if let plain = entry.plain {
        for receiver in 0..<plain.receiverCount {
          let isReached = words[nextWord + receiver >> 6] & (1 << UInt64(receiver & 63)) != 0
          digest.fold(isReached ? plain.reached : plain.lost)
        }
      } else {
        for index in nextWord..<entry.end { digest.fold(words[index]) }
      }
      nextWord = entry.end
      nextEntry += 1
    }
    guard nextEntry == entries.count, nextEntry > 0 else { return }
    words.removeAll(keepingCapacity: true)
    entries.removeAll(keepingCapacity: true)
    nextEntry = 0
    nextWord = 0
  }
}
