/// Symbols that leave before a receiver asks, at the end of the first pass or of each span,
/// Specs/chunked-udp.md §6.6.
package enum TailSymbols {
  /// Expected receivers and blocks for which the symbols are too few: such a receiver waits for a round of
  /// repairs, which costs the session more time than a few symbols do.
  private static let expectedFailures = 0.1
  /// Of the receivers that have asked at the end, this part may have to ask again.
  private static let mostSpareFailures = 0.004
  /// When receivers miss fewer chunks of a block than this on average, most blocks need no symbol. Then it
  /// costs less to be asked.
  private static let leastMissing = 0.3
  /// Of a block with more losses the chunks are sent.
  private static let mostLoss = 0.3

  /// For a block of `chunkCount` chunks, when each datagram is lost with this probability, and there are
  /// `trialCount` pairs of a receiver and a block. At most half of the block.
  ///
  /// A receiver loses j datagrams before `chunkCount` of the block's chunks and symbols arrive there: the
  /// negative binomial distribution.
  package static func count(chunkCount: Int, loss: Double, trialCount: Double) -> Int {
    let loss = min(loss, mostLoss)
    guard loss > 0, Double(chunkCount) * loss >= leastMissing else { return 0 }
    return count(for: chunkCount, loss: loss, most: (chunkCount + 1) / 2) {
      $0 * trialCount > expectedFailures
    }
  }

  /// For a block of `chunkCount` chunks, when the sender's user wants `share` symbols for each chunk: rounded
  /// up, so that a small share protects each block.
  package static func fixedCount(chunkCount: Int, share: Double) -> Int {
    // 0.05 · 20 is 1.0000000000000002.
    Int((Double(chunkCount) * share - 1e-9).rounded(.up))
  }

  /// Symbols that go beside `need` ones at the end, so that these need not be repaired in turn: of the
  /// receivers with this need at most one in fifty gets too few. At most `need` + 1.
  package static func spareCount(need: Int, loss: Double) -> Int {
    guard loss > 0, need > 0 else { return 0 }
    return count(for: need, loss: min(loss, mostLoss), most: need + 1) { $0 > mostSpareFailures }
  }

  /// The least number of datagrams beyond `wanted` for which `isTooMuch` is false of the probability that
  /// more than this number get lost before `wanted` arrive.
  private static func count(for wanted: Int, loss: Double, most: Int, isTooMuch: (Double) -> Bool) -> Int {
    var probability = 1.0
    for _ in 0..<wanted { probability *= 1 - loss }
    var tail = 1 - probability
    var count = 0
    while isTooMuch(tail), count < most {
      probability *= loss * Double(wanted + count) / Double(count + 1)
      tail -= probability
      count += 1
    }
    return count
  }
}
