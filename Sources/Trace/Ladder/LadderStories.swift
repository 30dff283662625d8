/// Which datagrams belong together: a chunk that was lost, the NACKs that ask for it, their notices, and the
/// repairs. One such set is a story.
struct LadderStories: Sendable {
  /// For each datagram of the ladder its story, counted from 0 in the order of their beginning; nil for none.
  private(set) var storyOf: [Int?]
  /// NACKs that belong to several stories, and these.
  private(set) var askers: [Int: [Int]] = [:]
  /// The datagrams of each story, in order.
  private(set) var members: [[Int]] = []

  /// A damaged file may ask for any number of chunks. This many of one NACK are looked at, as many as a NACK
  /// of a session can ask for.
  private static let chunkLimit: UInt64 = 65_536
  /// Chunks in all stories together; a bound for memory.
  private static let totalLimit = 1 << 20

  private var storyOfChunk: [UInt64: Int] = [:]
  private var count = 0
  /// The last lost chunk that no NACK asks for.
  private var unasked: (chunk: UInt64, story: Int)?

  init(_ datagrams: [LadderDatagram]) {
    storyOf = Array(repeating: nil, count: datagrams.count)
    for (index, datagram) in datagrams.enumerated() where datagram.type == "nack" {
      let stories = stories(askingFor: datagram.ranges)
      storyOf[index] = stories.first
      if stories.count > 1 { askers[index] = stories }
    }
    for (index, datagram) in datagrams.enumerated() where datagram.type == "data" {
      guard let chunk = datagram.chunk, datagram.isRepair || datagram.isLost else { continue }
      storyOf[index] = storyOfChunk[chunk] ?? (datagram.isLost ? story(unaskedFor: chunk) : nil)
    }
    addParity(datagrams)
    addNotices(datagrams)
    number()
  }

  /// The story that contains a chunk.
  func story(of chunk: UInt64, in datagrams: [LadderDatagram]) -> Int? {
    for (story, indices) in members.enumerated() {
      for index in indices {
        let datagram = datagrams[index]
        if datagram.chunk == chunk, datagram.type == "data" { return story }
      }
    }
    return nil
  }

  private mutating func begin(_ chunk: UInt64) -> Int {
    remember(chunk, count)
    count += 1
    return count - 1
  }

  private mutating func remember(_ chunk: UInt64, _ story: Int) {
    if storyOfChunk.count < Self.totalLimit { storyOfChunk[chunk] = story }
  }

  /// Chunks that a NACK asks for first, and together, are one story. Those that an earlier NACK asked for
  /// remain in theirs. In the order of the chunks.
  private mutating func stories(askingFor ranges: [ClosedRange<UInt64>]) -> [Int] {
    var found: [Int] = []
    var new: Int?
    var lookedAt: UInt64 = 0
    for range in ranges where lookedAt < Self.chunkLimit {
      let last = range.lowerBound + min(range.upperBound - range.lowerBound, Self.chunkLimit - lookedAt - 1)
      lookedAt += last - range.lowerBound + 1
      for chunk in range.lowerBound...last {
        if let story = storyOfChunk[chunk], story != new {
          if !found.contains(story) { found.append(story) }
        } else if let new {
          remember(chunk, new)
        } else {
          let story = begin(chunk)
          new = story
          found.append(story)
        }
      }
    }
    return found
  }

  /// Chunks in a row that were lost, and that no NACK asks for, are one story.
  private mutating func story(unaskedFor chunk: UInt64) -> Int {
    guard let unasked, chunk > 0, chunk - 1 == unasked.chunk else {
      let story = begin(chunk)
      unasked = (chunk, story)
      return story
    }
    self.unasked = (chunk, unasked.story)
    remember(chunk, unasked.story)
    return unasked.story
  }

  /// A symbol repairs any chunk of its block. It belongs to the NACK that arrived last.
  private mutating func addParity(_ datagrams: [LadderDatagram]) {
    let heard = datagrams.indices.filter { datagrams[$0].type == "nack" && datagrams[$0].arrivedAt != nil }
      .sorted { (datagrams[$0].arrivedAt ?? 0) < (datagrams[$1].arrivedAt ?? 0) }
    var next = 0
    var story: Int?
    for (index, datagram) in datagrams.enumerated() where datagram.type == "parity" && datagram.isRepair {
      while next < heard.count, datagrams[heard[next]].arrivedAt ?? 0 <= datagram.firstAt {
        story = storyOf[heard[next]]
        next += 1
      }
      storyOf[index] = story
    }
  }

  /// A notice announces the repairs behind it.
  private mutating func addNotices(_ datagrams: [LadderDatagram]) {
    var story: Int?
    for (index, datagram) in datagrams.enumerated().reversed() {
      if datagram.isData, datagram.isRepair { story = storyOf[index] }
      if datagram.type == "repair_notice" { storyOf[index] = story }
    }
  }

  /// Numbers the stories by their first datagram, and collects their members.
  private mutating func number() {
    var numbers: [Int: Int] = [:]
    for index in storyOf.indices {
      guard let story = storyOf[index] else { continue }
      let own = (askers[index] ?? [story]).map { story in
        let number = numbers[story] ?? numbers.count
        numbers[story] = number
        if number == members.count { members.append([]) }
        members[number].append(index)
        return number
      }
      storyOf[index] = own.min()
      askers[index] = own.count > 1 ? own.sorted() : nil
    }
  }
}
