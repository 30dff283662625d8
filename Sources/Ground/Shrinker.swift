/// Finds few parts of a failure that fail by themselves: delta debugging (Zeller and Hildebrandt,
/// "Simplifying and Isolating Failure-Inducing Input", 2002).
package enum Shrinker {
  /// A part of `parts` that still fails, and of which no single part can be left out; a larger one when the
  /// tries do not suffice. `fails` is asked at most `tries` times, and never about all parts.
  package static func smallest<Part>(_ parts: [Part], tries: Int, fails: ([Part]) -> Bool) -> [Part] {
    var left = tries
    func stillFails(_ some: [Part]) -> Bool {
      guard left > 0 else { return false }
      left -= 1
      return fails(some)
    }
    guard !parts.isEmpty, !stillFails([]) else { return [] }
    var current = parts
    var pieceCount = 2
    while current.count > 1, left > 0 {
      let pieces = cut(current.count, into: pieceCount)
      if let piece = pieces.first(where: { stillFails(Array(current[$0])) }) {
        current = Array(current[piece])
        pieceCount = 2
      } else if pieceCount > 2,
        let piece = pieces.first(where: {
          stillFails(Array(current[..<$0.lowerBound] + current[$0.upperBound...]))
        })
      {
        current.removeSubrange(piece)
        pieceCount = max(2, pieceCount - 1)
      } else if pieceCount < current.count {
        pieceCount = min(current.count, 2 * pieceCount)
      } else {
        break
      }
    }
    return current
  }

  /// The places 0 ..< count in this number of pieces of about the same size, none empty.
  static func cut(_ count: Int, into pieceCount: Int) -> [Range<Int>] {
    let pieceCount = min(pieceCount, count)
    return (0..<pieceCount).map { $0 * count / pieceCount..<($0 + 1) * count / pieceCount }
  }
}
