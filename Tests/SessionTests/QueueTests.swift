import Session
import Testing

@Suite struct QueueTests {
  @Test func keepsOrderThroughCompaction() {
    var queue = Queue<Int>()
    var expected = 0
    for value in 0..<10_000 {
      queue.append(value)
      if value % 3 != 0 {
        #expect(queue.first == expected)
        queue.removeFirst()
        expected += 1
      }
    }
    #expect(queue.count == 10_000 - expected && queue.last == 9_999)
    while let first = queue.first {
      #expect(first == expected)
      queue.removeFirst()
      expected += 1
    }
    #expect(queue.isEmpty && expected == 10_000)
  }

  @Test func emptyHasNeitherEnd() {
    var queue = Queue<Int>()
    queue.removeFirst()
    queue.replaceLast(1)
    #expect(queue.isEmpty && queue.first == nil && queue.last == nil)
  }

  @Test func prependsAtEitherPlaceOfTheHead() {
    var queue = Queue<Int>()
    queue.prepend(2)
    queue.append(3)
    queue.removeFirst()
    queue.prepend(1)
    queue.prepend(0)
    queue.replaceLast(4)
    #expect(queue.count == 3 && queue.first == 0 && queue.last == 4)
    queue.removeAll()
    #expect(queue.isEmpty)
  }
}
