extension ChunkMap {
  /// Ranges that are looked for, at most: the last of them goes to the end then.
  private static let rangeCountLimit = 65_536

  /// Ascending ranges, at most `limit` ≥ 1 of them, with all chunks from `first` on that are not in the map.
  /// When there are more, the ranges with the fewest chunks between them are joined, so that some name chunks
  /// of the map. The first `exactCount` < `limit` are not joined to each other.
  package func missingRanges(
    from first: UInt64 = 0, atMost limit: Int, exactCount: Int = 0
  ) -> [Range<UInt64>] {
    var ranges: [Range<UInt64>] = []
    var start = first
    while let gap = firstMissing(from: start, limit: capacity) {
      start = gap.upperBound
      ranges.append(gap)
      if ranges.count == Self.rangeCountLimit {
        ranges[ranges.count - 1] = gap.lowerBound..<capacity
        break
      }
    }
    guard ranges.count > limit else { return ranges }
    let exact = 1..<max(1, min(limit, exactCount + 1))
    let between = (exact.upperBound..<ranges.count).map {
      (index: $0, count: ranges[$0].lowerBound - ranges[$0 - 1].upperBound)
    }
    let others = between.sorted { ($0.count, $1.index) > ($1.count, $0.index) }
      .prefix(limit - 1 - exact.count).map(\.index)
    let starts = Array(exact) + others.sorted()
    var joined: [Range<UInt64>] = []
    var first = 0
    for next in starts + [ranges.count] {
      joined.append(ranges[first].lowerBound..<ranges[next - 1].upperBound)
      first = next
    }
    return joined
  }
}
