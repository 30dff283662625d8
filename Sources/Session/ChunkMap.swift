/// A set of chunk indices. It costs memory only for incomplete pages: a page has 32,768 chunks and is empty,
/// full or a 4 KiB bitmap. A transfer in order with losses has a page or two open, whatever the size of the
/// set.
package struct ChunkMap: Sendable {
  package static let chunksPerPage = 32_768
  private static let wordsPerPage = chunksPerPage / 64

  private struct Page: Sendable {
    /// Chunks of the page that are in the map.
    var count = 0
    /// A bit for each chunk; none while the page is empty, and when it is full.
    var words: [UInt64] = []

    var isEmpty: Bool { count == 0 }
    var isFull: Bool { count > 0 && words.isEmpty }

    func contains(_ bit: Int) -> Bool {
      words.isEmpty ? count > 0 : words[bit >> 6] & (1 << UInt64(bit & 63)) != 0
    }

    /// False when the chunk is there already. `capacity`: the chunks of this page.
    mutating func insert(_ bit: Int, capacity: Int) -> Bool {
      if words.isEmpty {
        guard count == 0 else { return false }
        words = Array(repeating: 0, count: wordsPerPage)
      }
      let mask: UInt64 = 1 << UInt64(bit & 63)
      guard words[bit >> 6] & mask == 0 else { return false }
      words[bit >> 6] |= mask
      count += 1
      if count == capacity { words = [] }
      return true
    }

    /// Inserts chunks in steps of 64. Returns how many were not there.
    mutating func insert(_ bits: Range<Int>, capacity: Int) -> Int {
      guard !isFull else { return 0 }
      let before = count
      guard bits.count < capacity else {
        (count, words) = (capacity, [])
        return capacity - before
      }
      if words.isEmpty { words = Array(repeating: 0, count: wordsPerPage) }
      var bit = bits.lowerBound
      while bit < bits.upperBound {
        let bitCount = min(64 - (bit & 63), bits.upperBound - bit)
        let mask = (UInt64.max >> UInt64(64 - bitCount)) << UInt64(bit & 63)
        count += bitCount - (words[bit >> 6] & mask).nonzeroBitCount
        words[bit >> 6] |= mask
        bit += bitCount
      }
      if count == capacity { words = [] }
      return count - before
    }

    /// Removes a chunk that is there.
    mutating func remove(_ bit: Int) {
      if words.isEmpty {
        words = Array(repeating: 0, count: wordsPerPage)
        for i in 0..<count { words[i >> 6] |= 1 << UInt64(i & 63) }
      }
      words[bit >> 6] &= ~(1 << UInt64(bit & 63))
      count -= 1
      if count == 0 { words = [] }
    }
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
    pages = Array(repeating: Page(), count: Int(pageCount))
  }

  private func pageCapacity(_ page: Int) -> Int {
    Int(min(UInt64(Self.chunksPerPage), capacity - UInt64(page) * UInt64(Self.chunksPerPage)))
  }

  package func contains(_ chunk: UInt64) -> Bool {
    guard chunk < capacity else { return false }
    return pages[Int(chunk / UInt64(Self.chunksPerPage))].contains(Int(chunk % UInt64(Self.chunksPerPage)))
  }

  /// Adds a chunk; false when it was there already or lies outside the map.
  @discardableResult
  package mutating func insert(_ chunk: UInt64) -> Bool {
    guard chunk < capacity else { return false }
    let page = Int(chunk / UInt64(Self.chunksPerPage))
    let bit = Int(chunk % UInt64(Self.chunksPerPage))
    guard pages[page].insert(bit, capacity: pageCapacity(page)) else { return false }
    count += 1
    return true
  }

  /// Adds all of these chunks that lie within the map. Costs a step for each 64 chunks of an incomplete page.
  package mutating func insert(_ chunks: Range<UInt64>) {
    var chunk = chunks.lowerBound
    let end = min(chunks.upperBound, capacity)
    while chunk < end {
      let page = Int(chunk / UInt64(Self.chunksPerPage))
      let first = UInt64(page) * UInt64(Self.chunksPerPage)
      let pageEnd = min(end, first + UInt64(Self.chunksPerPage))
      count += UInt64(
        pages[page].insert(Int(chunk - first)..<Int(pageEnd - first), capacity: pageCapacity(page)))
      chunk = pageEnd
    }
  }

  /// Removes a chunk; false when it was not there.
  @discardableResult
  package mutating func remove(_ chunk: UInt64) -> Bool {
    guard contains(chunk) else { return false }
    pages[Int(chunk / UInt64(Self.chunksPerPage))].remove(Int(chunk % UInt64(Self.chunksPerPage)))
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
      if pages[Int(chunk / UInt64(Self.chunksPerPage))].isFull {
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
        pages[Int(end / UInt64(Self.chunksPerPage))].isEmpty
      {
        end = min(end + UInt64(Self.chunksPerPage), limit)
        continue
      }
      if contains(end) { break }
      end += 1
    }
    return chunk..<min(end, chunk.addingReportingOverflow(maximumCount).overflow ? end : chunk + maximumCount)
  }

  /// How many of these chunks are in the map. Costs a step for each 64 chunks of an incomplete page.
  package func count(in chunks: Range<UInt64>) -> UInt64 {
    var found: UInt64 = 0
    var chunk = chunks.lowerBound
    let end = min(chunks.upperBound, capacity)
    while chunk < end {
      let page = Int(chunk / UInt64(Self.chunksPerPage))
      let pageEnd = min(end, UInt64(page + 1) * UInt64(Self.chunksPerPage))
      let words = pages[page].words
      guard !words.isEmpty else {
        if pages[page].isFull { found += pageEnd - chunk }
        chunk = pageEnd
        continue
      }
      while chunk < pageEnd {
        let bit = chunk % 64
        let bitCount = min(64 - bit, pageEnd - chunk)
        let mask = (bitCount == 64 ? .max : (1 as UInt64) << bitCount - 1) << bit
        found += UInt64((words[Int(chunk % UInt64(Self.chunksPerPage)) >> 6] & mask).nonzeroBitCount)
        chunk += bitCount
      }
    }
    return found
  }
}
