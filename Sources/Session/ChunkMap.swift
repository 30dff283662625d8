/// A set of chunk indices. It costs memory only for incomplete pages: a page has 32,768 chunks and is empty,
/// full or a 4 KiB bitmap. A transfer in order with losses has a page or two open, whatever the size of the
/// set.
package struct ChunkMap: Sendable {
  package static let chunksPerPage = 32_768
  private static let wordsPerPage = chunksPerPage / 64

  private enum Page: Sendable {
    case empty
    case full
    case partial(words: [UInt64], count: Int)
  }

  private var pages: [Page]
  /// Chunks a full map holds.
  package let capacity: UInt64
  /// Chunks in the map.
  package private(set) var count: UInt64 = 0

  package var isFull: Bool { count == capacity }

  package init(capacity: UInt64) {
    self.capacity = capacity
    let pageCount = (capacity + UInt64(Self.chunksPerPage) - 1) / UInt64(Self.chunksPerPage)
    pages = Array(repeating: .empty, count: Int(pageCount))
  }

  private func pageCapacity(_ page: Int) -> Int {
    Int(min(UInt64(Self.chunksPerPage), capacity - UInt64(page) * UInt64(Self.chunksPerPage)))
  }

  package func contains(_ chunk: UInt64) -> Bool {
    guard chunk < capacity else { return false }
    switch pages[Int(chunk / UInt64(Self.chunksPerPage))] {
    case .empty: return false
    case .full: return true
    case .partial(let words, _):
      let bit = Int(chunk % UInt64(Self.chunksPerPage))
      return words[bit >> 6] & (1 << UInt64(bit & 63)) != 0
    }
  }

  /// Adds a chunk; false when it was there already or lies outside the map.
  @discardableResult
  package mutating func insert(_ chunk: UInt64) -> Bool {
    guard chunk < capacity else { return false }
    let pageIndex = Int(chunk / UInt64(Self.chunksPerPage))
    let bit = Int(chunk % UInt64(Self.chunksPerPage))
    let mask: UInt64 = 1 << UInt64(bit & 63)
    var words: [UInt64]
    var pageCount: Int
    switch pages[pageIndex] {
    case .full: return false
    case .empty:
      words = Array(repeating: 0, count: Self.wordsPerPage)
      pageCount = 0
    case .partial(let present, let n):
      words = present
      pageCount = n
    }
    if words[bit >> 6] & mask != 0 { return false }
    // The page gives up its words before they change, so that they are not copied.
    pages[pageIndex] = .empty
    words[bit >> 6] |= mask
    pageCount += 1
    pages[pageIndex] =
      pageCount == pageCapacity(pageIndex) ? .full : .partial(words: words, count: pageCount)
    count += 1
    return true
  }

  /// Adds all of these chunks; the range lies within the map. Whole pages cost nothing.
  package mutating func insert(_ chunks: Range<UInt64>) {
    var chunk = chunks.lowerBound
    while chunk < min(chunks.upperBound, capacity) {
      let page = Int(chunk / UInt64(Self.chunksPerPage))
      if chunk % UInt64(Self.chunksPerPage) == 0, UInt64(pageCapacity(page)) <= chunks.upperBound - chunk,
        case .empty = pages[page]
      {
        pages[page] = .full
        count += UInt64(pageCapacity(page))
        chunk += UInt64(pageCapacity(page))
      } else {
        insert(chunk)
        chunk += 1
      }
    }
  }

  /// Removes a chunk; false when it was not there.
  @discardableResult
  package mutating func remove(_ chunk: UInt64) -> Bool {
    guard contains(chunk) else { return false }
    let pageIndex = Int(chunk / UInt64(Self.chunksPerPage))
    let bit = Int(chunk % UInt64(Self.chunksPerPage))
    var words: [UInt64]
    let pageCount: Int
    switch pages[pageIndex] {
    case .empty: return false
    case .full:
      pageCount = pageCapacity(pageIndex)
      words = Array(repeating: 0, count: Self.wordsPerPage)
      for i in 0..<pageCount { words[i >> 6] |= 1 << UInt64(i & 63) }
    case .partial(let present, let n):
      words = present
      pageCount = n
    }
    pages[pageIndex] = .empty
    words[bit >> 6] &= ~(1 << UInt64(bit & 63))
    pages[pageIndex] = pageCount == 1 ? .empty : .partial(words: words, count: pageCount - 1)
    count -= 1
    return true
  }

  /// The first range of chunks not in the map at or after `start` and before `limit`, at most `maximumCount`
  /// long.
  package func firstMissing(from start: UInt64, limit: UInt64, maximumCount: UInt64 = .max) -> Range<UInt64>?
  {
    let limit = min(limit, capacity)
    var chunk = start
    while chunk < limit {
      if case .full = pages[Int(chunk / UInt64(Self.chunksPerPage))] {
        chunk = (chunk / UInt64(Self.chunksPerPage) + 1) * UInt64(Self.chunksPerPage)
        continue
      }
      if !contains(chunk) { break }
      chunk += 1
    }
    guard chunk < limit else { return nil }
    var end = chunk + 1
    while end < limit, end - chunk < maximumCount {
      if end % UInt64(Self.chunksPerPage) == 0,
        case .empty = pages[Int(end / UInt64(Self.chunksPerPage))]
      {
        end = min(end + UInt64(Self.chunksPerPage), limit)
        continue
      }
      if contains(end) { break }
      end += 1
    }
    return chunk..<min(end, chunk.addingReportingOverflow(maximumCount).overflow ? end : chunk + maximumCount)
  }
}
