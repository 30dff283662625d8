extension ChunkMap {
  /// Ranges that are looked for, at most: the last of them goes to the end then.
  private static let rangeCountLimit = 65_536

  /// Ascending ranges, at most `limit` ≥ 1 of them, with all chunks that are not in the map. When there are
  /// more, the ranges with the fewest chunks between them are joined, so that some name chunks of the map.
  package func missingRanges(atMost limit: Int) -> [Range<UInt64>] {
    var ranges: [Range<UInt64>] = []
    var start: UInt64 = 0
    while let gap = firstMissing(from: start, limit: capacity) {
      start = gap.upperBound
      ranges.append(gap)
      if ranges.count == Self.rangeCountLimit {
        ranges[ranges.count - 1] = gap.lowerBound..<capacity
        break
      }
    }
    guard ranges.count > limit else { return ranges }
    let between = ranges.indices.dropFirst().map {
      (index: $0, count: ranges[$0].lowerBound - ranges[$0 - 1].upperBound)
    }
    let starts = between.sorted { ($0.count, $1.index) > ($1.count, $0.index) }.prefix(limit - 1)
      .map(\.index).sorted()
    var joined: [Range<UInt64>] = []
    var first = 0
    for next in starts + [ranges.count] {
      joined.append(ranges[first].lowerBound..<ranges[next - 1].upperBound)
      first = next
    }
    return joined
  }
}
