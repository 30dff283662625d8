import Glibc

/// The theory of repairs. Each of R receivers loses each datagram independently with probability p, and a
/// chunk, or a symbol of its block, is sent until all receivers have it.
package enum RepairModel {
  /// Expected sends of a chunk: Σ over k ≥ 0 of 1 − (1 − pᵏ)ᴿ, the probability that after k sends at least
  /// one receiver still misses the chunk. For one receiver 1 ÷ (1 − p). `lossFraction` in [0, 1);
  /// `receiverCount` ≥ 1.
  package static func sendsPerChunk(lossFraction: Double, receiverCount: Int) -> Double {
    guard lossFraction > 0 else { return 1 }
    guard lossFraction < 1 else { return .infinity }
    var sends = 0.0
    var missing = 1.0  // pᵏ: one receiver still misses the chunk
    for _ in 0..<100_000 {
      // 1 − (1 − x)ᴿ without cancellation for small x.
      let term = missing >= 1 ? 1 : -expm1(Double(receiverCount) * log1p(-missing))
      sends += term
      if term < 1e-12 { break }
      missing *= lossFraction
    }
    return sends
  }

  /// Expected datagrams for each chunk with parity: the expected maximum over the receivers of the datagrams
  /// of a block until `blockChunkCount` of them have arrived, divided by that number. Any of a block's
  /// datagrams serves every receiver.
  package static func sendsPerChunk(lossFraction: Double, receiverCount: Int, blockChunkCount: Int) -> Double
  {
    guard blockChunkCount > 0 else {
      return sendsPerChunk(lossFraction: lossFraction, receiverCount: receiverCount)
    }
    guard lossFraction > 0 else { return 1 }
    guard lossFraction < 1 else { return .infinity }
    let k = Double(blockChunkCount)
    // Of the datagram that completes a block, as a logarithm: with k = 200 the first ones are tiny.
    var chance = k * log1p(-lossFraction)
    var complete = 0.0  // one receiver has k of the first n datagrams
    var sends = k
    for n in blockChunkCount..<blockChunkCount + 1_000_000 {
      complete = min(1, complete + exp(chance))
      let term = complete <= 0 ? 1 : -expm1(Double(receiverCount) * log(complete))
      sends += term
      if term < 1e-12 { break }
      chance += log(Double(n) / (Double(n) + 1 - k) * lossFraction)
    }
    return sends / k
  }

  /// Expected repairs for each chunk: without parity p ÷ (1 − p) for one receiver. `blockChunkCount`: 0
  /// without parity.
  package static func repairsPerChunk(lossFraction: Double, receiverCount: Int, blockChunkCount: Int = 0)
    -> Double
  {
    sendsPerChunk(
      lossFraction: lossFraction, receiverCount: receiverCount, blockChunkCount: blockChunkCount) - 1
  }

  /// Expected NACKs of a group for a loss that all R receivers share, while notices of the sender alone
  /// silence those that still wait: min(R, exp(1.2 λ ÷ K)), λ = ln R + 1, with the backoff over K = min(6, R
  /// ÷ 5) GRTT (RFC 5401 §3.2.2 has 2K, for receivers that hear each other half a round trip earlier).
  package static func nacksPerLoss(receiverCount: Int) -> Double {
    let count = Double(max(1, receiverCount))
    return min(count, exp(1.2 * (log(count) + 1) / min(6, count / 5)))
  }

  /// Images that the naive protocol brings: n·(1 − p)ᶠ, as an image of f fragments dies with any of them.
  package static func naiveArrivals(fragmentCounts: [Int], lossFraction: Double) -> Double {
    fragmentCounts.reduce(0) { $0 + pow(1 - lossFraction, Double($1)) }
  }
}
