import Ground
import Session
import Testing

@Suite struct ChunkMapTests {
  /// Around the ends of pages of 32,768 chunks, and a last page that is not full-sized.
  @Test(arguments: [UInt64(1), 63, 64, 65, 32_767, 32_768, 32_769, 100_000])
  func fillsAndEmpties(capacity: UInt64) {
    var map = ChunkMap(capacity: capacity)
    #expect(map.count == 0 && !map.isFull)
    for chunk in 0..<capacity {
      #expect(!map.contains(chunk))
      #expect(map.insert(chunk) == true)
      #expect(map.insert(chunk) == false)
    }
    #expect(map.isFull && map.firstMissing(from: 0, limit: .max) == nil)
    #expect(map.insert(capacity) == false)
    #expect(!map.contains(capacity))
    #expect(map.remove(capacity - 1) == true)
    #expect(map.remove(capacity - 1) == false)
    #expect(map.count == capacity - 1)
    #expect(map.firstMissing(from: 0, limit: .max) == capacity - 1..<capacity)
  }

  @Test func agreesWithASet() {
    var generator = SplitMix64(seed: 7)
    var map = ChunkMap(capacity: 70_000)
    var set: Set<UInt64> = []
    for _ in 0..<30_000 {
      let chunk = generator.next() % 70_010
      if generator.next() % 3 == 0 {
        #expect(map.remove(chunk) == (set.remove(chunk) != nil))
      } else if chunk < 70_000 {
        #expect(map.insert(chunk) == set.insert(chunk).inserted)
      }
    }
    #expect(map.count == UInt64(set.count))
    var start: UInt64 = 0
    var missing: UInt64 = 0
    while let gap = map.firstMissing(from: start, limit: 70_000) {
      #expect(gap.allSatisfy { !set.contains($0) })
      #expect(gap.lowerBound == 0 || set.contains(gap.lowerBound - 1) || gap.lowerBound == start)
      missing += gap.upperBound - gap.lowerBound
      start = gap.upperBound
    }
    #expect(missing == 70_000 - map.count)
  }

  @Test func rangesAgreeWithASet() {
    var generator = SplitMix64(seed: 8)
    for limit in [3, 70, 300, 40_000] as [UInt64] {
      var map = ChunkMap(capacity: 70_000)
      var set: Set<UInt64> = []
      for _ in 0..<60 {
        let first = generator.next() % 70_100
        let range = first..<first + generator.next() % limit
        map.insert(range)
        set.formUnion(range.filter { $0 < 70_000 })
        let gone = generator.next() % 70_000
        #expect(map.remove(gone) == (set.remove(gone) != nil))
        #expect(map.count == UInt64(set.count))
      }
      #expect((0..<70_000).allSatisfy { map.contains($0) == set.contains($0) })
      map.insert(0..<70_000)
      #expect(map.isFull && map.firstMissing(from: 0, limit: .max) == nil)
    }
  }

  @Test func gapsAreCutToTheLimitAndTheMaximum() {
    var map = ChunkMap(capacity: 1 << 32)
    map.insert(10)
    #expect(map.firstMissing(from: 0, limit: 100) == 0..<10)
    #expect(map.firstMissing(from: 10, limit: 100) == 11..<100)
    #expect(map.firstMissing(from: 11, limit: .max) == 11..<(1 << 32))
    #expect(map.firstMissing(from: 11, limit: .max, maximumCount: 5) == 11..<16)
    #expect(map.firstMissing(from: 50_000, limit: .max, maximumCount: 65_536) == 50_000..<115_536)
    #expect(map.firstMissing(from: 100, limit: 100) == nil)
    #expect(map.firstMissing(from: 1 << 32, limit: .max) == nil)
  }

  /// Full, empty and begun pages, and ranges that begin and end anywhere.
  @Test func countsInARange() {
    let page = UInt64(ChunkMap.chunksPerPage)
    var map = ChunkMap(capacity: 3 * page + 100)
    map.insert(0..<page)
    for chunk in stride(from: page, to: page + 1000, by: 3) { map.insert(chunk) }
    map.insert(3 * page + 99)
    let edges = [0, 1, 63, 64, 65, page - 1, page, page + 1, page + 64, page + 999, 2 * page, 3 * page + 99]
    for first in edges {
      for end in edges + [3 * page + 100, 4 * page] where end >= first {
        let expected = (first..<end).count { map.contains($0) }
        #expect(map.count(in: first..<end) == UInt64(expected), "\(first)..<\(end)")
      }
    }
  }
}
