import Foundation

/// The theory of plain repairs. Each of R receivers loses each datagram independently with probability p, and
/// a chunk is sent again until all receivers have it.
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

  /// Expected repairs for each chunk: p ÷ (1 − p) for one receiver.
  package static func repairsPerChunk(lossFraction: Double, receiverCount: Int) -> Double {
    sendsPerChunk(lossFraction: lossFraction, receiverCount: receiverCount) - 1
  }

  /// Images that the naive protocol brings: n·(1 − p)ᶠ, as an image of f fragments dies with any of them.
  package static func naiveArrivals(fragmentCounts: [Int], lossFraction: Double) -> Double {
    fragmentCounts.reduce(0) { $0 + pow(1 - lossFraction, Double($1)) }
  }
}
