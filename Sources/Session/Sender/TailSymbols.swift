/// Symbols that leave before a receiver asks, at the end of the first pass, Specs/chunked-udp.md §6.6.
package enum TailSymbols {
  /// Expected receivers and blocks for which the symbols are too few: such a receiver waits for a round of
  /// repairs, which costs the session more time than a few symbols do.
  private static let expectedFailures = 0.25
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
    var probability = 1.0
    for _ in 0..<chunkCount { probability *= 1 - loss }
    var tail = 1 - probability
    var count = 0
    while tail * trialCount > expectedFailures, 2 * count < chunkCount {
      probability *= loss * Double(chunkCount + count) / Double(count + 1)
      tail -= probability
      count += 1
    }
    return count
  }
}
